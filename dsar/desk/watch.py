"""Looking at clocks, about once a minute: what nears its end is escalated, what is late is a breach of its own, a person who does
not answer is not waited for for ever, and a deadline that rested on days not yet ordered is reckoned anew."""

from collections.abc import Callable
from dataclasses import replace
from uuid import UUID

from database.engine import Database
from database.transaction import Transaction
from dsar.desk import store
from dsar.desk.clocks import ACKNOWLEDGE, DUE, WAITS, Clocks
from dsar.desk.moves import Move
from dsar.desk.reasons import NO_ANSWER
from dsar.desk.record import Record
from dsar.desk.requests import RequestDesk
from dsar.request import by_itself

AT_ONCE = 500


class Watch:
    """Notes what time brings. `nudge` is told, after a commit, that there may be something to do."""

    def __init__(self, database: Database, desk: RequestDesk, nudge: Callable[[], None]) -> None:
        self._database = database
        self._desk = desk
        self._nudge = nudge

    def look(self, at: int) -> int:
        """Note all that has come by `at`, in milliseconds since the epoch; tells how many requests that were."""
        looked = 0
        while True:
            found = self._database.read(None, lambda tx: tx.all(store.TO_LOOK_AT, at=at, limit=AT_ONCE))
            for tenant, id_ in found:
                self._in(tenant, id_, lambda tx, record: self._look(tx, record, at))
            looked += len(found)
            if len(found) < AT_ONCE:
                break
        for tenant, id_ in self._database.read(None, lambda tx: tx.all(store.UNCERTAIN, limit=AT_ONCE)):
            self._in(tenant, id_, lambda tx, record: self._reckon(tx, record, at))
        if looked:
            self._nudge()
        return looked

    def forget(self, at: int) -> None:
        """Delete the records that no law asks to keep any more."""
        self._database.write(None, lambda tx: tx.run(store.FORGET, at=at))

    def _in(self, tenant: int, id_: bytes, act: Callable[[Transaction, Record], None]) -> None:
        request = UUID(bytes=bytes(id_))
        self._database.write(tenant, lambda tx: act(tx, self._desk.to_change(tx, tenant, request)))

    def _look(self, tx: Transaction, record: Record, at: int) -> None:
        """One row, locked: another process may have looked at it just now."""
        clocks, by = self._desk.clocks, by_itself(at)
        if record.look_at is None or record.look_at > at:
            return
        if record.waits_until is not None and record.waits_until < at and record.state in WAITS:
            ended = replace(record, reasons=(NO_ANSWER,))
            self._desk.moved(tx, ended, Move.EXPIRE, by, reason=NO_ANSWER)
            return
        acknowledge_by = clocks.unacknowledged(record)
        if acknowledge_by is not None and acknowledge_by < at:
            record = replace(record, breached=(*record.breached, ACKNOWLEDGE))
            record = self._desk.moved(tx, clocks.looked(record), Move.BREACH, by, reason=ACKNOWLEDGE)
        self._escalate(tx, record, at)

    def _escalate(self, tx: Transaction, record: Record, at: int) -> None:
        clocks, by, reached = self._desk.clocks, by_itself(at), 0
        while record.stands_since is None and (following := _next(clocks, record)) and following[1] <= at:
            reached = following[0]
            record = replace(record, passed=reached)
        if reached == 100:
            record = replace(record, breached=(*record.breached, DUE))
            self._desk.moved(tx, clocks.looked(record), Move.BREACH, by, reason=DUE)
        elif reached:
            self._desk.moved(tx, clocks.looked(record), Move.ESCALATE, by, reason=f"passed_{reached}")
        else:
            self._desk.save(tx, clocks.looked(replace(record, waits_until=_still(record, at))))

    def _reckon(self, tx: Transaction, record: Record, at: int) -> None:
        reckoned = self._desk.clocks.reckoned(record, at)
        if reckoned.certain and not record.certain:
            self._desk.moved(tx, reckoned, Move.RECKON, by_itself(at))


def _next(clocks: Clocks, record: Record) -> tuple[int, int] | None:
    if DUE in record.breached:
        return None
    return clocks.of(record).next_look(record.started_at, record.due_at, record.passed)


def _still(record: Record, at: int) -> int | None:
    """Until when somebody is still waited for."""
    return record.waits_until if record.waits_until is not None and record.waits_until > at else None
