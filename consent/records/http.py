"""Consents and decisions over HTTP."""

from collections.abc import Callable, Collection
from dataclasses import dataclass
from typing import Any

import orjson
from flask import Response
from flask_openapi.blueprint import APIBlueprint

from audit.entry import Actor, ActorKind
from consent.errors import AtomicConsentsError, RecentlyRefusedError, UnknownPurposesError
from consent.ports import Signer
from consent.records import messages as m
from consent.records.answers import decided_answer, event_answer, recorded_answer, standings_answer, written
from consent.records.asking import Asked, Decisions
from consent.records.caller import Caller, micros
from consent.records.decision import Question
from consent.records.judgement import DETAILS, Evidence, Fault, Submission
from consent.records.presentation import NotAPresentationError, Presentation, decode, digest_of
from consent.records.presenting import Presenting, Wish
from consent.records.problems import CONSENTS_NOT_RECORDED, RECENTLY_REFUSED, UNKNOWN_PURPOSE
from consent.records.reading import Reading
from consent.records.recording import Recording
from consent.records.standing import ExpressedBy, State
from database.columns import millis, rfc3339
from web.auth import caller, require
from web.context import current
from web.direct import DirectCall, DirectOperation
from web.json_body import strict_text
from web.openapi import blueprint
from web.principal import Scope
from web.problems import FieldError, ProblemError
from work.http_replay import replay_of_call


@dataclass(frozen=True, slots=True, kw_only=True)
class ConsentUseCases:
    """What the operations call."""

    presenting: Presenting
    recording: Recording
    decisions: Decisions
    reading: Reading
    signer: Signer
    signalled: Callable[[Caller, Collection[str], str | None], None]
    """Honours a Global Privacy Control signal that the call carries for these people of the platform."""


class ConsentApi:
    """The operations of consents and decisions."""

    def __init__(self, use: ConsentUseCases) -> None:
        self._use = use

    def blueprint(self) -> APIBlueprint:
        """The operations, each with its scope."""
        api = blueprint("consent", about="What people have agreed to, and whether their data may be used.")
        subjects = "/subjects/<subject>/consents"
        api.post("/presentations", responses={200: m.PresentationAnswer})(
            require(Scope.CONSENT_WRITE)(self.present_notices)
        )
        api.post("/consents", responses={200: m.ConsentsAnswer})(require(Scope.CONSENT_WRITE)(self.record_consents))
        api.post("/decisions", responses={200: m.DecisionsAnswer})(
            require(Scope.CONSENT_DECIDE, recent=True)(self.decide_uses)
        )
        api.get(subjects, responses={200: m.OverviewAnswer})(require(Scope.CONSENT_READ)(self.get_consents))
        api.get(f"{subjects}/history", responses={200: m.HistoryAnswer})(
            require(Scope.CONSENT_READ)(self.get_consent_history)
        )
        return api

    def present_notices(self, body: m.PresentationRequest) -> Response:
        """Get the notices of purposes, to show them to a person

        The texts are to be shown as they are. The presentation comes back with what the person then says.
        """
        ticked = frozenset(name for name, switch in body.defaults.items() if switch == "on")
        wish = Wish(
            subject=body.subject,
            purposes=list(dict.fromkeys(body.purposes)),
            locale=body.locale,
            channel=body.channel,
            ticked=ticked,
            by_person=body.asked_by == "person",
        )
        self._use.signalled(_caller(), [body.subject], body.channel)
        try:
            shown = self._use.presenting.present(_caller(), wish)
        except UnknownPurposesError as unknown:
            raise ProblemError(UNKNOWN_PURPOSE, errors=[_unknown(place) for place in unknown.places]) from None
        except RecentlyRefusedError as early:
            raise ProblemError(RECENTLY_REFUSED, errors=[_early(*one) for one in early.places.items()]) from None
        notices = [
            {
                "purpose": notice.purpose,
                "version": notice.version,
                "title": notice.texts[shown.locale].title,
                "text": notice.texts[shown.locale].text,
                "sha256": notice.texts[shown.locale].digest,
                "default": "on" if notice.purpose in shown.ticked else "off",
            }
            for notice in shown.notices
        ]
        return _json(
            {
                "presentation": shown.token,
                "locale": shown.locale.value,
                "notices": notices,
                "expires_at": rfc3339(shown.expires_at),
            }
        )

    def record_consents(self, body: m.ConsentsRequest) -> Response:
        """Record what people have said: given, refused, deferred or withdrawn

        A consent needs a presentation or evidence; a withdrawal needs nothing and is in force when this answers.
        """
        signed = any(item.presentation is not None for item in body.items)
        verify = self._use.signer.verifier() if signed else lambda _message, _signature: False
        items = [_submission(item, verify) for item in body.items]
        self._use.signalled(_caller(), {item.subject for item in items}, None)
        try:
            answers = self._use.recording.record(_caller(), items, atomic=body.atomic, replay=replay_of_call())
        except AtomicConsentsError as failed:
            raise ProblemError(CONSENTS_NOT_RECORDED, errors=[_failed(*one) for one in failed.errors]) from None
        return _json({"items": [recorded_answer(answer) for answer in answers]})

    def decide_uses(self, body: m.DecisionsRequest) -> Response:
        """Ask whether data may be used, before using it

        With `at` the question is about a past moment, and the answer the one that was given then.
        """
        decided = self._use.decisions.decide(caller().tenant, _asked(body))
        return _json({"items": [decided_answer(one) for one in decided]})

    def direct(self) -> DirectOperation:
        """Decisions that are in memory, without the ways of the framework."""
        return DirectOperation(path="/v1/decisions", scope=Scope.CONSENT_DECIDE, answer=self._remembered)

    def _remembered(self, call: DirectCall) -> bytes | None:
        try:
            asked = _asked(m.DecisionsRequest.model_validate_json(strict_text(call.body)))
        except (ValueError, RecursionError):
            return None
        decided = self._use.decisions.remembered(call.principal.tenant, asked)
        return None if decided is None else orjson.dumps({"items": [decided_answer(one) for one in decided]})

    def get_consents(self, path: m.SubjectPath, query: m.AsOf) -> Response:
        """Show how a person stands to each purpose, now or at a past moment"""
        instant = None if query.as_of is None else micros(query.as_of)
        found = self._use.reading.overview(_caller(), path.subject, instant)
        return _json(
            {
                "subject": path.subject,
                "at": written(found.instant),
                "epoch": found.held.epoch,
                "under_14": found.held.child,
                "items": standings_answer(found),
                "next_cursor": None,
            }
        )

    def get_consent_history(self, path: m.SubjectPath, query: m.HistoryQuery) -> Response:
        """List everything that happened to a person's consents"""
        after = 0 if query.cursor is None else int(query.cursor)
        events = self._use.reading.history(_caller(), path.subject, after=after, limit=query.limit + 1)
        page = events[: query.limit]
        following = str(page[-1].event.epoch) if len(events) > len(page) else None
        return _json({"subject": path.subject, "items": [event_answer(one) for one in page], "next_cursor": following})


def _asked(body: m.DecisionsRequest) -> list[Asked]:
    return [
        Asked(
            item.subject,
            Question(item.purpose, item.kind, item.recipient),
            None if item.at is None else micros(item.at),
        )
        for item in body.items
    ]


def _caller() -> Caller:
    principal = caller()
    actor = Actor(ActorKind.CREDENTIAL, principal.credential, principal.role.value)
    return Caller(principal.tenant, actor, current().request_id)


def _submission(item: m.ConsentItem, verify: Callable[[bytes, bytes], bool]) -> Submission:
    token, guardian = item.presentation, item.guardian
    return Submission(
        subject=item.subject,
        purpose=item.purpose,
        state=State(item.state),
        presentation=None if token is None else _presentation(token, verify),
        presentation_digest=None if token is None else digest_of(token),
        evidence=None if item.evidence is None else _evidence(item.evidence),
        wording=None if item.wording is None else bytes.fromhex(item.wording),
        kinds=frozenset(item.kinds),
        method=item.method,
        channel=item.channel,
        expressed_by=ExpressedBy(item.expressed_by),
        guardian_evidence=None if guardian is None else guardian.evidence,
        guardian_digest=None if guardian is None else _octets(guardian.sha256),
        child=item.under_14,
        expires_in=item.expires_in,
    )


def _presentation(token: str, verify: Callable[[bytes, bytes], bool]) -> Presentation | Fault:
    try:
        return decode(token, verify)
    except NotAPresentationError:
        return Fault.PRESENTATION_INVALID


def _evidence(body: m.EvidenceBody) -> Evidence:
    return Evidence(
        body.kind,
        _octets(body.sha256),
        body.notice_version,
        body.locale,
        body.default == "on",
        tuple(body.shown),
        None if body.at is None else millis(body.at),
    )


def _octets(digest: str | None) -> bytes | None:
    return None if digest is None else bytes.fromhex(digest)


def _unknown(place: int) -> FieldError:
    return FieldError(f"purposes.{place}", "unknown_purpose", DETAILS[Fault.UNKNOWN_PURPOSE])


def _early(place: int, again: int) -> FieldError:
    return FieldError(f"purposes.{place}", "recently_refused", f"may be asked again from {rfc3339(again)} on")


def _failed(place: int, code: str) -> FieldError:
    return FieldError(f"items.{place}", code, DETAILS[Fault(code)])


def _json(answer: dict[str, Any]) -> Response:
    return Response(orjson.dumps(answer), content_type="application/json")
