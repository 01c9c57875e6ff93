"use strict";
/* A form with data-passkey asks the server what an authenticator is to sign, lets it sign, and is sent with the answer.
   data-passkey is "get" or "create"; data-options is where the question comes from. */

const octets = (text) => Uint8Array.from(atob(text.replace(/-/g, "+").replace(/_/g, "/")), (one) => one.charCodeAt(0));

const text = (buffer) =>
  btoa(String.fromCharCode(...new Uint8Array(buffer))).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");

const named = (known) => (known ?? []).map((one) => ({ ...one, id: octets(one.id) }));

async function question(form) {
  const token = form.querySelector('input[name="form_token"]').value;
  const answer = await fetch(form.dataset.options, { method: "POST", headers: { "X-Form-Token": token }, redirect: "error" });
  if (!answer.ok) throw new Error("refused");
  const asked = await answer.json();
  asked.challenge = octets(asked.challenge);
  if (asked.user) asked.user.id = octets(asked.user.id);
  if (asked.excludeCredentials) asked.excludeCredentials = named(asked.excludeCredentials);
  if (asked.allowCredentials) asked.allowCredentials = named(asked.allowCredentials);
  return asked;
}

async function answered(form) {
  const publicKey = await question(form);
  const made = form.dataset.passkey === "create"
    ? await navigator.credentials.create({ publicKey })
    : await navigator.credentials.get({ publicKey });
  const response = { clientDataJSON: text(made.response.clientDataJSON) };
  for (const part of ["attestationObject", "authenticatorData", "signature", "userHandle"]) {
    if (made.response[part]) response[part] = text(made.response[part]);
  }
  if (made.response.getTransports) response.transports = made.response.getTransports();
  return JSON.stringify({
    id: made.id, rawId: text(made.rawId), type: made.type, response, clientExtensionResults: made.getClientExtensionResults(),
  });
}

for (const form of document.querySelectorAll("form[data-passkey]")) {
  const button = form.querySelector("button");
  const wrong = form.querySelector("[data-wrong]");
  button.disabled = false;
  form.addEventListener("submit", async (event) => {
    if (form.elements.answer.value) return;
    event.preventDefault();
    wrong.hidden = true;
    button.disabled = true;
    try {
      if (!window.PublicKeyCredential) throw new Error("unknown here");
      form.elements.answer.value = await answered(form);
      form.requestSubmit();
    } catch {
      wrong.hidden = false;
      button.disabled = false;
    }
  });
}

const copy = document.querySelector("[data-copy]");
if (copy !== null && navigator.clipboard) {
  copy.hidden = false;
  copy.addEventListener("click", async () => {
    await navigator.clipboard.writeText(document.getElementById(copy.dataset.copy).textContent.trim());
    copy.textContent = copy.dataset.done;
  });
}
