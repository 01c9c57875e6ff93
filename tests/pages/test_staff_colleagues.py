"""Staff in a real browser who need each other, or an organisation: a lost passkey takes two, and a provider vouches."""

from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import Browser, expect

from tests.pages import looks
from tests.pages.browser import DESKTOP, PHONE, WAIT_MS, Person, person
from tests.pages.glewlwyd import Glewlwyd, glewlwyd, installed
from tests.pages.served import Served, serving
from tests.pages.test_provider import FILE
from tests.pages.test_staff_journeys import invite
from tests.support.server import free_port
from web.principal import Role

BOTH_WAYS = [("zh-CN", PHONE, True), ("en", DESKTOP, False)]
INSIDE = "details.menu > summary"
IDS = ["phone", "desktop"]


@pytest.fixture(scope="module")
def port() -> int:
    return free_port()


@pytest.fixture(scope="module")
def provider(tmp_path_factory: pytest.TempPathFactory, port: int) -> Iterator[Glewlwyd]:
    if not installed():
        pytest.fail("Glewlwyd is not installed: apt-get install -y glewlwyd", pytrace=False)
    back = f"http://localhost:{port}/staff/back/acme"
    with glewlwyd(tmp_path_factory.mktemp("glewlwyd"), back) as running:
        running.add_user("li.na", ["privacy-team"])
        yield running


@pytest.fixture(scope="module")
def house(
    tmp_path_factory: pytest.TempPathFactory, sqlite_template: Path, port: int, provider: Glewlwyd
) -> Iterator[Served]:
    """A service whose staff may come from an organisation."""
    place = tmp_path_factory.mktemp("house")
    file = place / "providers.yaml"
    file.write_text(FILE.format(issuer=provider.issuer), encoding="utf-8")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("ACME_SECRET", provider.secret)
        inside = (provider.url,)
        with serving(place, sqlite_template, port=port, staff_providers=file, egress_internal=inside) as running:
            yield running


@pytest.fixture
def colleague(browser: Browser, house: Served) -> Iterator[Callable[..., Person]]:
    """Makes people before browsers of their own, each with a passkey to be."""
    opened = []

    def new(**wants: object) -> Person:
        held = person(browser, house.url, **wants)  # type: ignore[arg-type]  # of the browser's own
        opened.append(held)
        one = held.__enter__()
        one.passkeys()
        return one

    yield new
    for held in opened:
        held.__exit__(None, None, None)


@pytest.mark.parametrize(("locale", "width", "dark"), BOTH_WAYS, ids=IDS)
def test_a_lost_passkey_is_replaced_by_two_colleagues_and_opens_nothing_any_more(
    house: Served, colleague: Callable[..., Person], locale: str, width: int, dark: bool
) -> None:
    lost, looks_like = f"lost.{width}", {"locale": locale, "width": width, "dark": dark}
    admin, asker, before, after = (colleague(**looks_like) for _ in range(4))
    _enrol(admin, invite(house, f"admin.{width}", Role.ADMIN))
    _enrol(asker, invite(house, f"asker.{width}", Role.AUDITOR))
    admin.go("/staff/people/new")
    admin.page.fill("#name", lost)
    admin.page.locator("input[value=auditor]").check()
    admin.page.locator(".actions button").click()
    _enrol(before, _address(admin))
    asker.go("/staff/recovery/ask")
    asker.page.fill("#name", lost)
    asker.page.locator(".actions button").click()
    expect(asker.page.locator("td .badge.warn")).to_be_visible()
    looks.judge(asker.page)
    assert asker.page.locator("td.end form").count() == 0, "who asks does not agree"
    admin.go("/staff/recovery")
    admin.page.locator("td.end button").last.click()
    asker.go("/staff/recovery")
    asker.page.locator("td.end button").last.click()
    _enrol(after, _address(asker))
    before.go("/staff/sessions")
    expect(before.page.locator("[data-passkey]")).to_be_visible()
    before.page.locator("[data-passkey] button").click()
    expect(before.page.get_by_role("alert")).to_be_visible()
    for one in (admin, asker, after):
        assert one.foreign() == []


@pytest.mark.parametrize(("locale", "width", "dark"), BOTH_WAYS, ids=IDS)
def test_somebody_of_an_organisation_signs_in_there_and_back_shows_nothing_afterwards(
    house: Served, provider: Glewlwyd, colleague: Callable[..., Person], locale: str, width: int, dark: bool
) -> None:
    one = colleague(locale=locale, width=width, dark=dark)
    one.go(f"http://127.0.0.1:{house.port}/staff/sign-in")
    assert one.page.url.startswith(house.url), "passkeys and providers know the name, not the address"
    looks.judge(one.page)
    with one.page.expect_request(lambda asked: asked.url.startswith(f"{provider.url}/login.html")) as asked:
        one.page.get_by_role("link", name="Acme").click()
    _show_password(one, provider, asked.value.url)
    expect(one.page.locator(INSIDE)).to_contain_text("li.na", timeout=WAIT_MS)
    one.go("/staff/sessions")
    looks.judge(one.page)
    one.page.locator(INSIDE).click()
    one.page.locator(".sheet form button").click()
    one.page.wait_for_url("**/staff/at/default")
    one.page.go_back()
    expect(one.page.locator("[data-passkey]")).to_be_visible()
    assert "li.na" not in one.page.content()


def _show_password(one: Person, provider: Glewlwyd, page: str) -> None:
    """What the provider's own sign-in page does, which its package leaves to another: ask for a password, and go on."""
    there = one.context.request
    password = {"username": "li.na", "password": "li.na-password"}
    assert there.post(f"{provider.url}/api/auth/", data=password).ok
    assert there.put(f"{provider.url}/api/auth/grant/moat", data={"scope": "openid"}).ok
    (back,) = parse_qs(urlsplit(page).query)["callback_url"]
    one.go(f"{back}&g_continue")


def _enrol(one: Person, link: str) -> None:
    one.go(link)
    one.page.locator("[data-passkey] button").click()
    expect(one.page.locator(INSIDE)).to_be_visible()


def _address(one: Person) -> str:
    """The address that a page shows once, for somebody else."""
    return one.page.locator("#address").inner_text().strip()
