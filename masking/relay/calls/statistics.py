"""Figures of calls by day and pool: how attempts ended, how many were answered and for how long, how much of a pool was in use.

A table is made for each day, with pools as its rows and outcomes as its columns, and small cells of it are hidden as in every
published table of this service: days share no cell, so that nothing of one follows from another. A rate or an average is given
only where the counts that it comes from are. Days are those of a zone that the asker names.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from heapq import heappop, heappush
from typing import Any
from zoneinfo import ZoneInfo

from audit.entry import Act, Action, Group, Outcome
from audit.log import AuditLog
from database.columns import millis
from database.engine import Database
from database.transaction import Row, Transaction
from masking.relay.bound import By
from masking.relay.calls import store
from masking.relay.calls.errors import SpanError
from masking.relay.calls.legs import first_leg
from masking.relay.calls.ports import Suppression
from masking.relay.calls.rule_book import RuleBook

DAYS_AT_MOST = 31
SMALLEST = 5
TOTAL = "total"
ANSWERED = ("answered", "answered_short", "talking")
UNANSWERED = ("busy", "no_answer", "cancelled", "rejected", "unreachable", "failed")
COLUMNS = (*ANSWERED, *UNANSWERED, "open", "refused")


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """Days to be counted, the last one included, in a zone.

    Raises:
        SpanError: it ends before it begins, has more than 31 days, or is not of this time.
    """

    first: date
    last: date
    zone: ZoneInfo

    def __post_init__(self) -> None:
        if not 0 <= (self.last - self.first).days < DAYS_AT_MOST or not 2000 <= self.first.year < 2200:
            raise SpanError

    def days(self) -> Sequence[tuple[date, int, int]]:
        """Each day with its beginning and its end (milliseconds since the epoch)."""
        count = (self.last - self.first).days + 1
        listed = [self.first + timedelta(days=number) for number in range(count)]
        return [(day, self._begin(day), self._begin(day + timedelta(days=1))) for day in listed]

    def _begin(self, day: date) -> int:
        return millis(datetime.combine(day, time(), self.zone))


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One pool (or all: `total`) on one day. Counts are None where one is hidden. `answer_rate` and `short_share` are
    percentages: of the attempts that went out and have ended, and of the answered calls. `peak` is how many bindings were in
    force at once, `owned` how many numbers the pool has now; both None for the total."""

    day: date
    pool: str
    counts: Mapping[str, int | None]
    answer_rate: float | None
    short_share: float | None
    average_seconds: float | None
    peak: int | None
    owned: int | None


class CallStatistics:
    """Counts."""

    def __init__(self, database: Database, log: AuditLog, rules: RuleBook, hide: Suppression) -> None:
        self._database = database
        self._log = log
        self._rules = rules
        self._hide = hide

    def of(self, by: By, span: Span) -> Sequence[Line]:
        """The lines of a span, day by day; recorded. Raises SpanError."""
        days = span.days()

        def work(tx: Transaction) -> tuple[list[Row], list[Row], dict[int, dict[date, int]]]:
            act = Act(Action.RELAY_STATISTICS, by.actor, by.tenant, by.at, by.request, [Group(Outcome.DONE)])
            self._log.append(tx, act)
            short = self._rules.read(tx, by.tenant).short
            asked = [(place, first_leg(since), first_leg(before)) for place, (_, since, before) in enumerate(days)]
            counted = tx.all(store.OUTCOMES, rows=asked, tenant=by.tenant, short=short)
            owned = tx.all(store.POOLS_OWNED, tenant=by.tenant)
            where: dict[str, Any] = {"since": days[0][1], "before": days[-1][2]}
            return counted, owned, peaks(tx.all(store.SPANS_OF_BINDINGS, tenant=by.tenant, **where), days)

        counted, owned, peak = self._database.write(by.tenant, work)
        tables, spoken = _tables(counted)
        lines: list[Line] = []
        for place, (day, _, _) in enumerate(days):
            lines += _lines(day, self._hide, tables[place], spoken[place], owned, peak)
        return lines


def peaks(spans: Sequence[Row], days: Sequence[tuple[date, int, int]]) -> dict[int, dict[date, int]]:
    """How many bindings of each pool were in force at once, at most, on each day: a span is (pool, beginning, end)."""
    found: dict[int, dict[date, int]] = defaultdict(lambda: dict.fromkeys((day for day, _, _ in days), 0))
    by_pool: dict[int, list[tuple[int, int]]] = defaultdict(list)
    for pool, begins, ends in spans:
        by_pool[pool].append((begins, ends))
    for pool, own in by_pool.items():
        own.sort()
        for day, since, before in days:
            ending: list[int] = []
            for begins, ends in own:
                if begins >= before:
                    break
                if ends <= since:
                    continue
                while ending and ending[0] <= max(begins, since):
                    heappop(ending)
                heappush(ending, ends)
                found[pool][day] = max(found[pool][day], len(ending))
    return found


def _tables(
    counted: Sequence[Row],
) -> tuple[dict[int, dict[int, dict[str, int]]], dict[int, dict[int, int]]]:
    """Counts by day, pool and outcome, and the milliseconds that were spoken by day and pool."""
    tables: dict[int, dict[int, dict[str, int]]] = defaultdict(lambda: defaultdict(lambda: defaultdict(int)))
    spoken: dict[int, dict[int, int]] = defaultdict(lambda: defaultdict(int))
    for day, pool, _kind, _refused, outcome, count, length in counted:
        tables[day][pool][outcome] += int(count)
        spoken[day][pool] += int(length or 0)
    return tables, spoken


def _lines(
    day: date,
    hide: Suppression,
    table: Mapping[int, Mapping[str, int]],
    spoken: Mapping[int, int],
    owned: Sequence[Row],
    peak: Mapping[int, Mapping[date, int]],
) -> list[Line]:
    shown = hide({str(pool): table.get(pool, {}) for pool, _, _ in owned}, COLUMNS)
    made = []
    for pool, name, count in owned:
        cells = shown[str(pool)]
        figures = _figures(cells, spoken.get(pool, 0))
        made.append(Line(day=day, pool=name, counts=cells, **figures, peak=peak[pool][day], owned=count))
    figures = _figures(shown[TOTAL], sum(spoken.values()))
    made.append(Line(day=day, pool=TOTAL, counts=shown[TOTAL], **figures, peak=None, owned=None))
    return made


def _figures(cells: Mapping[str, int | None], spoken: int) -> dict[str, Any]:
    """Rates of a line, None wherever they would tell a count that is hidden, or rest on too few."""
    ended, short = _sum(cells, ANSWERED[:2]), cells["answered_short"]
    unanswered, answered = _sum(cells, UNANSWERED), _sum(cells, ANSWERED)
    rate = share = average = None
    if answered is not None and unanswered is not None and answered + unanswered >= SMALLEST:
        rate = round(100 * answered / (answered + unanswered), 1)
    if ended is not None and short is not None and ended >= SMALLEST:
        share = round(100 * short / ended, 1)
        average = round(spoken / ended / 1000, 1)
    return {"answer_rate": rate, "short_share": share, "average_seconds": average}


def _sum(cells: Mapping[str, int | None], columns: Sequence[str]) -> int | None:
    found = [cells[column] for column in columns]
    return None if None in found else sum(count for count in found if count is not None)
