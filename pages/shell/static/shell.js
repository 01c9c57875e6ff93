"use strict";
/* What all pages do where there is a script: they show nothing of a session that is over, and send their token with what htmx asks. */

window.addEventListener("pageshow", (event) => {
  if (event.persisted) {
    document.documentElement.hidden = true;
    window.location.reload();
  }
});

document.addEventListener("htmx:configRequest", (event) => {
  const token = document.querySelector('meta[name="form-token"]');
  if (token !== null) event.detail.headers["X-Form-Token"] = token.content;
});

document.addEventListener("htmx:responseError", () => window.location.reload());

document.addEventListener("click", (event) => {
  for (const menu of document.querySelectorAll("details.menu[open]")) {
    if (!menu.contains(event.target)) menu.open = false;
  }
});

document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  const menu = document.querySelector("details.menu[open]");
  if (menu !== null) {
    menu.open = false;
    menu.querySelector("summary").focus();
  }
});
