"""HTTP operations on requests and complaints."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from flask import Response, jsonify
from flask_openapi.blueprint import APIBlueprint

from database.columns import millis
from dsar.desk import messages as m
from dsar.desk.answers import cursor_of, line, place_of, short, whole
from dsar.desk.clocks import Clocks
from dsar.desk.deciding import Case, Deciding
from dsar.desk.intake import Asked, Intake
from dsar.desk.reading import Reading, Wanted
from dsar.desk.record import Record
from dsar.desk.regime import Regime
from dsar.desk.standard import complaint_standard
from dsar.desk.statistics import Line, Statistics, as_csv
from dsar.desk.words import Words
from dsar.request import By
from web.auth import caller, occasion, require, visitor
from web.openapi import blueprint, public_blueprint
from web.principal import Scope
from work.http_replay import replay_of_call

ONE = "/requests/<request>"

_STATISTICS: dict[str, Any] = {
    "content": {
        "application/json": {"schema": m.STATISTICS},
        "text/csv": {"schema": {"type": "string"}},
    }
}


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestUseCases:
    """What the operations call."""

    intake: Intake
    deciding: Deciding
    reading: Reading
    statistics: Statistics
    clocks: Clocks
    regimes: Mapping[str, Regime]


class RequestApi:
    """Requests over HTTP."""

    def __init__(self, use: RequestUseCases) -> None:
        self._use = use

    def blueprints(self) -> list[APIBlueprint]:
        """The operations of this module."""
        return [self._requests(), self._decisions(), self._standard()]

    def _requests(self) -> APIBlueprint:
        api = blueprint("requests", about="What people ask about their data, and complaints.")
        ask, read, manage = (require(scope) for scope in (Scope.DSAR_REQUEST, Scope.DSAR_READ, Scope.DSAR_MANAGE))
        api.post("/requests", responses={201: m.ShortAnswer})(ask(self.make_request))
        api.get("/requests", responses={200: m.QueuePage})(read(self.list_requests))
        api.get("/requests/statistics", responses={200: _STATISTICS})(read(self.get_request_statistics))
        api.get(ONE, responses={200: m.TimelineAnswer})(read(self.get_request))
        api.get(f"{ONE}/status", responses={200: m.ShortAnswer})(ask(self.get_request_status))
        api.get(f"{ONE}/words", responses={200: m.WordsAnswer})(manage(self.get_request_words))
        api.post(f"{ONE}/withdraw", responses={200: m.ShortAnswer})(ask(self.withdraw_request))
        return api

    def _decisions(self) -> APIBlueprint:
        api = blueprint("request_decisions", about="What officers decide about requests.")
        views: dict[str, Callable[..., Any]] = {
            "acknowledge": self.acknowledge_request,
            "accept": self.accept_request,
            "deny": self.deny_request,
            "extend": self.extend_request,
            "pause": self.pause_request,
            "resume": self.resume_request,
            "approve": self.approve_request,
            "assign": self.assign_request,
            "complete": self.complete_request,
            "settle": self.settle_complaint,
        }
        for act, view in views.items():
            api.post(f"{ONE}/{act}", responses={200: m.RequestAnswer})(require(Scope.DSAR_MANAGE)(view))
        return api

    def _standard(self) -> APIBlueprint:
        api = public_blueprint("complaints", about="How complaints are handled.", prefix="/v1")
        api.get("/complaints/standard", responses={200: m.StandardAnswer})(visitor(self.get_complaint_standard))
        return api

    def make_request(self, body: m.RequestBody) -> tuple[Response, int]:
        """Hand in what a person asks

        The answer is the same whether the person is known or not.
        """
        complaint = body.complaint
        asked = Asked(
            subject=body.subject,
            right=body.right,
            regime=body.regime,
            requester=body.requester,
            channel=body.channel,
            locale=body.locale,
            purposes=tuple(body.purposes),
            words=Words(body.text, body.corrections),
            category=None if complaint is None else complaint.category,
            accountable=None if complaint is None else complaint.accountable,
            evidence=0 if complaint is None else complaint.evidence,
        )
        record = self._use.intake.open(caller().tenant, asked, by_caller(), replay_of_call())
        return jsonify(short(record, self._use.clocks)), 201

    def list_requests(self, query: m.QueueQuery) -> Response:
        """List requests in the order in which they are due, by page"""
        by = by_caller()
        wanted = Wanted(
            state=query.state,
            right=query.right,
            regime=query.regime or "",
            due_before=None if query.due_before is None else millis(query.due_before),
            assignee=query.assignee,
            overdue=query.overdue,
        )
        after = None if query.cursor is None else place_of(query.cursor)
        found = self._use.reading.page(caller().tenant, wanted, by, after=after, limit=query.limit)
        more = cursor_of(found[-1]) if len(found) == query.limit else None
        return jsonify({"items": [whole(one, self._use.clocks, by.at) for one in found], "next_cursor": more})

    def get_request(self, path: m.RequestPath) -> Response:
        """Look at a request, with what has happened to it"""
        by = by_caller()
        record, history = self._use.reading.one(caller().tenant, UUID(path.request), by)
        return jsonify(whole(record, self._use.clocks, by.at) | {"timeline": [line(one) for one in history]})

    def get_request_status(self, path: m.RequestPath) -> Response:
        """Tell how far a request is, as the person may know it"""
        record, _ = self._use.reading.one(caller().tenant, UUID(path.request), by_caller())
        return jsonify(short(record, self._use.clocks))

    def get_request_words(self, path: m.RequestPath) -> Response:
        """Read what the person said in their own words"""
        words = self._use.reading.words(caller().tenant, UUID(path.request), by_caller())
        return jsonify(text=words.text, corrections=dict(words.corrections))

    def withdraw_request(self, path: m.RequestPath) -> Response:
        """End a request that the person does not want any more"""
        return jsonify(short(self._use.deciding.withdraw(_case(path)), self._use.clocks))

    def acknowledge_request(self, path: m.RequestPath) -> Response:
        """Note that the receipt has been confirmed to the person"""
        return self._answer(self._use.deciding.acknowledge(_case(path)))

    def accept_request(self, path: m.RequestPath) -> Response:
        """Accept a request of a verified requester, which begins its execution"""
        return self._answer(self._use.deciding.accept(_case(path)))

    def deny_request(self, path: m.RequestPath, body: m.DenialBody) -> Response:
        """Deny a request for a reason, which the person is told with the remedies"""
        return self._answer(self._use.deciding.deny(_case(path), body.reason))

    def extend_request(self, path: m.RequestPath, body: m.ExtensionBody) -> Response:
        """Extend the time once, before it is over; the person is told why"""
        return self._answer(self._use.deciding.extend(_case(path), body.reason))

    def pause_request(self, path: m.RequestPath, body: m.PauseBody) -> Response:
        """Ask the person for something

        Whether the clock stands meanwhile, the regime says: see `clock`.
        """
        return self._answer(self._use.deciding.pause(_case(path), body.reason))

    def resume_request(self, path: m.RequestPath) -> Response:
        """Go on with a request that waited for the person"""
        return self._answer(self._use.deciding.go_on(_case(path)))

    def approve_request(self, path: m.RequestPath) -> Response:
        """Approve what has been prepared, as the second person"""
        return self._answer(self._use.deciding.approve(_case(path)))

    def assign_request(self, path: m.RequestPath, body: m.AssignmentBody) -> Response:
        """Give a request to somebody, or to nobody"""
        return self._answer(self._use.deciding.assign(_case(path), body.assignee))

    def complete_request(self, path: m.RequestPath, body: m.CompletionBody) -> Response:
        """Note that a request which no job executes is done, whole or but for reasons"""
        return self._answer(self._use.deciding.complete(_case(path), body.partially))

    def settle_complaint(self, path: m.RequestPath, body: m.SettlementBody) -> Response:
        """Answer a complaint; the person is told the outcome"""
        return self._answer(self._use.deciding.settle(_case(path), body.outcome))

    def get_request_statistics(self, query: m.YearQuery) -> Response:
        """Count how the requests of a year were handled, to be published

        Counts below five, and what would tell them, are hidden.
        """
        lines = self._use.statistics.of(caller().tenant, query.year, by_caller())
        if query.format == "csv":
            return Response(as_csv(lines), content_type="text/csv; charset=utf-8")
        return jsonify(year=query.year, items=[_line(one) for one in lines])

    def get_complaint_standard(self) -> Response:
        """Tell how complaints are handled, and in what time"""
        return jsonify(complaint_standard(self._use.regimes))

    def _answer(self, record: Record) -> Response:
        return jsonify(whole(record, self._use.clocks, occasion().at))


def by_caller() -> By:
    """The caller of this call, who acts upon a request."""
    now = occasion()
    return By(now.actor, now.request, now.at)


def _case(path: m.RequestPath) -> Case:
    return Case(caller().tenant, UUID(path.request), by_caller(), replay_of_call())


def _line(one: Line) -> dict[str, Any]:
    return {
        "regime": one.regime,
        "right": one.right,
        "counts": dict(one.counts),
        "median_days": one.median_days,
    }
