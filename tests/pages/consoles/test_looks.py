"""The consoles in a real browser: fit for everybody on a phone and at a desk, in two languages, light and dark."""

import os
from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from audit.log import AuditLog
from pages.staff.inviting import Inviting
from tests.pages import looks
from tests.pages.browser import DESKTOP, PHONE, Person
from tests.pages.consoles.scenes import Scene, scene
from tests.pages.served import Served
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
    "disclosures",
    "calls",
    "calls/list",
    "calls/usage",
    "catalogue/-/compare",
)
OPERATORS = ("keys", "relay", "jobs")
EMPTY = (
    "calls",
    "disclosures",
    "today",
    "requests",
    "holds",
    "retention",
    "jobs",
    "calls/list",
    "calls/usage",
    "catalogue/-/compare",
)
SIZES = {PHONE: "phone", DESKTOP: "desktop"}
AUDITORS = ("entries", "exports", "checkpoints")


@pytest.fixture(scope="module")
def happened(served: Served) -> Scene:
    return scene(served)


def enter(served: Served, one: Person, name: str, role: Role, tenant: int | None = None) -> None:
    """Somebody of the staff enrols, here or in another tenant."""
    inviting, at = Inviting(served.moat.database, AuditLog()), served.occasion()
    link = inviting.invite(served.tenant if tenant is None else tenant, name, role, at)[1]
    one.passkeys()
    one.go(f"/staff/enrol/{link.reveal()}")
    one.page.locator("[data-passkey] button").click()
    one.page.wait_for_url(lambda url: "/enrol/" not in url)


def called(page: str) -> str:
    """A page as its picture is named."""
    return page.replace("/-/", "-").replace("/", "-")


def seen(one: Person, name: str, *, judged: bool = True) -> None:
    """Judge a page as it is, and take its picture in the light and in the dark."""
    if judged:
        looks.judge(one.page)
    assert "hostile" not in one.page.title()
    if os.environ.get("SHOTS"):
        for dark in (False, True):
            one.dark(dark)
            looks.shot(one.page, f"{name}-dark" if dark else name)


@pytest.mark.parametrize(("locale", "width", "dark"), WAYS)
def test_the_officers_console_is_fit_for_everybody(
    happened: Scene, visitor: Callable[..., Person], locale: str, width: int, dark: bool
) -> None:
    size = SIZES[width]
    one = visitor(locale=locale, width=width, dark=dark)
    enter(happened.served, one, f"officer.{width}", Role.PRIVACY_OFFICER)
    request, case = f"requests/{happened.request}", f"calls/cases/{happened.case}"
    named = {request: "request", f"{request}/deny": "deny", f"{request}/words": "words", case: "case"}
    for page in (*OFFICERS, *named):
        one.go(f"/console/{page}")
        seen(one, f"console-{called(named.get(page, page))}-{size}")
        one.dark(dark)
    assert one.foreign() == []
    assert one.errors == []


@pytest.mark.parametrize(("locale", "width", "dark"), WAYS)
def test_what_operators_and_auditors_see_is_fit_for_everybody(
    happened: Scene, visitor: Callable[..., Person], locale: str, width: int, dark: bool
) -> None:
    size = SIZES[width]
    operator = visitor(locale=locale, width=width, dark=dark)
    enter(happened.served, operator, f"operator.{width}", Role.OPERATOR)
    for page in OPERATORS:
        operator.go(f"/console/{page}")
        seen(operator, f"console-{page}-{size}")
        operator.dark(dark)
    auditor = visitor(locale=locale, width=width, dark=dark)
    enter(happened.served, auditor, f"looking.{width}", Role.AUDITOR)
    for page in AUDITORS:
        auditor.go(f"/auditor/{page}")
        seen(auditor, f"auditor-{page}-{size}")
        auditor.dark(dark)
    auditor.go("/auditor/entries/1/0")
    expect(auditor.page.locator("#own-check.good")).to_be_visible()
    seen(auditor, f"auditor-entry-{size}")
    for one in (operator, auditor):
        assert one.foreign() == []
        assert one.errors == []


@pytest.mark.parametrize(("locale", "width", "dark"), WAYS)
def test_pages_with_nothing_on_them_and_those_that_say_no_are_fit_for_everybody(
    happened: Scene, visitor: Callable[..., Person], locale: str, width: int, dark: bool
) -> None:
    served, size = happened.served, SIZES[width]
    tenant = served.moat.tenants.create(f"empty-{size}", "CN", served.occasion())
    one = visitor(locale=locale, width=width, dark=dark)
    enter(served, one, f"nobody.{width}", Role.PRIVACY_OFFICER, tenant)
    for page in EMPTY:
        one.go(f"/console/{page}")
        expect(one.page.locator(".empty").first).to_be_visible()
        seen(one, f"console-{called(page)}-empty-{size}", judged=page in EMPTY[:2])
        one.dark(dark)
    one.go(f"/console/requests/{happened.request}")
    expect(one.page.locator(".empty")).to_be_visible()
    seen(one, f"console-missing-{size}")
    one.dark(dark)
    one.go("/console/keys")
    seen(one, f"console-forbidden-{size}", judged=False)
    one.dark(dark)
    one.go("/console/holds/new")
    one.page.locator("#subject").fill("nobody")
    one.page.locator("#case").fill("C-7")
    one.page.locator("main button").click()
    expect(one.page.locator(".banner.danger")).to_be_visible()
    seen(one, f"console-holds-new-error-{size}")
    one.dark(dark)
    one.go("/console/people")
    one.page.locator("#value").fill("nonsense")
    one.page.locator("main button").click()
    expect(one.page.locator(".banner.danger")).to_be_visible()
    seen(one, f"console-people-error-{size}")
    one.dark(dark)
    auditor = visitor(locale=locale, width=width, dark=dark)
    enter(served, auditor, f"reader.{width}", Role.AUDITOR, tenant)
    for page in ("entries?action=dsar.deny", "exports"):
        auditor.go(f"/auditor/{page}")
        expect(auditor.page.locator(".empty")).to_be_visible()
        seen(auditor, f"auditor-{page.partition('?')[0]}-empty-{size}", judged=False)
        auditor.dark(dark)


def press(one: Person, name: str) -> None:
    """A button, by the keyboard."""
    one.page.get_by_role("button", name=name, exact=True).first.focus()
    one.page.keyboard.press("Enter")


def test_the_consoles_work_without_a_script_and_by_the_keyboard(
    happened: Scene, visitor: Callable[..., Person]
) -> None:
    """An erasure is verified and accepted, a hold placed, a request extended and one denied, and a case closed."""
    with_script = visitor(locale="en")
    enter(happened.served, with_script, "officer.keys", Role.PRIVACY_OFFICER)
    one = visitor(locale="en", script=False)
    one.context.add_cookies(with_script.context.cookies())  # type: ignore[arg-type]  # what it gives it takes
    one.go(f"/console/requests/{happened.request}")
    one.page.get_by_text("Note a document").first.focus()
    one.page.keyboard.press("Enter")
    one.page.locator("details[open] button").focus()
    one.page.keyboard.press("Enter")
    expect(one.page.locator(".banner.good")).to_be_visible()
    press(one, "Accept")
    expect(one.page.locator(".badge", has_text="Accepted")).to_be_visible()
    one.go("/console/requests?right=access")
    one.page.locator("main table a").first.focus()
    one.page.keyboard.press("Enter")
    one.page.locator("main").get_by_role("link", name="Deny").focus()
    one.page.keyboard.press("Enter")
    one.page.locator("input[name=reason]").first.focus()
    one.page.keyboard.press("Space")
    press(one, "Deny")
    expect(one.page.locator("main .head .badge", has_text="Denied")).to_be_visible()
    one.go("/console/holds/new")
    for field, text in (("ref", "order:o-2"), ("case", "C-8")):
        one.page.locator(f"#{field}").focus()
        one.page.keyboard.type(text)
    press(one, "Place the hold")
    expect(one.page.get_by_text("order:o-2")).to_be_visible()
    one.go(f"/console/calls/cases/{happened.case}")
    one.page.locator("input[name=verdict]").first.focus()
    one.page.keyboard.press("ArrowDown")
    press(one, "Close the case")
    expect(one.page.locator(".banner.good")).to_be_visible()


def test_back_after_sign_out_shows_nothing(happened: Scene, visitor: Callable[..., Person]) -> None:
    one = visitor(locale="en")
    enter(happened.served, one, "officer.leaves", Role.PRIVACY_OFFICER)
    one.go(f"/console/requests/{happened.request}")
    shown = one.page.locator("h1").inner_text()
    one.page.locator(".menu summary").click()
    one.page.get_by_role("button", name="Sign out").click()
    one.page.wait_for_url("**/staff/at/**")
    for _ in range(2):
        one.page.go_back()
        expect(one.page.locator("h1")).not_to_have_text(shown)
        expect(one.page.locator(".side, .menu")).to_have_count(0)
