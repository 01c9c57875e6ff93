"""The privacy centre in a real browser: every journey, judged on the way."""

from collections.abc import Iterator
from contextlib import suppress

import pytest
from playwright.sync_api import Browser, Error, Page, expect

from tests.dsar.identity.centre import Someone
from tests.pages import looks
from tests.pages.browser import DESKTOP, PHONE, Person, person
from tests.pages.privacy.guest import publish
from tests.pages.privacy.house import PRIVACY, House, house_at

TAPS_AT_MOST = 6
FIRST_CONTENT_BYTES = 100_000
FILES_OF_A_PAGE = 5
"""The page, two style sheets, two scripts."""


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    with house_at(tmp_path_factory.mktemp("house")) as opened:
        yield opened


def see(one: Person, name: str | None = None) -> Page:
    """The page as it is now, judged, and photographed where pictures are wanted."""
    looks.judge(one.page)
    if name is not None:
        looks.shot(one.page, f"privacy-{name}")
    return one.page


def sign_in(one: Person, house: House, who: Someone, path: str = "/") -> int:
    """Sign in by a code; tells how many taps that took, of which entering something is one."""
    house.centre.clock.advance(minutes=61)
    one.go(PRIVACY + path)
    one.page.fill("#name", who.fields["phone"])
    one.page.click("main button.wide")
    one.page.wait_for_selector("#code")
    one.page.fill("#code", house.centre.codes()[-1])
    one.page.click("main button.wide")
    one.page.wait_for_selector("details.menu")
    return 4


@pytest.mark.parametrize(("locale", "delete"), [("zh-CN", "删除我的信息"), ("en", "Delete my data")])
@pytest.mark.parametrize("width", [PHONE, DESKTOP])
def test_from_sign_in_to_a_submitted_deletion_in_six_taps(
    browser: Browser, house: House, locale: str, delete: str, width: int
) -> None:
    tag = f"{locale[:2]}-{'phone' if width == PHONE else 'desktop'}"
    with person(browser, house.url, locale=locale, width=width) as one:
        taps = sign_in(one, house, house.person())
        see(one, f"home-{tag}")
        one.page.get_by_role("link", name=delete).click()
        taps += 1
        see(one)
        one.page.click("main button.danger")
        taps += 1
        one.page.wait_for_selector(".timeline")
        see(one, f"request-{tag}")
        assert taps <= TAPS_AT_MOST
        assert one.errors == []
        assert one.foreign() == []


@pytest.mark.parametrize(("locale", "width", "dark"), [("zh-CN", PHONE, False), ("en", DESKTOP, True)])
def test_every_page_is_fit_for_everybody(browser: Browser, house: House, locale: str, width: int, dark: bool) -> None:
    who, tag = house.person(), f"{locale[:2]}-{'phone' if width == PHONE else 'desktop'}{'-dark' if dark else ''}"
    with person(browser, house.url, locale=locale, width=width, dark=dark) as one:
        one.go(f"{PRIVACY}/sign-in")
        see(one, f"sign-in-{tag}")
        one.page.fill("#name", "12")
        one.page.click("main button.wide")
        one.page.wait_for_selector(".error")
        see(one, f"sign-in-error-{tag}")
        sign_in(one, house, who)
        for path, name in (
            ("/looked", "looked-empty"),
            ("/requests", "requests-empty"),
            ("/settings", "settings-empty"),
        ):
            one.go(PRIVACY + path)
            see(one, f"{name}-{tag}")
        house.history(who)
        for path in ("/", "/looked", "/consents", "/requests/new/complain", "/notices", "/settings"):
            one.go(PRIVACY + path)
            for fold in one.page.locator(".held summary").all()[:1]:
                fold.click()
            see(one, f"{path.strip('/').replace('/', '-') or 'home-full'}-{tag}")
        for path in ("/consents/recommendation", "/consents/history", "/requests/new/correct", "/notices/delivery"):
            one.go(PRIVACY + path)
            see(one, f"{path.strip('/').replace('/', '-')}-{tag}")
        one.go(f"{PRIVACY}/nothing")
        see(one, f"missing-{tag}")
        assert one.foreign() == []


@pytest.mark.parametrize("width", [PHONE])
def test_the_keyboard_alone_suffices(browser: Browser, house: House, width: int) -> None:
    house.centre.clock.advance(minutes=61)
    with person(browser, house.url, locale="en", width=width) as one:
        page = one.page
        one.go(f"{PRIVACY}/")
        _tab_to(page, "#name")
        page.keyboard.type(house.person().fields["phone"])
        page.keyboard.press("Enter")
        page.wait_for_selector("#code:focus")
        page.keyboard.type(house.centre.codes()[-1])
        page.keyboard.press("Enter")
        page.wait_for_selector(".held")
        _tab_to(page, "a[href$='/consents']:not(.sheet a)")
        page.keyboard.press("Enter")
        page.wait_for_selector(".switch")
        _tab_to(page, ".switch")
        page.keyboard.press("Space")
        page.wait_for_selector("article.notice")
        _tab_to(page, "form.form button")
        page.keyboard.press("Enter")
        page.wait_for_selector(".switch[aria-checked=true]")
        _tab_to(page, ".switch[aria-checked=true]")
        page.keyboard.press("Enter")
        page.wait_for_selector(".banner.good")
        assert page.locator(".switch[aria-checked=true]").count() == 0


@pytest.mark.parametrize(("locale", "width"), [("en", PHONE)])
def test_everything_works_without_a_script(browser: Browser, house: House, locale: str, width: int) -> None:
    who = house.person()
    with person(browser, house.url, locale=locale, width=width, script=False) as one:
        page = one.page
        sign_in(one, house, who, "/consents")
        assert page.url.endswith("/consents")
        page.locator(".switch").nth(1).click()
        page.get_by_role("button", name="I agree").click()
        expect(page.locator(".switch[aria-checked=true]")).to_have_count(1)
        page.locator(".switch[aria-checked=true]").click()
        expect(page.get_by_text("Withdrawn, as of now")).to_have_count(1)
        one.go(f"{PRIVACY}/requests/new/complain")
        page.select_option("#category", "leaked")
        page.fill("#text", "<b>bold</b>")
        page.get_by_role("button", name="Send the complaint").click()
        page.get_by_role("link", name="Take this request back").click()
        page.get_by_role("button", name="Take it back").click()
        expect(page.get_by_text("You took this request back.").first).to_be_visible()


def test_a_value_is_seen_once_and_the_browser_keeps_nothing_of_it(browser: Browser, house: House) -> None:
    who = house.person()
    with person(browser, house.url, locale="en", width=DESKTOP) as one:
        page = one.page
        sign_in(one, house, who)
        house.centre.clock.advance(minutes=1)
        publish(house.centre)
        page.locator(".values button").first.click()
        page.wait_for_selector("#code")
        see(one, "confirm-en-desktop")
        page.fill("#code", house.centre.codes()[-1])
        page.click("main button.wide")
        page.wait_for_selector(".revealed")
        assert page.locator(".revealed").inner_text() == "李晓雨"
        see(one)
        addresses = [*one.calls, page.url]
        assert not [call for call in addresses if "李" in call or "%E6%9D%8E" in call or who.fields["phone"] in call]
        page.get_by_role("link", name="Done").click()
        page.wait_for_selector(".held")
        assert "李晓雨" not in page.content()
        page.locator("details.menu summary").click()
        page.get_by_role("button", name="Sign out").click()
        page.wait_for_selector("#name")
        for _ in range(4):
            with suppress(Error):  # what a form has answered is not there any more: ERR_CACHE_MISS
                page.go_back()
            assert "李" not in _content(page)
            assert page.locator(".held, .revealed").count() == 0


def test_a_hand_over_leads_in_by_one_tap(browser: Browser, house: House) -> None:
    who = house.person()
    with person(browser, house.url, locale="zh-TW", width=PHONE) as one:
        one.go(PRIVACY + house.centre.page_of_link(who).partition(PRIVACY)[2])
        see(one, "enter-zh-phone")
        one.page.click("main button.wide")
        one.page.wait_for_selector(".held")
        assert one.page.locator("html").get_attribute("lang") == "zh-Hant"


def test_first_content_is_small_and_from_here(browser: Browser, house: House) -> None:
    """What a browser that keeps nothing yet is sent for each main page, packed as it travels."""
    with person(browser, house.url, width=PHONE) as one:
        one.context.new_cdp_session(one.page).send("Network.setCacheDisabled", {"cacheDisabled": True})
        sizes: list[int] = []
        one.context.on("response", lambda got: sizes.append(int(got.headers.get("content-length", "0"))))
        one.go(f"{PRIVACY}/sign-in")
        assert 0 < sum(sizes) < FIRST_CONTENT_BYTES
        sign_in(one, house, house.person())
        for path in ("/", "/looked", "/consents", "/requests", "/notices", "/settings"):
            sizes.clear()
            one.go(PRIVACY + path)
            assert len(sizes) >= FILES_OF_A_PAGE, path
            assert sum(sizes) < FIRST_CONTENT_BYTES, path
        assert one.foreign() == []


def _tab_to(page: Page, selector: str) -> None:
    """Press Tab until the first of what fits is in focus."""
    for _ in range(60):
        if page.evaluate("s => document.activeElement.matches(s)", selector):
            return
        page.keyboard.press("Tab")
    raise AssertionError(f"no key leads to {selector}")


def _content(page: Page) -> str:
    """What a page has come to, once it is on its way to nowhere else."""
    for _ in range(200):
        with suppress(Error):
            page.wait_for_load_state("networkidle")
            return page.content()
        page.wait_for_timeout(50)
    raise AssertionError("the page does not come to rest")
