"""HTTP operations on the book of calls."""

from dataclasses import dataclass
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from flask import Response, jsonify
from flask_openapi.blueprint import APIBlueprint

from database.columns import millis, rfc3339
from masking.relay.bound import By
from masking.relay.calls import messages as m
from masking.relay.calls.cases import Case, CaseDesk
from masking.relay.calls.errors import RulesError
from masking.relay.calls.legal_keys import LegalKeys
from masking.relay.calls.legal_record import month_name
from masking.relay.calls.problems import RULES
from masking.relay.calls.reading import Asked, CallReading, CallRecord
from masking.relay.calls.rule_desk import InForce, RuleDesk
from masking.relay.calls.statistics import CallStatistics, Line, Span
from masking.relay.http import order_of
from web.auth import caller, occasion, require
from web.edge_problems import INVALID_REQUEST
from web.openapi import blueprint
from web.principal import Scope
from web.problems import FieldError, ProblemError


class CallDesks(NamedTuple):
    """The use cases behind the operations."""

    reading: CallReading
    statistics: CallStatistics
    cases: CaseDesk
    rules: RuleDesk
    keys: LegalKeys


@dataclass(frozen=True, slots=True)
class CallApi:
    """The book of calls over HTTP."""

    desks: CallDesks

    def blueprint(self) -> APIBlueprint:
        """The operations of this module."""
        api = blueprint(
            "relay-calls", about="What became of masked calls, without anybody's number.", prefix="/v1/relay"
        )
        look = require(Scope.RELAY_CALLS)
        api.get("/calls", responses={200: m.CallsPage})(look(self.list_calls))
        api.get("/calls/<leg>", responses={200: m.CallAnswer})(look(self.get_call))
        api.get("/statistics", responses={200: m.StatisticsAnswer})(look(self.get_statistics))
        api.get("/cases", responses={200: m.CasesPage})(look(self.list_cases))
        api.get("/cases/<int:case>", responses={200: m.CaseAnswer})(look(self.get_case))
        api.post("/cases/<int:case>/close", responses={200: m.CaseAnswer})(look(self.close_case))
        api.get("/rules", responses={200: m.RulesAnswer})(look(self.get_rules))
        api.put("/rules", responses={200: m.RulesAnswer})(look(self.apply_rules))
        api.get("/legal-keys", responses={200: m.LegalKeysAnswer})(look(self.list_legal_keys))
        return api

    def list_calls(self, query: m.CallsQuery) -> Response:
        """List calls and texts, the latest first, by page

        What was refused is there, too. Reading it is recorded in the access log of the people it is about.
        """
        if sum(one is not None for one in (query.binding, query.order, query.subject)) > 1:
            raise _invalid("binding", "one_of", "At most one of binding, order and subject.")
        asked = Asked(
            binding=query.binding,
            order=None if query.order is None else order_of(query.order),
            person=query.subject,
            kind="" if query.kind is None else query.kind.value,
            number=query.number or "",
            refused="*" if query.refused == "any" else query.refused or "",
            since=0 if query.since is None else millis(query.since),
            until=None if query.until is None else millis(query.until),
            before=query.cursor,
            limit=query.limit,
        )
        found = self.desks.reading.page(_by(), asked)
        more = str(found[-1].leg) if len(found) == query.limit else None
        return jsonify({"items": [_call(one) for one in found], "next_cursor": more})

    def get_call(self, path: m.CallPath) -> Response:
        """Look at one call"""
        return jsonify(_call(self.desks.reading.get(_by(), path.leg)))

    def get_statistics(self, query: m.StatisticsQuery) -> Response:
        """Count calls by day, pool and outcome

        With the rate of answers, how long calls are, how many are very short, and how much of each pool is in use. Small counts,
        and what would tell them, are null.
        """
        try:
            zone = ZoneInfo(query.zone)
        except (ZoneInfoNotFoundError, ValueError, OSError):
            raise _invalid("zone", "unknown_zone", "There is no such zone.") from None
        lines = self.desks.statistics.of(_by(), Span(first=query.first, last=query.last, zone=zone))
        return jsonify({"items": [_line(line) for line in lines]})

    def list_cases(self, query: m.CasesQuery) -> Response:
        """List what looked like abuse, by page"""
        found = self.desks.cases.page(caller().tenant, closed=query.closed, after=query.cursor, limit=query.limit)
        more = str(found[-1].id) if len(found) == query.limit else None
        return jsonify({"items": [_case(one) for one in found], "next_cursor": more})

    def get_case(self, path: m.CasePath) -> Response:
        """Look at a case"""
        return jsonify(_case(self.desks.cases.get(caller().tenant, path.case)))

    def close_case(self, path: m.CasePath, body: m.CloseRequest) -> Response:
        """Close a case, and end its measure or let it run"""
        return jsonify(_case(self.desks.cases.close(_by(), path.case, body.reason, lift=body.lift)))

    def get_rules(self) -> Response:
        """Read the rules in force: limits, signals, what is kept and for how long"""
        return jsonify(_rules(self.desks.rules.in_force(caller().tenant)))

    def apply_rules(self, body: m.RulesRequest) -> Response:
        """Put rules in force, for all attempts from the next one on

        The same rules again change nothing; others take a higher version.
        """
        try:
            return jsonify(_rules(self.desks.rules.apply(_by(), body.source)))
        except RulesError as error:
            raise ProblemError(RULES, errors=[FieldError("source", "rules", str(error))]) from None

    def list_legal_keys(self) -> Response:
        """List the keys to which calls are sealed for a law, by month"""
        keys = self.desks.keys.all(caller().tenant)
        return jsonify(
            {
                "items": [
                    {
                        "month": month_name(key.month),
                        "public": key.public.hex(),
                        "first_digest": key.first_digest.hex(),
                        "second_digest": key.second_digest.hex(),
                        "made_at": rfc3339(key.made_at),
                        "first_gone_at": _moment(key.first_gone_at),
                        "second_gone_at": _moment(key.second_gone_at),
                    }
                    for key in keys
                ]
            }
        )


def _by() -> By:
    now = occasion()
    return By(caller().tenant, now.actor, now.request, now.at)


def _invalid(field: str, code: str, words: str) -> ProblemError:
    return ProblemError(INVALID_REQUEST, errors=[FieldError(field, code, words)])


def _moment(at: int | None) -> str | None:
    return None if at is None else rfc3339(at)


def _call(record: CallRecord) -> dict[str, Any]:
    progress = record.progress
    spoken = progress.milliseconds
    return {
        "leg": str(record.leg),
        "at": rfc3339(record.at),
        "kind": record.kind,
        "number": record.number,
        "binding": record.binding,
        "side": record.side or None,
        "caller": record.caller,
        "callee": record.callee,
        "status": record.status,
        "refused": record.refused or None,
        "failure": progress.failure,
        "cause": progress.cause,
        "released": progress.released,
        "recording": record.recording,
        "rang_at": _moment(progress.rang_at),
        "answered_at": _moment(progress.answered_at),
        "ended_at": _moment(progress.ended_at),
        "seconds": None if spoken is None else spoken // 1000,
        "attempts": record.stands_for,
    }


def _line(line: Line) -> dict[str, Any]:
    return {
        "day": line.day.isoformat(),
        "pool": line.pool,
        "counts": line.counts,
        "answer_rate": line.answer_rate,
        "short_share": line.short_share,
        "average_seconds": line.average_seconds,
        "peak_bindings": line.peak,
        "numbers_owned": line.owned,
    }


def _case(case: Case) -> dict[str, Any]:
    return {
        "case": case.id,
        "signal": case.signal,
        "measure": case.measure,
        "subject": case.person,
        "binding": case.binding,
        "count": case.count,
        "opened_at": rfc3339(case.opened_at),
        "last_at": rfc3339(case.last_at),
        "held_until": rfc3339(case.held_until),
        "closed_at": _moment(case.closed_at),
        "closed_by": case.closed_by,
        "reason": case.reason,
    }


def _rules(rules: InForce) -> dict[str, Any]:
    return {
        "version": rules.version,
        "digest": rules.digest,
        "source": rules.source,
        "applied_at": _moment(rules.applied_at),
        "applied_by": rules.applied_by,
    }
