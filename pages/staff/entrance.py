"""The way in and out: signing in by a passkey or a code, enrolling by a one-time address, signing out."""

from dataclasses import dataclass

from flask import Blueprint, Response, request, url_for

from audit.entry import Action
from pages.shell.door import local_path, visit
from pages.shell.site import Site
from pages.staff.door import COOKIE, StaffDoor
from pages.staff.enrolling import Enrolling, Enrolment
from pages.staff.entering import Entering
from pages.staff.errors import LinkEndedError, NotLetInError
from pages.staff.factors import ANYBODY, Factors
from pages.staff.member import device_of
from pages.staff.pictures import AppOffer, app_offer, offered_secret
from pages.staff.ports import Doorways
from pages.staff.secret_text import StaffSessionText
from pages.staff.sessions import StaffSessions
from web.auth import count_refusal, occasion
from web.auth import visit as visitor
from web.context import current
from web.edge_problems import NOT_FOUND
from web.problems import ProblemError
from web.tenancy import DEFAULT_TENANT


@dataclass(frozen=True, slots=True, kw_only=True)
class EntranceUseCases:
    """What the pages call."""

    entering: Entering
    enrolling: Enrolling
    factors: Factors
    sessions: StaffSessions
    tenants: Doorways


class EntrancePages:
    """The pages outside."""

    def __init__(self, site: Site, door: StaffDoor, use: EntranceUseCases) -> None:
        self._site = site
        self._door = door
        self._use = use

    def blueprint(self) -> Blueprint:
        """Their routes."""
        pages = Blueprint("staff_entrance", __name__, url_prefix="/staff")
        out, at, link = self._door.outside, "/at/<tenant>", "/enrol/<link>"
        pages.add_url_rule("", "home", self._door(self.home))
        pages.add_url_rule("/sign-in", "anywhere", out(self.anywhere))
        pages.add_url_rule(at, "sign_in", out(self.sign_in))
        pages.add_url_rule(f"{at}/question", "question", out(self.question), methods=["POST"])
        pages.add_url_rule(f"{at}/passkey", "passkey", out(self.passkey), methods=["POST"])
        pages.add_url_rule(f"{at}/code", "code", out(self.code), methods=["GET", "POST"])
        pages.add_url_rule(link, "enrol", out(self.enrol))
        pages.add_url_rule(f"{link}/question", "enrol_question", out(self.enrol_question), methods=["POST"])
        pages.add_url_rule(f"{link}/passkey", "enrol_passkey", out(self.enrol_passkey), methods=["POST"])
        pages.add_url_rule(f"{link}/code", "enrol_code", out(self.enrol_code), methods=["GET", "POST"])
        pages.add_url_rule("/sign-out", "sign_out", self._door(self.sign_out), methods=["POST"])
        return pages

    def home(self) -> Response:
        """To where this member works."""
        return self._site.go(self._door.home_of(self._door.who().principal))

    def anywhere(self) -> Response:
        """To the sign-in of the default tenant; others are given their own address."""
        return self._site.go(url_for("staff_entrance.sign_in", tenant=DEFAULT_TENANT, next=_wanted()))

    def sign_in(self, tenant: str) -> Response:
        """By a passkey, or another way from here."""
        number = self._tenant(tenant)
        return self._site.page(
            "staff/sign_in.html",
            tenant=tenant,
            wanted=_wanted(),
            wrong=False,
            providers=self._use.tenants.providers(number),
        )

    def question(self, tenant: str) -> Response:
        """What an authenticator is to sign."""
        drawn = self._use.factors.challenge(self._tenant(tenant), ANYBODY, current().at)
        return Response(self._use.factors.party.ask(drawn), content_type="application/json")

    def passkey(self, tenant: str) -> Response:
        """Sign in by what an authenticator answered."""
        number = self._tenant(tenant)
        try:
            text = self._use.entering.by_passkey(number, request.form.get("answer", ""), _device(), visitor())
        except NotLetInError as refused:
            _count(refused)
            return self._site.page(
                "staff/sign_in.html",
                status=401,
                tenant=tenant,
                wanted=_wanted(),
                wrong=True,
                providers=self._use.tenants.providers(number),
            )
        return self.entered(text)

    def code(self, tenant: str) -> Response:
        """Sign in by a name and a code of an app."""
        number = self._tenant(tenant)
        if request.method == "GET":
            return self._site.page("staff/code.html", tenant=tenant, wanted=_wanted(), wrong=False)
        name, code = request.form.get("name", "")[:64].strip(), request.form.get("code", "")[:16]
        try:
            text = self._use.entering.by_code(number, name, code, _device(), visitor())
        except NotLetInError as refused:
            _count(refused)
            return self._site.page("staff/code.html", status=401, tenant=tenant, wanted=_wanted(), wrong=True)
        return self.entered(text)

    def enrol(self, link: str) -> Response:
        """Where an invited member makes a passkey. Looking at the page does not use the address up."""
        found = self._enrolment(link)
        if found is None:
            return self._site.page("staff/enrol_ended.html", status=410)
        return self._site.page("staff/enrol.html", link=link, enrolment=found, wrong=False)

    def enrol_question(self, link: str) -> Response:
        """What an authenticator is to make."""
        found = self._enrolment(link)
        if found is None:
            raise ProblemError(NOT_FOUND)
        member = found.member
        drawn = self._use.factors.challenge(member.tenant, member.id, current().at)
        asked = self._use.factors.party.ask_for_new(drawn, member.handle, member.name, ())
        return Response(asked, content_type="application/json")

    def enrol_passkey(self, link: str) -> Response:
        """Enrol with what an authenticator made."""
        found = self._enrolment(link)
        if found is None:
            return self._site.page("staff/enrol_ended.html", status=410)
        try:
            text = self._use.enrolling.by_passkey(found, request.form.get("answer", ""), _device(), visitor())
        except NotLetInError:
            return self._site.page("staff/enrol.html", status=422, link=link, enrolment=found, wrong=True)
        except LinkEndedError:
            return self._site.page("staff/enrol_ended.html", status=410)
        return self.entered(text)

    def enrol_code(self, link: str) -> Response:
        """Enrol with an app."""
        found = self._enrolment(link)
        if found is None:
            return self._site.page("staff/enrol_ended.html", status=410)
        member = found.member
        secret = offered_secret(self._use.factors, member.tenant, member.id, request.form.get("offer"))
        if request.method == "GET" or secret is None:
            return self._offer(link, found, app_offer(self._use.factors, member), wrong=False)
        try:
            text = self._use.enrolling.by_app(found, secret, request.form.get("code", "")[:16], _device(), visitor())
        except NotLetInError:
            return self._offer(link, found, app_offer(self._use.factors, member, secret), wrong=True)
        except LinkEndedError:
            return self._site.page("staff/enrol_ended.html", status=410)
        return self.entered(text)

    def sign_out(self) -> Response:
        """End this session, and let the browser keep nothing."""
        self._use.sessions.end(self._door.who(), occasion())
        return self._site.left(self._site.go(url_for("staff_entrance.anywhere"), said="staff.signed_out"), COOKIE)

    def entered(self, text: StaffSessionText) -> Response:
        """Into the session that has begun, to the page that was wanted."""
        visit().sets[COOKIE] = text.reveal()
        return self._site.go(_wanted() or url_for("staff_entrance.home"))

    def _offer(self, link: str, found: Enrolment, offer: AppOffer, *, wrong: bool) -> Response:
        status = 422 if wrong else 200
        return self._site.page(
            "staff/enrol_code.html", status=status, link=link, enrolment=found, offer=offer, wrong=wrong
        )

    def _enrolment(self, link: str) -> Enrolment | None:
        try:
            return self._use.enrolling.find(link, current().at)
        except LinkEndedError:
            return None

    def _tenant(self, name: str) -> int:
        number = self._use.tenants.number_of(name)
        if number is None:
            raise ProblemError(NOT_FOUND)
        return number


def _wanted() -> str | None:
    """The page of this site that the visitor came for, if they came for one."""
    return local_path(request.values.get("next"), "") or None


def _count(refused: NotLetInError) -> None:
    if refused.counted is not None:
        count_refusal(Action.STAFF_SIGN_IN, refused.counted)


def _device() -> str:
    return device_of(request.headers.get("User-Agent", ""))
