"""Calls over the relay: what became of them, what looked like abuse and what is done about it, and figures over a month.

No number is shown, neither of people nor of the relay; people stand as the platform's ids, as the API tells them. That calls
were looked at stands in the access log of those who called.
"""

from collections.abc import Sequence
from datetime import timedelta
from typing import NamedTuple, cast
from zoneinfo import ZoneInfo

from flask import Blueprint, Response, request, url_for

from masking.relay.bound import By
from masking.relay.calls.cases import Case, CaseDesk, Verdict
from masking.relay.calls.errors import CaseClosedError, CaseNotFoundError
from masking.relay.calls.reading import Asked, CallReading, CallRecord
from masking.relay.calls.statistics import ANSWERED, TOTAL, UNANSWERED, CallStatistics, Line, Span
from masking.relay.decision import CallKind
from pages.officer.around import Around
from pages.shell.charts import Stacks
from web.auth import caller, occasion
from web.edge_problems import NOT_FOUND
from web.principal import Scope
from web.problems import ProblemError

PAGE = 30
BESIDE_A_CASE = 20
DAYS = 30
VERDICTS = (Verdict.ABUSE, Verdict.FALSE_ALARM, Verdict.EXPLAINED)
"""What an officer can come to. The fourth, `erased`, is what an erasure leaves."""

_BARS = (("answered", ANSWERED), ("unanswered", UNANSWERED), ("refused", ("refused",)), ("open", ("open",)))


class CallUseCases(NamedTuple):
    """What the pages of calls call."""

    reading: CallReading
    cases: CaseDesk
    statistics: CallStatistics


class CallPages:
    """The pages of calls."""

    def __init__(self, around: Around, use: CallUseCases) -> None:
        self._around = around
        self._use = use

    def add(self, pages: Blueprint) -> None:
        """Enter the routes."""
        door, look, one = self._around.door, Scope.RELAY_CALLS, "/calls/cases/<int:number>"
        pages.add_url_rule("/calls/list", "calls", door(self.calls, look))
        pages.add_url_rule("/calls/usage", "call_usage", door(self.usage, look))
        pages.add_url_rule("/calls", "cases", door(self.cases, look))
        pages.add_url_rule(one, "relay_case", door(self.case, look))
        pages.add_url_rule(f"{one}/close", "close_case", door(self.close, look), methods=["POST"])

    def calls(self) -> Response:
        """Calls and texts, the latest first."""
        kind = next((one.value for one in CallKind if one.value == request.args.get("kind")), "")
        refused = "*" if request.args.get("refused") == "yes" else ""
        before = request.args.get("before")
        found = self._use.reading.page(_by(), Asked(kind=kind, refused=refused, before=before, limit=PAGE))
        kept = {name: value for name, value in (("kind", kind), ("refused", refused and "yes")) if value}
        more = url_for("officer.calls", before=found[-1].leg, **kept) if len(found) == PAGE else None  # type: ignore[arg-type]  # names of this form
        say = self._around.site.say
        kinds = [(one.value, say(f"officer.calls.kind.{one.value}")) for one in CallKind]
        return self._page(
            "officer/calls.html",
            calls=[_spoken(one) for one in found],
            kinds=[("", say("officer.any")), *kinds],
            kind=kind,
            refused=bool(refused),
            filtered=bool(kept),
            next=more,
            first=url_for("officer.calls", **kept) if before else None,  # type: ignore[arg-type]  # names of this form
        )

    def usage(self) -> Response:
        """The last thirty days: how calls ended, and how many bindings each pool held at once."""
        moments = self._around.site.moments()
        today = moments.today()
        span = Span(first=today - timedelta(days=DAYS - 1), last=today, zone=cast(ZoneInfo, moments.zone))
        lines = self._use.statistics.of(_by(), span)
        totals = [line for line in lines if line.pool == TOTAL]
        pools = sorted({line.pool for line in lines} - {TOTAL})
        return self._page(
            "officer/call_usage.html",
            ended=self._ended(totals),
            hidden=any(None in line.counts.values() for line in totals),
            peaks=[(pool, [line for line in lines if line.pool == pool]) for pool in pools],
            days=[f"{line.day.month}/{line.day.day}" for line in totals],
        )

    def cases(self) -> Response:
        """What looked like abuse: cases that are open, or those that are closed."""
        closed, after = request.args.get("closed") == "yes", request.args.get("after", "")
        place = int(after) if after.isascii() and after.isdecimal() and len(after) < 16 else 0
        found = self._use.cases.page(caller().tenant, closed=closed, after=place, limit=PAGE)
        view = "yes" if closed else None
        more = url_for("officer.cases", closed=view, after=found[-1].id) if len(found) == PAGE else None
        first = url_for("officer.cases", closed=view) if place else None
        return self._page("officer/cases.html", cases=found, closed=closed, next=more, first=first)

    def case(self, number: int) -> Response:
        """One case, with the calls of whoever it is about."""
        return self._shown(number)

    def close(self, number: int) -> Response:
        """Decide about it."""
        verdict = next((one for one in VERDICTS if one.value == request.form.get("verdict")), None)
        if verdict is None:
            return self._shown(number, wrong="officer.cases.choose", status=422)
        try:
            self._use.cases.close(_by(), number, verdict, lift=request.form.get("lift") == "yes")
        except CaseNotFoundError:
            raise ProblemError(NOT_FOUND) from None
        except CaseClosedError:
            return self._shown(number, wrong="officer.cases.closed_before", status=409)
        return self._around.site.go(url_for("officer.cases"), said="officer.cases.noted")

    def _shown(self, number: int, *, wrong: str | None = None, status: int = 200) -> Response:
        try:
            case = self._use.cases.get(caller().tenant, number)
        except CaseNotFoundError:
            raise ProblemError(NOT_FOUND) from None
        say = self._around.site.say
        return self._page(
            "officer/case.html",
            status=status,
            case=case,
            calls=[_spoken(one) for one in self._calls_of(case)],
            verdicts=[
                (one.value, say(f"officer.cases.verdict.{one.value}"), say(f"officer.cases.verdict_about.{one.value}"))
                for one in VERDICTS
            ],
            wrong=wrong,
        )

    def _calls_of(self, case: Case) -> Sequence[CallRecord]:
        """Calls of the person or within the binding of a case; none of a caller who is nobody here."""
        if case.binding is None and case.person is None:
            return ()
        asked = Asked(binding=case.binding, person=case.person if case.binding is None else None, limit=BESIDE_A_CASE)
        return self._use.reading.page(_by(), asked)

    def _ended(self, totals: Sequence[Line]) -> Stacks:
        """How the calls of each day ended; a count that is hidden adds nothing."""
        say = self._around.site.say
        parts = [
            (say(f"officer.calls.ended.{name}"), [sum(line.counts[one] or 0 for one in columns) for line in totals])
            for name, columns in _BARS
        ]
        labels = [f"{line.day.month}/{line.day.day}" for line in totals]
        return Stacks(labels, [(name, counts) for name, counts in parts if any(counts)])

    def _page(self, template: str, *, status: int = 200, **values: object) -> Response:
        places = [
            ("cases", "officer.cases.title"),
            ("calls", "officer.calls.title"),
            ("call_usage", "officer.usage.title"),
        ]
        here = request.endpoint
        tabs = [
            (self._around.site.say(name), url_for(f"officer.{place}"), here == f"officer.{place}")
            for place, name in places
        ]
        return self._around.site.page(template, status=status, ways=tabs, **values)


def _by() -> By:
    now = occasion()
    return By(caller().tenant, now.actor, now.request, now.at)


def _spoken(record: CallRecord) -> tuple[CallRecord, int | None]:
    """A call, and for how many whole seconds it was spoken."""
    spoken = record.progress.milliseconds
    return record, None if spoken is None else spoken // 1000
