"""Signing in: by a code that comes to the phone or e-mail address of the profile, or by a link of the platform; and signing out.

Steps of the argument that nobody learns here who is a customer:
 1. Asking for a code answers alike for whoever is known and whoever is not, as `dsar.identity.asking` does.
 2. A code that is wrong, and one that was never sent, are refused in the same words.
 3. The pages differ in nothing else: no greeting, no masked address, nothing before the session has begun.

A link of the platform begins a session by a POST only: whoever merely looks at it (a preview, a scanner) does not use it up.
"""

from collections.abc import Callable
from uuid import UUID

from flask import Blueprint, Response, request

from audit.entry import Action, Reason
from dsar.identity.asking import Challenge
from dsar.identity.errors import AssertedError, NoMessengerError, NotShownError, TooOftenError
from dsar.identity.named import Named, NameKind
from dsar.identity.sessions import Opened
from pages.privacy.around import Around
from pages.privacy.visitors import COOKIE, at, by_person, by_visitor
from pages.shell.door import local_path
from web.auth import count_refusal
from web.context import current

CODE_DIGITS = 6
NAME_AT_MOST = 254


class SignIn:
    """The views before a session, and the one that ends it."""

    def __init__(self, around: Around) -> None:
        self._around = around

    def add(self, pages: Blueprint) -> None:
        """Enter the views."""
        public, inside = self._around.doors.public, self._around.doors.inside
        pages.add_url_rule("/sign-in", "sign_in", public(self.ask), methods=["GET"])
        pages.add_url_rule("/sign-in", "send_code", public(self.send), methods=["POST"])
        pages.add_url_rule("/sign-in/code", "check_code", public(self.check), methods=["POST"])
        pages.add_url_rule("/enter/<link>", "enter", public(self.welcome), methods=["GET"])
        pages.add_url_rule("/enter/<link>", "enter_by_link", public(self.enter), methods=["POST"])
        pages.add_url_rule("/sign-out", "sign_out", inside(self.leave), methods=["POST"])

    def ask(self, tenant: str) -> Response:
        """Where one says by what one is known."""
        self._around.tenants.number(tenant)
        return self._asking()

    def send(self, tenant: str) -> Response:
        """Have a code sent, or not: the answer is the same."""
        number = self._around.tenants.number(tenant)
        name = request.form.get("name", "").strip()[:NAME_AT_MOST]
        kind = NameKind.EMAIL if "@" in name else NameKind.PHONE
        if not name:
            return self._asking(error="name_missing", status=422)
        named, locale = [Named(kind, name)], self._around.locale()
        try:
            sent = self._around.use.asking.by_name(number, named, locale, current().at)
        except AssertedError:
            return self._asking(error="name_malformed", status=422)
        except NoMessengerError:
            return self._asking(error="no_messenger", status=503)
        except TooOftenError as early:
            count_refusal(Action.IDENTITY_CODE_ASK, Reason.RATE)
            return self._asking(error="too_often", wait=seconds(early), status=429)
        return self._code(sent, kind.value)

    def check(self, tenant: str) -> Response:
        """Begin a session by a code."""
        number, challenge = self._around.tenants.number(tenant), challenge_given()
        sent_to = "email" if request.form.get("sent_to") == "email" else "phone"
        code = code_given()
        if challenge is None:
            return self._asking(error="code_wrong", status=422)
        if code is None:
            return self._code(challenge, sent_to, error="code_malformed", status=422)

        def begin() -> Opened:
            return self._around.use.sessions.by_codes(number, challenge, [code], by_visitor())

        opened = _shown(begin, Action.IDENTITY_CODE_VERIFY)
        if opened is None:
            return self._code(challenge, sent_to, error="code_wrong", status=422)
        return self._entered(opened)

    def welcome(self, tenant: str, link: str) -> Response:
        """What a link of the platform leads to. Looking at it uses nothing up."""
        self._around.tenants.number(tenant)
        return self._around.page("enter", action=at("enter_by_link", link=link), next=_next())

    def enter(self, tenant: str, link: str) -> Response:
        """Begin a session by a link, once."""
        number = self._around.tenants.number(tenant)

        def begin() -> Opened:
            return self._around.use.sessions.by_link(number, link, by_visitor())

        opened = _shown(begin, Action.IDENTITY_LINK_VERIFY)
        return self._asking(error="link_used", status=410) if opened is None else self._entered(opened)

    def leave(self, tenant: str) -> Response:  # noqa: ARG002 - stands in every address
        """End the session, and have the browser keep nothing of it."""
        self._around.use.sessions.end(self._around.who().session, by_person())
        return self._around.site.left(self._around.site.go(at("sign_in"), said="privacy.said.signed_out"), COOKIE)

    def _entered(self, opened: Opened) -> Response:
        self._around.doors.inside.enter(opened.text.reveal())
        return self._around.site.go(_next() or at("home"))

    def _asking(self, *, error: str | None = None, wait: int = 0, status: int = 200) -> Response:
        return self._around.page("sign_in", status=status, error=error, wait=wait, next=_next())

    def _code(self, sent: Challenge | UUID, sent_to: str, *, error: str | None = None, status: int = 200) -> Response:
        challenge = sent.id if isinstance(sent, Challenge) else sent
        given = {"challenge": str(challenge), "sent_to": sent_to, "error": error, "next": _next()}
        return self._around.page("code", status=status, **given)


def _shown(begin: Callable[[], Opened], action: Action) -> Opened | None:
    """What has begun; None where what was presented shows nobody, which is counted if it was never issued here."""
    try:
        return begin()
    except NotShownError as refused:
        if refused.unknown:
            count_refusal(action, Reason.UNKNOWN)
        return None


def challenge_given() -> UUID | None:
    """The challenge that a form answers, if it is one."""
    try:
        return UUID(request.form.get("challenge", ""))
    except ValueError:
        return None


def code_given() -> str | None:
    """The code of a form, without the spaces that people put in; None for what can be no code."""
    code = "".join(request.form.get("code", "").split())
    return code if len(code) == CODE_DIGITS and code.isascii() and code.isdigit() else None


def seconds(early: TooOftenError) -> int:
    """How long to wait, in whole seconds."""
    return -(-early.wait_ms // 1000)


def _next() -> str | None:
    """Where to go on to: a page of this tenant's privacy centre, never another site, nor another tenant's."""
    given = request.values.get("next")
    wanted = local_path(given, "")
    return wanted if wanted.startswith(at("home")) else None
