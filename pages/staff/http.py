"""HTTP operations about staff: invite them, see who there is, let somebody go. They sign in on the pages, never here."""

from typing import Annotated, Any

from flask import Response, jsonify, url_for
from flask_openapi.blueprint import APIBlueprint
from pydantic import BaseModel, Field, field_validator

from database.columns import rfc3339
from pages.staff.errors import StaffNotFoundError
from pages.staff.inviting import Inviting
from pages.staff.member import LINK_LIFE_MS, ROLES, Member, State
from pages.staff.secret_text import EnrolmentText
from web.auth import caller, occasion, require
from web.edge_problems import NOT_FOUND
from web.http import LARGEST_NUMBER, NAME_PATTERN, PAGE_AT_MOST
from web.json_body import Body
from web.openapi import blueprint
from web.principal import Role, Scope
from web.problems import ProblemError
from web.stored_name import NamesNobody


class StaffRequest(Body):
    """Somebody to invite."""

    name: Annotated[str, NamesNobody] = Field(
        pattern=NAME_PATTERN, description="A work name, such as li.na. Not a person's data."
    )
    role: Role = Field(description="What they are: privacy_officer, auditor, support, operator, risk or admin.")

    @field_validator("role")
    @classmethod
    def of_staff(cls, role: Role) -> Role:
        """The other roles are those of programs and of people of the platform."""
        if role not in ROLES:
            raise ValueError("not a role of staff")
        return role


class StaffPath(Body):
    id: int = Field(ge=1, le=LARGEST_NUMBER, description="Number of the member of staff.")


class StaffQuery(Body):
    limit: int = Field(default=50, ge=1, le=PAGE_AT_MOST)
    cursor: int = Field(default=0, ge=0, le=LARGEST_NUMBER, description="`next_cursor` of the page before.")


class StaffAnswer(BaseModel):
    """A member of staff. `credential` is the number of the credential that they act under, which has no text."""

    id: int
    name: str
    role: Role
    credential: int
    state: State
    made_at: str
    enrolled_at: str | None
    disabled_at: str | None


class InvitedAnswer(StaffAnswer):
    """A member with the address at which they enrol: shown this once, for one use, until `expires_at`."""

    url: str
    expires_at: str


class StaffPage(BaseModel):
    """Members in the order they were invited."""

    items: list[StaffAnswer]
    next_cursor: str | None


class StaffApi:
    """Staff over HTTP. `origin` is where their pages are."""

    def __init__(self, inviting: Inviting, origin: str) -> None:
        self._inviting = inviting
        self._origin = origin

    def blueprint(self) -> APIBlueprint:
        """The operations of this module."""
        api = blueprint("staff", about="Who works on the pages of the tenant.")
        manage = require(Scope.STAFF_MANAGE)
        api.post("/staff", responses={201: InvitedAnswer})(manage(self.invite_staff))
        api.get("/staff", responses={200: StaffPage})(manage(self.list_staff))
        api.post("/staff/<id>/invite", responses={201: InvitedAnswer})(manage(self.invite_staff_again))
        api.delete("/staff/<id>", responses={204: None})(manage(self.disable_staff))
        return api

    def invite_staff(self, body: StaffRequest) -> tuple[Response, int]:
        """Invite a member of staff

        The answer's address works once and for fifteen minutes; whoever opens it first becomes this member.
        """
        member, text = self._inviting.invite(caller().tenant, body.name, body.role, occasion())
        return self._invited(member, text)

    def list_staff(self, query: StaffQuery) -> Response:
        """List the tenant's staff, those who were let go too"""
        found = self._inviting.page(caller().tenant, occasion(), after=query.cursor, limit=query.limit)
        more = str(found[-1].id) if len(found) == query.limit else None
        return jsonify({"items": [_answer(one) for one in found], "next_cursor": more})

    def invite_staff_again(self, path: StaffPath) -> tuple[Response, int]:
        """Give somebody who has not enrolled yet another address"""
        try:
            text = self._inviting.invite_again(caller().tenant, path.id, occasion())
            member = self._inviting.member(caller().tenant, path.id)
        except StaffNotFoundError:
            raise ProblemError(NOT_FOUND) from None
        return self._invited(member, text)

    def disable_staff(self, path: StaffPath) -> tuple[str, int]:
        """Let a member of staff go, with all their sessions, at once"""
        try:
            self._inviting.disable(caller().tenant, path.id, occasion())
        except StaffNotFoundError:
            raise ProblemError(NOT_FOUND) from None
        return "", 204

    def _invited(self, member: Member, text: EnrolmentText) -> tuple[Response, int]:
        url = self._origin + url_for("staff_entrance.enrol", link=text.reveal())
        ends_at = rfc3339(occasion().at + LINK_LIFE_MS)
        return jsonify({**_answer(member), "url": url, "expires_at": ends_at}), 201


def _answer(member: Member) -> dict[str, Any]:
    return {
        "id": member.id,
        "name": member.name,
        "role": member.role.value,
        "credential": member.credential,
        "state": member.state.value,
        "made_at": rfc3339(member.made_at),
        "enrolled_at": None if member.enrolled_at is None else rfc3339(member.enrolled_at),
        "disabled_at": None if member.disabled_at is None else rfc3339(member.disabled_at),
    }
