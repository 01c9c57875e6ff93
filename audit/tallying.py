"""Counting the log by day as it grows, so that a chart over a year reads some hundred rows, however long the log is.

Each entry is counted once: the counts of a batch and the mark of how far they go are written in one transaction. Entries are
counted in the order of their indexes in the log, which leave no gap and never change; those without one are counted later.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import date, tzinfo
from typing import NamedTuple

import orjson

from audit import store
from audit.asking import Asking
from audit.entry import Act, Action, Group, Outcome
from audit.log import AuditLog
from audit.tally import Counted, Measure, counted, day_number
from database.engine import Database
from database.transaction import Transaction

AT_ONCE = 2_000
BATCHES_A_ROUND = 100

Days = tuple[date, date]
"""A span of days, the last one excluded."""


class _Mark(NamedTuple):
    log: int
    leaf: int


_START = _Mark(1, 0)


class _Batch(NamedTuple):
    before: _Mark
    after: _Mark
    counts: Mapping[tuple[int, Measure, int, str], int]


class Tallying:
    """Counts, and tells what was counted. Days are those of `zone`."""

    def __init__(self, database: Database, log: AuditLog, zone: tzinfo) -> None:
        self._database = database
        self._log = log
        self._zone = zone

    def round(self, _at: int) -> None:
        """Count what has been settled since, for some seconds at most."""
        for _ in range(BATCHES_A_ROUND):
            batch = self._database.read(None, self._next)
            if batch is None or not self._kept(batch):
                return

    def of(self, by: Asking, measure: Measure, spans: Sequence[Days]) -> Sequence[Mapping[str, int]]:
        """What was counted in each span, by code. That it was looked at is recorded."""
        rows = [(place, day_number(first), day_number(before)) for place, (first, before) in enumerate(spans)]
        group = Group(Outcome.DONE, kind=f"tally_{measure.value}", count=len(spans))

        def work(tx: Transaction) -> list[tuple[int, str, int]]:
            self._log.append(tx, Act(Action.AUDIT_READ, by.actor, by.tenant, by.at, by.request, [group]))
            found = tx.all(store.TALLIES, rows=rows, tenant=by.tenant, measure=measure.value)
            return [(place, code, int(count)) for place, code, count in found]

        told: list[dict[str, int]] = [{} for _ in spans]
        for place, code, count in self._database.write(by.tenant, work):
            told[place][code] = count
        return told

    def _next(self, tx: Transaction) -> _Batch | None:
        head = tx.one(store.HEAD)
        before = _Mark(*(tx.one(store.TALLIED) or _START))
        if head is None or before >= (head[0], head[2]):
            return None
        rows = tx.all(store.UNTALLIED, log=before.log, first=before.leaf, limit=AT_ONCE)
        counts: Counter[tuple[int, Measure, int, str]] = Counter()
        for tenant, body in rows:
            one: Counted | None = counted(orjson.loads(body), self._zone)
            if one is not None:
                counts[(tenant, one.measure, one.day, one.code)] += one.amount
        ended = before.log < head[0] and len(rows) < AT_ONCE
        return _Batch(
            before, _Mark(before.log + 1, 0) if ended else before._replace(leaf=before.leaf + len(rows)), counts
        )

    def _kept(self, batch: _Batch) -> bool:
        """Whether the batch was added; another process may have been faster."""

        def work(tx: Transaction) -> bool:
            if tx.one(store.TALLIED) is None:
                tx.insert(store.INSERT_TALLIED, [(1, *_START)])
            (log, leaf), (log_before, leaf_before) = batch.after, batch.before
            if not tx.run(store.MOVE_TALLIED, log=log, leaf=leaf, log_before=log_before, leaf_before=leaf_before):
                return False
            if batch.counts:
                tx.run(store.ADD_TALLIES, rows=[(*key, count) for key, count in batch.counts.items()])
            return True

        return self._database.write(None, work)
