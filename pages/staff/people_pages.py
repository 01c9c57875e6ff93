"""Who is staff: for administrators the list, invitations and who is let go; for everybody, help for one who lost a key."""

import re

from flask import Blueprint, Response, request, url_for

from pages.shell.site import Site
from pages.staff.door import StaffDoor
from pages.staff.errors import SamePersonError, StaffNotFoundError
from pages.staff.inviting import Inviting
from pages.staff.member import ROLES, Member
from pages.staff.secret_text import EnrolmentText
from web.auth import caller, occasion
from web.context import current
from web.edge_problems import NOT_FOUND
from web.errors import CredentialNameTakenError
from web.http import NAME_PATTERN
from web.principal import Role, Scope
from web.problems import ProblemError
from web.stored_name import is_personal

PAGE = 50


class PeoplePages:
    """The pages of staff about staff. `origin` is where enrolments happen."""

    def __init__(self, site: Site, door: StaffDoor, inviting: Inviting, origin: str) -> None:
        self._site = site
        self._door = door
        self._inviting = inviting
        self._origin = origin

    def blueprint(self) -> Blueprint:
        """Their routes."""
        pages = Blueprint("staff_people", __name__, url_prefix="/staff")
        door, manage, post = self._door, Scope.STAFF_MANAGE, ["POST"]
        one = "/people/<int:number>"
        pages.add_url_rule("/people", "people", door(self.people, manage))
        pages.add_url_rule("/people/new", "invite", door(self.invite, manage, fresh=True), methods=["GET", "POST"])
        pages.add_url_rule(f"{one}/again", "again", door(self.again, manage, fresh=True), methods=post)
        pages.add_url_rule(f"{one}/disable", "disable", door(self.disable, manage, fresh=True), methods=["GET", "POST"])
        pages.add_url_rule("/recovery", "recovery", door(self.recovery))
        pages.add_url_rule("/recovery/ask", "ask", door(self.ask, fresh=True), methods=["GET", "POST"])
        pages.add_url_rule(
            "/recovery/<int:number>/approve", "approve", door(self.approve, manage, fresh=True), methods=post
        )
        pages.add_url_rule("/recovery/<int:number>/take", "take", door(self.take, fresh=True), methods=post)
        return pages

    def people(self) -> Response:
        """All of them."""
        after = request.args.get("after", "0")
        after = after if after.isascii() and after.isdecimal() and len(after) < 16 else "0"
        found = self._inviting.page(caller().tenant, occasion(), after=int(after), limit=PAGE)
        more = url_for("staff_people.people", after=found[-1].id) if len(found) == PAGE else None
        return self._site.page("staff/people.html", members=found, more=more, me=self._door.who().staff)

    def invite(self) -> Response:
        """Invite somebody."""
        name, role = request.form.get("name", "").strip(), request.form.get("role", "")
        if request.method == "GET":
            return self._invitation(name, role, {})
        wrong = {}
        if re.fullmatch(NAME_PATTERN, name) is None or is_personal(name):
            wrong["name"] = "staff.people.name_wrong"
        if role not in {one.value for one in ROLES}:
            wrong["role"] = "staff.people.role_wrong"
        if wrong:
            return self._invitation(name, role, wrong)
        try:
            member, text = self._inviting.invite(caller().tenant, name, Role(role), occasion())
        except CredentialNameTakenError:
            return self._invitation(name, role, {"name": "staff.people.name_taken"})
        return self._invited(member, text)

    def again(self, number: int) -> Response:
        """Another address for somebody who did not come in time."""
        try:
            text = self._inviting.invite_again(caller().tenant, number, occasion())
            return self._invited(self._inviting.member(caller().tenant, number), text)
        except StaffNotFoundError:
            raise ProblemError(NOT_FOUND) from None

    def disable(self, number: int) -> Response:
        """Let somebody go, once it was asked."""
        try:
            member = self._inviting.member(caller().tenant, number)
            if member.id == self._door.who().staff:
                return self._site.go(url_for("staff_people.people"), said="staff.people.not_oneself")
            if request.method == "GET":
                return self._asked_to_disable(member)
            self._inviting.disable(caller().tenant, number, occasion())
        except StaffNotFoundError:
            raise ProblemError(NOT_FOUND) from None
        return self._site.go(url_for("staff_people.people"), said="staff.people.disabled")

    def recovery(self) -> Response:
        """Who has lost a key, and who agreed that it is so."""
        return self._site.page(
            "staff/recovery.html",
            recoveries=self._inviting.recoveries(caller().tenant, current().at),
            me=caller(),
            may_approve=caller().may(Scope.STAFF_MANAGE),
        )

    def ask(self) -> Response:
        """Say that a colleague has."""
        if request.method == "GET":
            return self._site.page("staff/recovery_ask.html", error=None)
        try:
            self._inviting.ask_recovery(self._door.who(), request.form.get("name", "").strip()[:64], occasion())
        except SamePersonError:
            return self._site.page("staff/recovery_ask.html", status=422, error="staff.recovery.not_oneself")
        return self._site.go(url_for("staff_people.recovery"), said="staff.recovery.asked")

    def approve(self, number: int) -> Response:
        """Agree, as a second person."""
        try:
            self._inviting.approve_recovery(self._door.who(), number, occasion())
        except StaffNotFoundError:
            raise ProblemError(NOT_FOUND) from None
        except SamePersonError:
            return self._site.go(url_for("staff_people.recovery"), said="staff.recovery.same")
        return self._site.go(url_for("staff_people.recovery"), said="staff.recovery.approved")

    def take(self, number: int) -> Response:
        """The new address, for whoever asked."""
        try:
            text = self._inviting.take_recovery(self._door.who(), number, occasion())
        except StaffNotFoundError:
            raise ProblemError(NOT_FOUND) from None
        return self._site.page(
            "staff/invited.html", name=None, address=self._address(text), back="staff_people.recovery"
        )

    def _invitation(self, name: str, role: str, wrong: dict[str, str]) -> Response:
        return self._site.page(
            "staff/invite.html", status=422 if wrong else 200, name=name, role=role, roles=ROLES, wrong=wrong
        )

    def _invited(self, member: Member, text: EnrolmentText) -> Response:
        return self._site.page(
            "staff/invited.html", name=member.name, address=self._address(text), back="staff_people.people"
        )

    def _asked_to_disable(self, member: Member) -> Response:
        return self._site.page(
            "shell/confirm.html",
            title=self._site.say("staff.people.disable_title", name=member.name),
            about=self._site.say("staff.people.disable_text"),
            action=url_for("staff_people.disable", number=member.id),
            yes=self._site.say("staff.people.disable"),
            no_url=url_for("staff_people.people"),
        )

    def _address(self, text: EnrolmentText) -> str:
        return self._origin + url_for("staff_entrance.enrol", link=text.reveal())
