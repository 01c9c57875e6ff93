"""Consents as switches. Off is one tap, from the list; on shows the whole notice first, because that is what is agreed to.

What was shown is proved by a presentation (`consent.records.presentation`), which the form of the notice carries: a consent given
here is as good as one given in the app.
"""

from dataclasses import dataclass
from typing import Any

import orjson
from flask import Blueprint, Response, request

from consent.catalogue import Edition
from consent.errors import SubjectNotFoundError, UnknownPurposesError
from consent.locale import Locale
from consent.receipts.receipt import Shape
from consent.records.caller import Caller
from consent.records.consent_id import consent_id, event_of
from consent.records.decision import Verdict
from consent.records.judgement import Fault, Submission
from consent.records.presentation import (
    TOKEN_AT_MOST,
    NotAPresentationError,
    Presentation,
    decode,
    digest_of,
)
from consent.records.presenting import Presented, Wish
from consent.records.standing import Event, State
from dsar.identity.sessions import PERSON
from pages.privacy.around import Around
from pages.privacy.visitors import Person, at
from web.context import current
from web.edge_problems import NOT_FOUND
from web.problems import ProblemError

CHANNEL = "privacy_centre"
METHOD = "switch"
HISTORY = 30


@dataclass(frozen=True, slots=True)
class Switch:
    """One purpose that rests on consent. `reason` is the code of the decision; `since` and `until` are in milliseconds."""

    purpose: str
    title: str
    description: str
    granted: bool
    reason: str
    receipt: str | None
    since: int | None
    until: int | None


class Consents:
    """The views of consents."""

    def __init__(self, around: Around) -> None:
        self._around = around

    def add(self, pages: Blueprint) -> None:
        """Enter the views."""
        inside = self._around.doors.inside
        pages.add_url_rule("/consents", "consents", inside(self.switches), methods=["GET"])
        pages.add_url_rule("/consents/history", "consent_history", inside(self.history), methods=["GET"])
        pages.add_url_rule("/consents/receipts/<event>", "receipt", inside(self.receipt), methods=["GET"])
        pages.add_url_rule("/consents/<purpose>", "consent", inside(self.notice), methods=["GET"])
        pages.add_url_rule("/consents/<purpose>", "give", inside(self.give), methods=["POST"])
        pages.add_url_rule("/consents/<purpose>/switch", "turn", inside(self.turn), methods=["POST"])

    def switches(self, tenant: str) -> Response:  # noqa: ARG002 - stands in every address
        """Every purpose that rests on consent, and how the person stands to it."""
        person = self._around.who()
        found = self._around.use.consents.standing(person.tenant, person.number)
        locale = _spoken(found.edition, self._around.site.locale())
        switches = []
        for name, verdict in found.verdicts.items():
            standing = found.held.standings.get(name)
            switches.append(
                Switch(
                    name,
                    found.edition.catalogue.notice(name).texts[locale].title,
                    found.edition.catalogue.purpose(name).description[locale],
                    verdict.allowed,
                    _reason(verdict),
                    None if standing is None else consent_id(standing.event),
                    None if standing is None else standing.instant // 1000,
                    standing.valid_until if standing is not None and verdict.allowed else None,
                )
            )
        return self._around.page("consents", switches=switches, child=found.held.child)

    def turn(self, tenant: str, purpose: str) -> Response:  # noqa: ARG002 - stands in every address
        """Turn a switch: off at once, on by way of the notice."""
        if request.form.get("state") == "on":
            return self._around.site.go(at("consent", purpose=purpose))
        person = self._around.who()
        self._require_known(person, purpose)
        item = Submission(self._platform_id(person), purpose, State.WITHDRAWN, method=METHOD, channel=CHANNEL)
        (answer,) = self._around.use.recording.record(_caller(person), [item])
        said = "withdraw_failed" if isinstance(answer, Fault) else "withdrawn"
        return self._around.site.go(at("consents"), said=f"privacy.said.{said}")

    def notice(self, tenant: str, purpose: str) -> Response:  # noqa: ARG002 - stands in every address
        """The notice of a purpose whole, with what says yes to it."""
        return self._shown(purpose)

    def give(self, tenant: str, purpose: str) -> Response:  # noqa: ARG002 - stands in every address
        """Say yes to what was shown."""
        person, token = self._around.who(), request.form.get("presentation", "")[: TOKEN_AT_MOST + 1]
        self._require_known(person, purpose)
        item = Submission(
            self._platform_id(person),
            purpose,
            State.GIVEN,
            presentation=self._presentation(token),
            presentation_digest=digest_of(token),
            method=METHOD,
            channel=CHANNEL,
        )
        (answer,) = self._around.use.recording.record(_caller(person), [item])
        if isinstance(answer, Fault):
            return self._shown(purpose, fault=answer)
        return self._around.site.go(at("consents"), said="privacy.said.given")

    def history(self, tenant: str) -> Response:  # noqa: ARG002 - stands in every address
        """Everything that happened, the latest first."""
        person = self._around.who()
        before = request.args.get("before", "")
        place = {"before": int(before)} if before.isascii() and before.isdigit() and len(before) <= 15 else {}
        found = self._around.use.consents.history(person.tenant, person.number, limit=HISTORY, **place)
        edition = self._around.use.catalogues.edition(person.tenant)
        locale = _spoken(edition, self._around.site.locale())
        more = at("consent_history", before=found[-1].epoch) if len(found) == HISTORY else None
        return self._around.page(
            "consent_history",
            events=[_event(one, edition, locale) for one in found],
            next=more,
            first=at("consent_history") if place else None,
        )

    def receipt(self, tenant: str, event: str) -> Response:  # noqa: ARG002 - stands in every address
        """The signed receipt of one event, as a file."""
        person, number = self._around.who(), event_of(event)
        try:
            if number is None:
                raise SubjectNotFoundError
            found = self._around.use.receipts.receipt(_caller(person), self._platform_id(person), number, Shape.JSON)
        except SubjectNotFoundError:
            raise ProblemError(NOT_FOUND) from None
        answer = Response(orjson.dumps(found, option=orjson.OPT_INDENT_2), content_type="application/json")
        answer.headers["Content-Disposition"] = f'attachment; filename="{event}.json"'
        answer.headers["Cache-Control"] = "no-store"
        return answer

    def _shown(self, purpose: str, *, fault: Fault | None = None) -> Response:
        person = self._around.who()
        wish = Wish(
            subject=self._platform_id(person),
            purposes=[purpose],
            locale=self._around.locale(),
            channel=CHANNEL,
            by_person=True,
        )
        try:
            shown: Presented = self._around.use.presenting.present(_caller(person), wish)
        except UnknownPurposesError:
            raise ProblemError(NOT_FOUND) from None
        text = shown.notices[0].texts[shown.locale]
        return self._around.page(
            "consent",
            status=200 if fault is None else 422,
            purpose=purpose,
            notice_title=text.title,
            sections=sections(text.text),
            version=shown.notices[0].version,
            presentation=shown.token,
            fault=None if fault is None else _fault(fault),
        )

    def _presentation(self, token: str) -> Presentation | Fault:
        try:
            return decode(token, self._around.use.signer.verifier())
        except NotAPresentationError:
            return Fault.PRESENTATION_INVALID

    def _require_known(self, person: Person, purpose: str) -> None:
        if not self._around.use.catalogues.edition(person.tenant).catalogue.knows(purpose):
            raise ProblemError(NOT_FOUND)

    def _platform_id(self, person: Person) -> str:
        return self._around.use.names.platform_id(person.tenant, person.number)


def sections(text: str) -> list[tuple[str, list[str]]]:
    """The sections of a notice's text without its title, each with its heading and its lines (`consent.notice`)."""
    blocks = text.strip().split("\n\n")[1:]
    return [(lines[0], lines[1:]) for lines in (block.split("\n") for block in blocks)]


def _event(one: Event, edition: Edition, locale: Locale) -> dict[str, Any]:
    known = edition.catalogue.knows(one.purpose)
    return {
        "title": edition.catalogue.notice(one.purpose).texts[locale].title if known else one.purpose,
        "state": one.state.value,
        "by": one.expressed_by.value,
        "at": one.instant // 1000,
        "version": one.notice_version,
        "receipt": consent_id(one.id),
    }


def _caller(person: Person) -> Caller:
    return Caller(person.tenant, PERSON, current().request_id)


def _spoken(edition: Edition, locale: Locale) -> Locale:
    return locale if locale in edition.catalogue.locales else edition.catalogue.locales[0]


_REASONS = frozenset(
    {
        "given",
        "renewed",
        "refused",
        "deferred",
        "withdrawn",
        "expired",
        "invalidated",
        "no_record",
        "stale_notice",
        "gpc",
    }
)
"""Codes of decisions that have words of their own."""

_FAULTS = frozenset(
    {Fault.MINOR_WITHOUT_GUARDIAN, Fault.MINORS_EXCLUDED, Fault.FROZEN, Fault.EXPIRED, Fault.STALE_NOTICE}
)
"""Faults that have words of their own."""


def _reason(verdict: Verdict) -> str:
    return verdict.reason if verdict.reason in _REASONS else "other"


def _fault(fault: Fault) -> str:
    return fault.value if fault.value in _FAULTS else "other"
