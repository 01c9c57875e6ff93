"""Debian's Chromium, headless, as a person would have it: with a width, a language, dark or light, with a script or without."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

CHROMIUM = Path("/usr/bin/chromium")
ARGUMENTS = [
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
PHONE, DESKTOP = 320, 1280
HEIGHTS = {PHONE: 720, DESKTOP: 800}
WAIT_MS = 20_000


@contextmanager
def chromium() -> Iterator[Browser]:
    """A browser. While it is open, this thread can run no event loop of its own: close it with the module that uses it."""
    as_root = ["--no-sandbox"] if os.geteuid() == 0 else []
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=[*ARGUMENTS, *as_root])
        try:
            yield browser
        finally:
            browser.close()


@dataclass
class Person:
    """Somebody with a browser of their own. `calls` are the addresses that it asked for, `errors` what its console said."""

    context: BrowserContext
    page: Page
    url: str
    calls: list[str] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)

    def go(self, path: str) -> None:
        """Open a page of the service."""
        self.page.goto(path if path.startswith("http") else self.url + path)

    def foreign(self) -> list[str]:
        """What the browser asked of somebody else."""
        return [call for call in self.calls if not call.startswith((self.url, "data:", "about:", "blob:"))]

    def dark(self, on: bool = True) -> None:
        self.page.emulate_media(color_scheme="dark" if on else "light")

    def width(self, width: int) -> None:
        self.page.set_viewport_size({"width": width, "height": HEIGHTS.get(width, 800)})

    def passkeys(self) -> Any:
        """Give the browser a virtual authenticator that verifies its user (CDP, domain WebAuthn)."""
        session = self.context.new_cdp_session(self.page)
        session.send("WebAuthn.enable")
        options = {
            "protocol": "ctap2",
            "transport": "internal",
            "hasResidentKey": True,
            "hasUserVerification": True,
            "isUserVerified": True,
            "automaticPresenceSimulation": True,
        }
        session.send("WebAuthn.addVirtualAuthenticator", {"options": options})
        return session


@contextmanager
def person(
    browser: Browser, url: str, *, locale: str = "zh-CN", width: int = DESKTOP, script: bool = True, dark: bool = False
) -> Iterator[Person]:
    """A new person before an empty browser."""
    context = browser.new_context(
        locale=locale,
        viewport={"width": width, "height": HEIGHTS.get(width, 800)},
        java_script_enabled=script,
        color_scheme="dark" if dark else "light",
        reduced_motion="reduce",
    )
    context.set_default_timeout(WAIT_MS)
    page = context.new_page()
    one = Person(context, page, url)
    context.on("request", lambda request: one.calls.append(request.url))
    page.on("console", lambda said: one.errors.append(said.text) if said.type == "error" else None)
    page.on("pageerror", lambda error: one.errors.append(str(error)))
    try:
        yield one
    finally:
        context.close()
