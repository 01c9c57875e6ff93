"use strict";
/* Computes the way from the entry to the root once more, in this browser (RFC 9162, section 2.1), and says whether it leads there.
   It is an aid: this page comes from the server that is being checked. The judge is moat-verify, on a machine of the auditor's. */

(async () => {
  const said = document.getElementById("own-check");
  if (said === null) return;
  const show = (text, tone) => {
    said.className = `banner ${tone}`;
    said.setAttribute("role", tone === "danger" ? "alert" : "status");
    said.textContent = text;
    said.hidden = false;
  };
  if (!globalThis.crypto || !crypto.subtle) {
    show(said.dataset.cannot, "note");
    return;
  }
  const octets = (hex) => Uint8Array.from(hex.match(/../g) ?? [], (pair) => parseInt(pair, 16));
  const joined = (...parts) => {
    const whole = new Uint8Array(parts.reduce((length, part) => length + part.length, 0));
    let place = 0;
    for (const part of parts) {
      whole.set(part, place);
      place += part.length;
    }
    return whole;
  };
  const hash = async (...parts) => new Uint8Array(await crypto.subtle.digest("SHA-256", joined(...parts)));

  const entry = new TextEncoder().encode(document.getElementById("entry-octets").textContent);
  let node = await hash(Uint8Array.of(0), entry);
  for (const step of document.querySelectorAll(".way > li")) {
    const sibling = octets(step.dataset.sibling);
    node = step.dataset.left === "yes" ? await hash(Uint8Array.of(1), sibling, node) : await hash(Uint8Array.of(1), node, sibling);
  }
  const root = document.getElementById("root-hash").textContent.trim();
  const found = Array.from(node, (octet) => octet.toString(16).padStart(2, "0")).join("");
  show(found === root ? said.dataset.works : said.dataset.fails, found === root ? "good" : "danger");
})();
