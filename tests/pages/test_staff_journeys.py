"""Staff in a real browser: by hand and by keyboard, on a phone and at a desk, in two languages, and without a script."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pyotp
import pytest
from playwright.sync_api import expect

from audit.log import AuditLog
from pages.staff.inviting import Inviting
from tests.pages import looks
from tests.pages.browser import DESKTOP, PHONE, Person
from tests.pages.served import Served
from web.principal import Role

WORDS = {
    "en": {"out": "Sign out", "code": "Use an authenticator app instead", "sign": "Sign in", "menu": "li.na"},
    "zh-CN": {"out": "退出登录", "code": "改用验证器应用", "sign": "登录", "menu": "li.na"},
}
BOTH_WAYS = [("zh-CN", PHONE, True), ("en", DESKTOP, False)]


def invite(served: Served, name: str, role: Role) -> str:
    """The path at which somebody enrols."""
    inviting = Inviting(served.moat.database, AuditLog())
    return f"/staff/enrol/{inviting.invite(served.tenant, name, role, served.occasion())[1].reveal()}"


def seen(one: Person, name: str) -> None:
    """Judge a page, and take its picture."""
    looks.judge(one.page)
    looks.shot(one.page, f"staff-{name}")


@pytest.mark.parametrize(("locale", "width", "dark"), BOTH_WAYS)
def test_an_administrator_enrols_invites_signs_out_and_in_again(
    served: Served, visitor: Callable[..., Person], locale: str, width: int, dark: bool
) -> None:
    name, words = f"admin.{width}", WORDS[locale]
    one = visitor(locale=locale, width=width, dark=dark)
    one.passkeys()
    size = "phone" if width == PHONE else "desktop"
    one.go("/staff")
    seen(one, f"sign-in-{size}")
    one.go(invite(served, name, Role.ADMIN))
    seen(one, f"enrol-{size}")
    one.page.locator("[data-passkey] button").click()
    one.page.wait_for_url("**/staff/people")
    one.go("/staff/people/new")
    seen(one, f"invite-{size}")
    one.page.fill("#name", "王 伟")
    one.page.locator("input[value=auditor]").check()
    one.page.locator(".actions button").click()
    expect(one.page.locator(".error")).to_be_visible()
    seen(one, f"invite-error-{size}")
    one.page.fill("#name", f"auditor.{width}")
    one.page.locator(".actions button").click()
    expect(one.page.locator("#address")).to_contain_text("/staff/enrol/mse1_")
    looks.judge(one.page)
    for page in ("people", "sessions", "recovery", "recovery/ask", "app", "passkeys", "again"):
        one.go(f"/staff/{page}")
        seen(one, f"{page.replace('/', '-')}-{size}")
    one.go("/staff/sessions")
    one.page.locator("summary").first.click()
    one.page.get_by_role("button", name=words["out"]).click()
    one.page.wait_for_url("**/staff/at/default")
    one.page.go_back()
    expect(one.page.locator("[data-passkey]")).to_be_visible()
    assert name not in one.page.content()
    one.page.locator("[data-passkey] button").click()
    one.page.wait_for_url("**/staff/sessions")
    assert one.foreign() == []
    assert [error for error in one.errors if "status of 4" not in error] == []


def test_a_keyboard_alone_signs_in_and_out(served: Served, visitor: Callable[..., Person]) -> None:
    one = visitor(locale="en")
    one.passkeys()
    one.go(invite(served, "keys.only", Role.AUDITOR))
    _press_until(one, "Create a passkey")
    _is_in(one, "keys.only")
    _press_until(one, "keys.only")
    _press_until(one, "Sign out")
    one.page.wait_for_url("**/staff/at/default")
    _press_until(one, "Sign in with a passkey")
    _is_in(one, "keys.only")


@pytest.mark.parametrize(("locale", "width", "dark"), BOTH_WAYS)
def test_without_a_script_an_app_enrols_and_signs_in(
    served: Served, visitor: Callable[..., Person], locale: str, width: int, dark: bool
) -> None:
    name, words = f"no.script.{width}", WORDS[locale]
    one = visitor(locale=locale, width=width, dark=dark, script=False)
    one.go(invite(served, name, Role.AUDITOR))
    one.page.get_by_role("link", name=words["code"]).click()
    expect(one.page.locator(".qr")).to_be_visible()
    assert looks.overflow(one.page) == 0
    one.page.locator("details.fold summary").click()
    secret = one.page.locator("code.secret").inner_text().replace(" ", "")
    app = pyotp.TOTP(secret)
    one.page.fill("#code", app.now())
    one.page.locator("form .button").click()
    _is_in(one, name)
    one.page.locator("summary").first.click()
    one.page.get_by_role("button", name=words["out"]).click()
    one.go("/staff/at/default/code")
    one.page.fill("#name", name)
    one.page.fill("#code", app.at(datetime.now(UTC), counter_offset=1))
    one.page.locator("form .button").click()
    _is_in(one, name)


def test_an_authenticator_that_refuses_is_said_on_the_page(served: Served, visitor: Callable[..., Person]) -> None:
    one = visitor(locale="en", width=PHONE)
    one.passkeys()
    one.go("/staff/at/default")
    one.page.locator("[data-passkey] button").click()
    expect(one.page.get_by_role("alert")).to_be_visible()
    seen(one, "sign-in-refused-phone")
    one.go("/staff/enrol/mse1_" + "a" * 43)
    seen(one, "enrol-ended-phone")
    one.go("/staff/at/default/code")
    one.page.fill("#name", "nobody")
    one.page.fill("#code", "000000")
    one.page.locator("form .button").click()
    seen(one, "code-error-phone")
    one.go("/staff/nowhere")
    seen(one, "not-found-phone")


def _is_in(one: Person, name: str) -> None:
    """Whoever has this name sees the menu of their console."""
    expect(one.page.locator("details.menu > summary")).to_contain_text(name)


def _press_until(one: Person, name: str) -> None:
    """Walk by the tab key to what is called so, and press it."""
    for _ in range(40):
        one.page.keyboard.press("Tab")
        at: Any = one.page.evaluate("document.activeElement.textContent.trim()")
        if at == name:
            one.page.keyboard.press("Enter")
            return
    raise AssertionError(f"no key leads to {name}")
