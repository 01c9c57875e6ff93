"""Every page of the demo in a real browser, found by following links as each of its people, on the narrowest of screens.

English words are the longest, so English is what every run walks, and whether everything fits; `SHOTS=1` walks all languages, and
judges contrast, too, by light and in the dark, which the tests of the pages themselves do each time.
"""

import os
import re
from collections.abc import Iterator
from contextlib import ExitStack
from typing import Literal

import pytest
from playwright.sync_api import Error, Page

from app import Moat
from demo.cast import residents
from tests.pages import looks
from tests.pages.browser import PHONE, Person, chromium, person
from tests.pages.listening import listening
from tests.support.server import free_port

pytestmark = pytest.mark.xdist_group("demo")

EVERYBODY = ["", residents()["much"].subject, "lin.lan", "zhao.ning", "sun.yi", "he.qing"]
OUTSIDE = ["/", "/demo/messages", "/staff/at/default", "/staff/at/default/code", "/privacy/default/sign-in", "/nowhere"]
PAGES_AT_LEAST = 50
SHOTS = bool(os.environ.get("SHOTS"))
LANGUAGES = ["en", "zh-CN", "zh-TW"] if SHOTS else ["en"]
SCHEMES: list[Literal["light", "dark"]] = ["light", "dark"] if SHOTS else []

_PAGE = re.compile(r"/(privacy|staff|console|auditor|demo)[/?]?")
_FILE = re.compile(r"/language/|/receipts/|/records/|/octets$|/download|/file|format=|\.(csv|json|html|zip|pdf)$")
_ONE_OF_MANY = re.compile(
    r"[0-9a-f]{8}-[0-9a-f-]{27}|(?<=/)\d+|(?<=/notices/)[a-z_]+|(?<=/catalogue/)[a-z_]+|(?<=/consents/)[a-z]+_[a-z_]+"
)


@pytest.fixture(scope="module", params=LANGUAGES)
def browser(request: pytest.FixtureRequest, moat: Moat) -> Iterator[list[Person]]:
    """Each of the people before a browser of their own."""
    port = free_port()
    with ExitStack() as held:
        held.enter_context(listening(moat.app, port))
        opened = held.enter_context(chromium())
        url = f"http://localhost:{port}"
        yield [held.enter_context(person(opened, url, locale=request.param, width=PHONE)) for _ in EVERYBODY]


def test_no_page_is_too_wide_too_small_to_tap_or_too_faint_to_read(browser: list[Person]) -> None:
    seen: set[str] = set()
    for who, one in zip(EVERYBODY, browser, strict=True):
        one.go("/")
        looks.shot(one.page, f"demo-doors-{one.page.locator('html').get_attribute('lang')}-phone")
        if who:
            one.page.locator(f'button[name="who"][value="{who}"]').click()
        _walk(one, [one.page.url.removeprefix(one.url)] if who else OUTSIDE, seen)
        assert one.foreign() == []
        assert [error for error in one.errors if "status of 404" not in error] == []
    assert len(seen) >= PAGES_AT_LEAST, sorted(seen)


def _walk(one: Person, first: list[str], seen: set[str]) -> None:
    """Look at every kind of page that links lead to; of many alike, at the first."""
    waiting = list(first)
    while waiting:
        path = waiting.pop(0)
        shape = _ONE_OF_MANY.sub("…", path.partition("?")[0])
        if shape in seen:
            continue
        seen.add(shape)
        try:
            one.go(path)
        except Error as download:
            if "Download is starting" not in str(download):
                raise
            continue
        _judge(one.page, path)
        links = one.page.eval_on_selector_all("a[href]", "all => all.map(one => one.getAttribute('href'))")
        waiting += [link.partition("#")[0] for link in links if _PAGE.match(link) and not _FILE.search(link)]


def _judge(page: Page, path: str) -> None:
    assert page.locator(".demo").is_visible(), path
    assert page.locator(".brand span").bounding_box()["height"] < 30, f"the name of the site takes two lines: {path}"  # type: ignore[index]
    assert looks.overflow(page) == 0, path
    assert looks.small_targets(page) == [], path
    for scheme in SCHEMES:
        page.emulate_media(color_scheme=scheme)
        assert looks.faint(page) == [], f"{scheme}: {path}"
