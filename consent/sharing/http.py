"""What of a person's data others get, over HTTP."""

from typing import Annotated, Any

import orjson
from flask import Response
from flask_openapi.blueprint import APIBlueprint
from pydantic import BaseModel, StringConstraints

from audit.entry import Actor, ActorKind
from consent.catalogues.answers import ordered, recipient_answer
from consent.catalogues.messages import LocaleQuery, RecipientAnswer
from consent.locale import Locale
from consent.records.caller import Caller
from consent.records.consent_id import consent_id
from consent.sharing.reading import Share, SharedWith, Shares
from database.columns import rfc3339
from web.auth import caller, require
from web.context import current
from web.json_body import Body
from web.openapi import blueprint
from web.principal import Scope


class SubjectPath(Body):
    subject: Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9._:-]{1,64}$")]


class ShareAnswer(BaseModel):
    """Kinds that a recipient gets for a purpose. `reason` is the ground, or `given` or `renewed` for a consent, which `consent`
    names."""

    purpose: str
    kinds: list[str]
    reason: str
    consent: str | None
    notice_version: int | None


class PersonsRecipientAnswer(RecipientAnswer):
    shares: list[ShareAnswer]


class PersonsRecipientsPage(BaseModel):
    subject: str
    at: str
    items: list[PersonsRecipientAnswer]
    next_cursor: None


class SharingApi:
    """The operation on who gets what of one person."""

    def __init__(self, shared: SharedWith) -> None:
        self._shared = shared

    def blueprint(self) -> APIBlueprint:
        """The operations of this module."""
        api = blueprint("sharing", about="Who gets what of a person's data.")
        api.get("/subjects/<subject>/recipients", responses={200: PersonsRecipientsPage})(
            require(Scope.CONSENT_READ)(self.list_subject_recipients)
        )
        return api

    def list_subject_recipients(self, path: SubjectPath, query: LocaleQuery) -> Response:
        """List who gets what of a person's data now, and on which ground"""
        principal = caller()
        actor = Actor(ActorKind.CREDENTIAL, principal.credential, principal.role.value)
        found = self._shared.of(Caller(principal.tenant, actor, current().request_id), path.subject)
        offered = found.catalogue.locales
        locale = query.locale if query.locale in offered else offered[0]
        answer = {
            "subject": path.subject,
            "at": rfc3339(found.at),
            "items": _by_recipient(found, locale),
            "next_cursor": None,
        }
        return Response(orjson.dumps(answer), content_type="application/json")


def _by_recipient(found: Shares, locale: Locale) -> list[dict[str, Any]]:
    """The shares of each recipient that has any, in the order of the register."""
    items = []
    for recipient in found.catalogue.recipients.values():
        shares = [_share(found, one) for one in found.items if one.recipient == recipient.id]
        if shares:
            items.append({**recipient_answer(found.catalogue, recipient, locale), "shares": shares})
    return items


def _share(found: Shares, one: Share) -> dict[str, Any]:
    verdict = one.verdict
    return {
        "purpose": one.purpose,
        "kinds": ordered(found.catalogue, one.kinds),
        "reason": verdict.reason,
        "consent": None if verdict.event is None else consent_id(verdict.event),
        "notice_version": verdict.notice_version,
    }
