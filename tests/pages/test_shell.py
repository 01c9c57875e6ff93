"""What all pages stand on: judged with every component on one page, and by its parts."""

import re
from collections.abc import Iterator
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from jinja2 import DictLoader, UndefinedError
from playwright.sync_api import Browser

from consent.locale import Locale
from pages.shell import forgery
from pages.shell.door import local_path
from pages.shell.language import chosen
from pages.shell.moments import Moments
from pages.shell.site import PAGES
from pages.shell.texts import TextMissingError, shipped
from pages.shell.writing import Writer
from tests.pages import looks
from tests.pages.browser import DESKTOP, PHONE, person
from tests.pages.gallery import edge_of, gallery
from web.edge import Edge

NOW = 1_795_320_000_000
"""2026-11-22T00:00:00Z."""
DAY = 86_400_000


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory, sqlite_template: Path) -> Iterator[str]:
    with gallery(sqlite_template) as url:
        yield url


@pytest.fixture
def edge(sqlite_template: Path) -> Iterator[Edge]:
    made = edge_of(f"sqlite:///{sqlite_template}")
    yield made
    made.close()


@pytest.mark.parametrize("kind", ["console", "centre"])
@pytest.mark.parametrize(("locale", "width", "dark"), [("zh-CN", PHONE, True), ("en", DESKTOP, False)])
def test_every_component_is_fit_for_everybody(
    browser: Browser, place: str, kind: str, locale: str, width: int, dark: bool
) -> None:
    with person(browser, place, locale=locale, width=width, dark=dark) as one:
        one.go(f"/gallery?kind={kind}")
        looks.judge(one.page)
        assert one.errors == []
        assert one.foreign() == []
        assert one.page.evaluate("typeof htmx") == "object"


def test_a_language_is_chosen_by_hand_and_kept(browser: Browser, place: str) -> None:
    with person(browser, place, locale="en", script=False) as one:
        one.go("/gallery")
        assert one.page.locator("html").get_attribute("lang") == "en"
        one.page.get_by_role("link", name="繁體中文").click()
        assert one.page.locator("html").get_attribute("lang") == "zh-Hant"
        one.go("/gallery")
        assert one.page.locator("html").get_attribute("lang") == "zh-Hant"


def test_a_form_of_the_page_is_taken_and_says_so_once(browser: Browser, place: str) -> None:
    with person(browser, place, locale="en") as one:
        one.go("/gallery")
        one.page.get_by_role("switch").first.click()
        assert one.page.get_by_role("status").first.inner_text() == "Sample"
        one.page.reload()
        assert "Sample" not in one.page.get_by_role("status").first.inner_text()


def test_a_keyboard_reaches_the_content_first(browser: Browser, place: str) -> None:
    with person(browser, place, locale="en") as one:
        one.go("/gallery")
        one.page.keyboard.press("Tab")
        assert one.page.evaluate("document.activeElement.textContent") == "Skip to content"
        one.page.keyboard.press("Enter")
        assert one.page.evaluate("document.activeElement.id") == "content"


def test_a_page_and_all_that_it_loads_are_under_a_hundred_kilobytes(edge: Edge) -> None:
    client = edge.app.test_client()
    page = client.get("/gallery")
    addresses = set(re.findall(r'"(/static/[^"]+)"', page.text))
    assert len(addresses) == 4
    loaded = [client.get(address, headers={"Accept-Encoding": "gzip"}) for address in addresses]
    assert all(one.headers["Cache-Control"] == "public, max-age=31536000, immutable" for one in loaded)
    assert len(page.data) + sum(len(one.data) for one in loaded) < 100_000


def test_an_old_address_of_a_file_is_gone(edge: Edge) -> None:
    answer = edge.app.test_client().get("/static/0000000000000000/shell.css")
    assert answer.status_code == 404
    assert answer.headers["Cache-Control"] == "no-store"


def test_a_page_is_stored_nowhere_and_runs_nothing_but_our_files(edge: Edge) -> None:
    answer = edge.app.test_client().get("/gallery")
    policy = answer.headers.getlist("Content-Security-Policy")
    assert len(policy) == 1
    assert "script-src 'self';" in policy[0]
    assert "unsafe" not in policy[0]
    assert answer.headers["Cache-Control"] == "no-store"
    assert re.search(r"<[^>]+\s(style|on\w+)=", answer.text) is None
    assert re.search(r"<(style|script)(?![^>]*src=)", answer.text) is None
    (cookie,) = answer.headers.getlist("Set-Cookie")
    assert cookie.startswith("__Host-")
    assert {"Secure", "HttpOnly", "SameSite=Lax", "Path=/"} <= set(cookie.split("; "))


def test_what_people_write_stays_text(edge: Edge) -> None:
    text = edge.app.test_client().get("/gallery").text
    assert "<script>alert" not in text
    assert "&lt;script&gt;alert(1)&lt;/script&gt;&#34;&gt;&lt;img src=x onerror=alert(1)&gt;{{7*7}}" in text


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({}, 303),
        ({"Sec-Fetch-Site": "same-origin"}, 303),
        ({"Sec-Fetch-Site": "cross-site"}, 403),
        ({"Sec-Fetch-Site": "same-site"}, 403),
        ({"Sec-Fetch-Site": "none"}, 403),
        ({"Origin": "http://localhost"}, 303),
        ({"Origin": "http://evil.example"}, 403),
        ({"Origin": "null"}, 403),
    ],
)
def test_a_form_sent_by_another_site_is_refused(edge: Edge, headers: dict[str, str], status: int) -> None:
    client = edge.app.test_client()
    token = _token(client.get("/gallery").text)
    answer = client.post("/gallery", data={forgery.FIELD: token}, headers=headers)
    assert answer.status_code == status


def test_a_form_without_the_token_of_its_browser_is_refused(edge: Edge) -> None:
    client, other = edge.app.test_client(), edge.app.test_client()
    client.get("/gallery")
    foreign = _token(other.get("/gallery").text)
    for data in ({}, {forgery.FIELD: ""}, {forgery.FIELD: foreign}, {forgery.FIELD: "é"}):
        answer = client.post("/gallery", data=data)
        assert answer.status_code == 403
        assert answer.content_type.startswith("text/html")
    assert edge.app.test_client().post("/gallery", data={forgery.FIELD: foreign}).status_code == 403


@pytest.mark.parametrize("path", ["/gallery/broken", "/nowhere"])
def test_a_problem_is_said_in_the_page_s_language_with_the_number_of_the_request(edge: Edge, path: str) -> None:
    answer = edge.app.test_client().get(path, headers={"Accept": "text/html", "Accept-Language": "zh-TW"})
    assert answer.status_code in {404, 500}
    assert '<html lang="zh-Hant">' in answer.text
    assert answer.headers["X-Request-Id"] in answer.text
    assert "13812345678" not in answer.text


def test_a_program_hears_of_a_problem_as_before(edge: Edge) -> None:
    assert edge.app.test_client().get("/nowhere").content_type == "application/problem+json"


@pytest.mark.parametrize(
    "given", ["//evil.example", "https://evil.example", "/\\evil.example", "evil", "", None, "/a\nb"]
)
def test_nobody_is_sent_to_another_site(given: str | None) -> None:
    assert local_path(given, "/fallback") == "/fallback"


def test_a_path_of_this_site_is_gone_on_to() -> None:
    assert local_path("/staff/sessions", "/fallback") == "/staff/sessions"


@pytest.mark.parametrize(
    ("cookie", "known", "wanted", "locale"),
    [
        (None, None, None, Locale.ZH_HANS),
        (None, None, "fr, de", Locale.ZH_HANS),
        (None, None, "fr, de;q=0.8, en-GB;q=0.5, zh;q=0.4", Locale.EN),
        (None, None, "zh-HK", Locale.ZH_HANT),
        (None, None, "zh;q=0.1, en;q=0", Locale.ZH_HANS),
        (None, "en", "zh-HK", Locale.EN),
        ("zh-Hant", "en", "zh-CN", Locale.ZH_HANT),
        ("xx", None, "en", Locale.EN),
    ],
)
def test_the_choice_of_the_browser_goes_before_the_session_s_and_that_before_what_is_asked(
    cookie: str | None, known: str | None, wanted: str | None, locale: Locale
) -> None:
    assert chosen(cookie, known, wanted) is locale


def test_every_text_is_there_in_three_languages_with_the_same_values() -> None:
    texts = shipped((PAGES,))
    keys = {locale: {key for key in texts.keys(locale) if not key.endswith(".one")} for locale in Locale}
    assert keys[Locale.EN] == keys[Locale.ZH_HANS] == keys[Locale.ZH_HANT]
    for key in keys[Locale.EN]:
        assert len({texts.places(locale, key) for locale in Locale}) == 1, key


def test_every_text_that_a_template_says_is_there() -> None:
    texts = shipped((PAGES,))
    for template in PAGES.glob("*/templates/*.html"):
        for word, key in re.findall(r"""\b([tn])\('([a-z_.]+)'(?! ~)""", template.read_text(encoding="utf-8")):
            wanted = key if word == "t" else f"{key}.other"
            assert texts.has(Locale.EN, wanted), f"{template.name}: {key}"


def test_chinese_texts_use_chinese_punctuation() -> None:
    texts = shipped((PAGES,))
    for locale in (Locale.ZH_HANS, Locale.ZH_HANT):
        for key in texts.keys(locale):
            assert (
                re.search(r"[㐀-鿿][,;:?!]|[,;:?!][㐀-鿿]", texts.say(locale, key, **_any(texts.places(locale, key))))
                is None
            ), key


def test_a_text_without_its_value_is_an_error() -> None:
    with pytest.raises(TextMissingError):
        shipped((PAGES,)).count(Locale.EN, "shell.time.ago.nothing", 2)


@pytest.mark.parametrize(
    ("locale", "away", "said"),
    [
        (Locale.EN, 0, "just now"),
        (Locale.EN, -60_000, "a minute ago"),
        (Locale.EN, 3 * DAY, "in 3 days"),
        (Locale.EN, -40 * DAY, "13 Oct 2026"),
        (Locale.ZH_HANS, -2 * 3_600_000, "2 小时前"),
        (Locale.ZH_HANT, 40 * DAY, "2027年1月1日"),
    ],
)
def test_times_are_said_as_people_say_them(locale: Locale, away: int, said: str) -> None:
    assert Moments(shipped((PAGES,)), locale, ZoneInfo("Asia/Shanghai"), NOW).near(NOW + away) == said


def test_a_minute_is_that_of_the_zone() -> None:
    moments = Moments(shipped((PAGES,)), Locale.ZH_HANS, ZoneInfo("Asia/Shanghai"), NOW)
    assert moments.minute(NOW).startswith("2026年11月22日 ")
    assert moments.machine(NOW).endswith("+08:00")


def test_templates_are_strict_about_what_they_are_given() -> None:
    made = Writer(DictLoader({}))
    assert made.from_string("{{ x }}{{ x|safe }}{{ n }}").render(x="<b>", n=1) == "&lt;b&gt;<b>1"
    with pytest.raises(UndefinedError):
        made.from_string("{{ nobody }}").render()


def _token(html: str) -> str:
    found = re.search(r'name="form_token" value="([^"]+)"', html)
    assert found is not None
    return found[1]


def _any(places: frozenset[str]) -> dict[str, object]:
    return dict.fromkeys(places, "X")
