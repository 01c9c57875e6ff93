"""How the requests of a year were handled, to be published: PIPL 58, Network Data Security Regulations 44, 11 CCR 7102.

A year is one of the regime's zone, by the day of receipt. Complaints are counted by what they are about."""

import csv
import io
from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from statistics import median
from typing import Any

from audit.entry import Act, Action, Group, Outcome
from audit.log import AuditLog
from database.columns import millis
from database.engine import Database
from database.transaction import Row, Transaction
from dsar.desk import store
from dsar.desk.regime import Regime
from dsar.desk.suppression import SMALLEST, published
from dsar.request import By, RequestState
from dsar.right import Right

DAY_MS = 86_400_000
OPEN = "open"
ANSWERED = ("completed", "partially_denied", "denied")
COLUMNS = (*ANSWERED, "withdrawn", "expired", "duplicate", OPEN)
HIDDEN = "*"


@dataclass(frozen=True, slots=True)
class Line:
    """What is published of one right under one regime, or of all (`total`): counts by outcome with their total, None where one is
    hidden, and the median number of days to an answer where at least five were given."""

    regime: str
    right: str
    counts: Mapping[str, int | None]
    median_days: float | None


class Statistics:
    """Counts a year."""

    def __init__(self, database: Database, log: AuditLog, regimes: Mapping[str, Regime]) -> None:
        self._database = database
        self._log = log
        self._regimes = regimes

    def of(self, tenant: int, year: int, by: By) -> list[Line]:
        """The lines of a year, the total last; recorded."""
        first = millis(datetime(year, 1, 1, tzinfo=UTC)) - DAY_MS
        bounds: dict[str, Any] = {"since": first, "before": first + 368 * DAY_MS}
        counts: dict[str, Counter[str]] = defaultdict(Counter)
        days: dict[str, list[int]] = defaultdict(list)

        def work(tx: Transaction) -> list[Row]:
            act = Act(Action.DSAR_STATISTICS, by.actor, tenant, by.at, by.call, [Group(Outcome.DONE)])
            self._log.append(tx, act)
            return tx.all(store.OF_YEAR, tenant=tenant, **bounds)

        for regime, claim, category, state, received_at, ended_at in self._database.write(tenant, work):
            clock = self._regimes[regime].clock
            if clock.day_of(received_at).year != year:
                continue
            key = f"{regime} {claim}.{category}" if claim == Right.COMPLAINT else f"{regime} {claim}"
            outcome = OPEN if ended_at is None else RequestState(state).value
            counts[key][outcome] += 1
            if outcome in ANSWERED:
                days[key].append(clock.days_between(received_at, ended_at))
        return _lines(counts, days)


def _lines(counts: Mapping[str, Counter[str]], days: Mapping[str, list[int]]) -> list[Line]:
    lines = []
    for key, cells in published(dict(sorted(counts.items())), COLUMNS).items():
        regime, _, right = key.partition(" ")
        took = days.get(key, []) if right else [one for each in days.values() for one in each]
        lines.append(Line(regime, right, cells, median(took) if len(took) >= SMALLEST else None))
    return lines


def as_csv(lines: list[Line]) -> str:
    """The lines as CSV (RFC 4180) of codes and numbers, with `*` for what is hidden."""
    written = io.StringIO()
    table = csv.writer(written, lineterminator="\r\n")
    table.writerow(["regime", "right", *COLUMNS, "total", "median_days"])
    for line in lines:
        cells = [HIDDEN if count is None else count for count in line.counts.values()]
        table.writerow([line.regime, line.right, *cells, "" if line.median_days is None else line.median_days])
    return written.getvalue()
