"""The consoles in a real browser: fit for everybody on a phone and at a desk, in two languages, light and dark."""

from collections.abc import Callable
from typing import Any

import httpx
import pytest
from playwright.sync_api import expect

from tests.pages import looks
from tests.pages.browser import DESKTOP, PHONE, Person
from tests.pages.served import Served
from tests.pages.test_staff_journeys import invite
from web.principal import Role

WAYS = [("zh-CN", PHONE, False), ("en", DESKTOP, True)]
OFFICERS = (
    "today",
    "requests",
    "holds",
    "holds/new",
    "retention",
    "retention/policy",
    "catalogue",
    "catalogue/account",
    "recipients",
    "records",
    "statistics",
    "jobs",
    "people",
)
OPERATORS = ("keys", "relay")
AUDITORS = ("entries", "exports", "checkpoints")


def asked(served: Served, name: str) -> str:
    """A request of somebody; its number."""
    with httpx.Client(base_url=served.url, headers=bearer(served, name), trust_env=False) as client:
        person = {"type": "customer", "purpose": "account", "fields": {"phone": "13812345678", "name": "王小明"}}
        client.put(f"/v1/subjects/{name}", json=person).raise_for_status()
        body = {"subject": name, "right": "erasure", "regime": "pipl", "text": "请删除我的信息"}
        return str(client.post("/v1/requests", json=body).raise_for_status().json()["request"])


def pooled(served: Served, name: str) -> None:
    """A pool of the relay with a number."""
    headers = {"Authorization": f"Bearer {served.credential(Role.OPERATOR, name)}"}
    with httpx.Client(base_url=served.url, headers=headers, trust_env=False) as client:
        client.post("/v1/relay/pools", json={"pool": name, "modes": ["axb"]}).raise_for_status()
        numbers = {"pool": name, "items": [{"number": "+8617012340001"}]}
        client.post("/v1/relay/numbers", json=numbers).raise_for_status()


def bearer(served: Served, name: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {served.credential(Role.SERVICE, name)}"}


def enter(served: Served, one: Person, name: str, role: Role) -> None:
    one.passkeys()
    one.go(invite(served, name, role))
    one.page.locator("[data-passkey] button").click()
    one.page.wait_for_url(lambda url: "/enrol/" not in url)


def seen(one: Person, name: str) -> None:
    looks.judge(one.page)
    looks.shot(one.page, name)


@pytest.mark.parametrize(("locale", "width", "dark"), WAYS)
def test_the_officers_console_is_fit_for_everybody(
    served: Served, visitor: Callable[..., Person], locale: str, width: int, dark: bool
) -> None:
    number, size = asked(served, f"cust-{width}"), "phone" if width == PHONE else "desktop"
    one = visitor(locale=locale, width=width, dark=dark)
    enter(served, one, f"officer.{width}", Role.PRIVACY_OFFICER)
    for page in OFFICERS:
        one.go(f"/console/{page}")
        seen(one, f"console-{page.replace('/', '-')}-{size}")
    one.go(f"/console/requests/{number}")
    seen(one, f"console-request-{size}")
    one.go(f"/console/requests/{number}/deny")
    seen(one, f"console-deny-{size}")
    assert one.foreign() == []
    assert one.errors == []


@pytest.mark.parametrize(("locale", "width", "dark"), WAYS)
def test_what_operators_see_of_the_console_is_fit_for_everybody(
    served: Served, visitor: Callable[..., Person], locale: str, width: int, dark: bool
) -> None:
    one = visitor(locale=locale, width=width, dark=dark)
    enter(served, one, f"operator.{width}", Role.OPERATOR)
    pooled(served, f"pool-{width}")
    for page in OPERATORS:
        one.go(f"/console/{page}")
        seen(one, f"console-{page}-{'phone' if width == PHONE else 'desktop'}")
    assert one.foreign() == []
    assert one.errors == []


@pytest.mark.parametrize(("locale", "width", "dark"), WAYS)
def test_the_auditors_desk_is_fit_for_everybody_and_the_browser_checks_for_itself(
    served: Served, visitor: Callable[..., Person], published: Any, locale: str, width: int, dark: bool
) -> None:
    size = "phone" if width == PHONE else "desktop"
    one = visitor(locale=locale, width=width, dark=dark)
    enter(served, one, f"auditor.{width}", Role.AUDITOR)
    published()
    for page in AUDITORS:
        one.go(f"/auditor/{page}")
        seen(one, f"auditor-{page}-{size}")
    one.go("/auditor/entries/1/0")
    expect(one.page.locator("#own-check.good")).to_be_visible()
    seen(one, f"auditor-entry-{size}")
    assert one.foreign() == []
    assert one.errors == []


def test_the_consoles_work_without_a_script_and_by_the_keyboard(served: Served, visitor: Callable[..., Person]) -> None:
    number = asked(served, "cust-scriptless")
    with_script = visitor(locale="en")
    enter(served, with_script, "officer.keys", Role.PRIVACY_OFFICER)
    cookies = with_script.context.cookies()
    one = visitor(locale="en", script=False)
    one.context.add_cookies(cookies)  # type: ignore[arg-type]  # what it gives it takes
    one.go(f"/console/requests/{number}")
    one.page.get_by_text("Note a document").first.focus()
    one.page.keyboard.press("Enter")
    one.page.locator("details[open] button").focus()
    one.page.keyboard.press("Enter")
    expect(one.page.locator(".banner.good")).to_be_visible()
    one.page.get_by_role("button", name="Accept").focus()
    one.page.keyboard.press("Enter")
    expect(one.page.locator(".badge", has_text="Accepted")).to_be_visible()
