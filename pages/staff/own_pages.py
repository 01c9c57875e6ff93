"""A member's own: sessions, passkeys and app; and the page that asks once more who they are."""

from dataclasses import dataclass

from flask import Blueprint, Response, request, url_for

from audit.entry import Action
from pages.shell.door import local_path
from pages.shell.site import Site
from pages.staff.door import StaffDoor
from pages.staff.entering import Entering
from pages.staff.errors import LastFactorError, NotLetInError, StaffNotFoundError
from pages.staff.factors import Factors
from pages.staff.inviting import Inviting
from pages.staff.member import FRESH_MS, Method, Signed
from pages.staff.own_factors import OwnFactors
from pages.staff.pictures import AppOffer, app_offer, offered_secret
from pages.staff.ports import Doorways
from pages.staff.sessions import StaffSessions
from web.auth import count_refusal, occasion
from web.context import current
from web.edge_problems import NOT_FOUND
from web.problems import ProblemError


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnUseCases:
    """What the pages call."""

    sessions: StaffSessions
    factors: Factors
    own: OwnFactors
    entering: Entering
    inviting: Inviting
    tenants: Doorways


class OwnPages:
    """The pages of a member about themselves."""

    def __init__(self, site: Site, door: StaffDoor, use: OwnUseCases) -> None:
        self._site = site
        self._door = door
        self._use = use

    def blueprint(self) -> Blueprint:
        """Their routes."""
        pages = Blueprint("staff_own", __name__, url_prefix="/staff")
        door = self._door
        post = ["POST"]
        pages.add_url_rule("/sessions", "sessions", door(self.sessions))
        pages.add_url_rule("/sessions/<mark>/end", "end", door(self.end), methods=post)
        pages.add_url_rule("/sessions/end-others", "end_others", door(self.end_others), methods=post)
        new_passkey = door(self.new_passkey, fresh=True, unless=self._first)
        question, app = (door(view, fresh=True, unless=self._first) for view in (self.question, self.app))
        pages.add_url_rule("/passkeys", "new_passkey", new_passkey, methods=["GET", "POST"])
        pages.add_url_rule("/passkeys/question", "question", question, methods=post)
        pages.add_url_rule(
            "/passkeys/<mark>/remove", "remove_passkey", door(self.remove_passkey, fresh=True), methods=post
        )
        pages.add_url_rule("/app", "app", app, methods=["GET", "POST"])
        pages.add_url_rule("/app/remove", "remove_app", door(self.remove_app, fresh=True), methods=post)
        return pages

    def again(self) -> Blueprint:
        """The routes of being asked once more."""
        pages = Blueprint("staff_again", __name__, url_prefix="/staff/again")
        pages.add_url_rule("", "ask", self._door(self.ask))
        pages.add_url_rule("/question", "question", self._door(self.ask_question), methods=["POST"])
        pages.add_url_rule("/passkey", "passkey", self._door(self.again_by_passkey), methods=["POST"])
        pages.add_url_rule("/code", "code", self._door(self.again_by_code), methods=["POST"])
        return pages

    def sessions(self) -> Response:
        """Where they are signed in, and what with."""
        signed, at = self._door.who(), current().at
        tenant = signed.principal.tenant
        return self._site.page(
            "staff/sessions.html",
            signed=signed,
            sessions=self._use.sessions.of(signed, at),
            passkeys=self._use.factors.list(tenant, signed.staff),
            app=self._use.factors.held(tenant, signed.staff)[1],
        )

    def end(self, mark: str) -> Response:
        """End one of their sessions."""
        self._use.sessions.end(self._door.who(), occasion(), mark)
        return self._site.go(url_for("staff_own.sessions"), said="staff.own.ended")

    def end_others(self) -> Response:
        """End all others."""
        self._use.sessions.end_others(self._door.who(), occasion())
        return self._site.go(url_for("staff_own.sessions"), said="staff.own.ended")

    def new_passkey(self) -> Response:
        """Make a further passkey."""
        if request.method == "GET":
            return self._site.page("staff/new_passkey.html", wrong=False)
        try:
            self._use.own.add_passkey(self._door.who(), request.form.get("answer", ""), occasion())
        except NotLetInError:
            return self._site.page("staff/new_passkey.html", status=422, wrong=True)
        return self._site.go(url_for("staff_own.sessions"), said="staff.own.added")

    def question(self) -> Response:
        """What an authenticator is to make."""
        signed = self._door.who()
        tenant = signed.principal.tenant
        known, _ = self._use.factors.held(tenant, signed.staff)
        handle = self._use.inviting.member(tenant, signed.staff).handle
        drawn = self._use.factors.challenge(tenant, signed.staff, current().at)
        asked = self._use.factors.party.ask_for_new(drawn, handle, signed.principal.name, known)
        return Response(asked, content_type="application/json")

    def remove_passkey(self, mark: str) -> Response:
        """Remove one of their passkeys."""
        try:
            self._use.own.remove_passkey(self._door.who(), mark, occasion())
        except StaffNotFoundError:
            raise ProblemError(NOT_FOUND) from None
        except LastFactorError:
            return self._site.go(url_for("staff_own.sessions"), said="staff.own.last")
        return self._site.go(url_for("staff_own.sessions"), said="staff.own.removed")

    def app(self) -> Response:
        """Set up an app."""
        signed = self._door.who()
        tenant = signed.principal.tenant
        member = self._use.inviting.member(tenant, signed.staff)
        secret = offered_secret(self._use.factors, tenant, signed.staff, request.form.get("offer"))
        if request.method == "GET" or secret is None:
            return self._offer(app_offer(self._use.factors, member), wrong=False)
        try:
            self._use.own.set_app(signed, secret, request.form.get("code", "")[:16], occasion())
        except NotLetInError:
            return self._offer(app_offer(self._use.factors, member, secret), wrong=True)
        return self._site.go(url_for("staff_own.sessions"), said="staff.own.added")

    def remove_app(self) -> Response:
        """Remove the app."""
        try:
            self._use.own.remove_app(self._door.who(), occasion())
        except LastFactorError:
            return self._site.go(url_for("staff_own.sessions"), said="staff.own.last")
        return self._site.go(url_for("staff_own.sessions"), said="staff.own.removed")

    def ask(self) -> Response:
        """Ask once more who they are."""
        return self._asked(wrong=False)

    def ask_question(self) -> Response:
        """What one of their passkeys is to sign."""
        signed = self._door.who()
        tenant = signed.principal.tenant
        known, _ = self._use.factors.held(tenant, signed.staff)
        drawn = self._use.factors.challenge(tenant, signed.staff, current().at)
        return Response(self._use.factors.party.ask(drawn, known), content_type="application/json")

    def again_by_passkey(self) -> Response:
        """They are who they were."""
        try:
            self._use.entering.again_by_passkey(self._door.who(), request.form.get("answer", ""), occasion())
        except NotLetInError as refused:
            if refused.counted is not None:
                count_refusal(Action.STAFF_VERIFY, refused.counted)
            return self._asked(wrong=True)
        return self._site.go(_next())

    def again_by_code(self) -> Response:
        """So they are."""
        try:
            self._use.entering.again_by_code(self._door.who(), request.form.get("code", "")[:16], occasion())
        except NotLetInError as refused:
            if refused.counted is not None:
                count_refusal(Action.STAFF_VERIFY, refused.counted)
            return self._asked(wrong=True)
        return self._site.go(_next())

    def _first(self, signed: Signed) -> bool:
        """Whether somebody may make their first means of their own: they came by a provider that does not say when they signed
        in there, a moment ago, and have no other way to show once more who they are."""
        just = signed.method is Method.PROVIDER and current().at < signed.begun_at + FRESH_MS
        return just and not any(self._use.factors.held(signed.principal.tenant, signed.staff))

    def _asked(self, *, wrong: bool) -> Response:
        signed = self._door.who()
        tenant, outside = signed.principal.tenant, signed.method is Method.PROVIDER
        keys, app = self._use.factors.held(tenant, signed.staff)
        status = 401 if wrong else 200
        return self._site.page(
            "staff/again.html",
            status=status,
            keys=bool(keys),
            app=app,
            providers=self._use.tenants.providers(tenant) if outside else (),
            first=self._first(signed),
            wanted=_next(),
            wrong=wrong,
        )

    def _offer(self, offer: AppOffer, *, wrong: bool) -> Response:
        return self._site.page("staff/app.html", status=422 if wrong else 200, offer=offer, wrong=wrong)


def _next() -> str:
    return local_path(request.values.get("next"), url_for("staff_entrance.home"))
