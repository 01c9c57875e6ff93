"""Looking at requests: the queue in the order in which they are due, and one with its history. Nothing else orders the queue:
what a customer is worth plays no part. Both are recorded."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from audit.entry import Act, Action, Actor, ActorKind, Group, Outcome
from audit.log import AuditLog
from database.engine import Database
from database.transaction import Row, Transaction
from dsar.desk import store
from dsar.desk.record import Record
from dsar.desk.words import SealedWords, Words
from dsar.request import By, RequestState
from dsar.right import Right

Place = tuple[int, bytes]
"""Where a page of the queue begins: the due time and the id of the last request before it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """Which requests are looked for. Without a state those that have not ended; `assignee` 0 for those of nobody; `overdue` for
    those that are late at `at`."""

    state: RequestState | None = None
    right: Right | None = None
    regime: str = ""
    due_before: int | None = None
    assignee: int | None = None
    overdue: bool = False


@dataclass(frozen=True, slots=True)
class Happened:
    """One line of a request's history."""

    number: int
    at: int
    move: str
    state: RequestState
    reason: str | None
    actor: Actor


class Reading:
    """The use cases behind the queue."""

    def __init__(self, database: Database, log: AuditLog, words: SealedWords) -> None:
        self._database = database
        self._log = log
        self._words = words

    def page(self, tenant: int, wanted: Wanted, by: By, *, after: Place | None, limit: int) -> list[Record]:
        """Requests in the order in which they are due, after a place of the queue."""
        return self.pages(tenant, [wanted], by, after=after, limit=limit)[0]

    def pages(
        self, tenant: int, wanted: Sequence[Wanted], by: By, *, after: Place | None = None, limit: int
    ) -> list[list[Record]]:
        """Several such pages as they are at one moment: one look, with an entry for each."""

        def work(tx: Transaction) -> list[list[Row]]:
            found = [_queued(tx, tenant, one, by.at, after, limit) for one in wanted]
            self._record(tx, tenant, by, [Group(Outcome.DONE, count=len(rows)) for rows in found])
            return found

        return [[Record.of(row) for row in rows] for rows in self._database.write(tenant, work)]

    def one(self, tenant: int, request: UUID, by: By) -> tuple[Record, Sequence[Happened]]:
        """A request with its history. Raises RequestNotFoundError."""

        def work(tx: Transaction) -> tuple[Record, Sequence[Happened]]:
            record = Record.of(tx.one(store.REQUEST, tenant=tenant, id=request.bytes))
            self._record(tx, tenant, by, [Group(Outcome.DONE, kind=record.right.value, refs=[record.request.ref])])
            rows = tx.all(store.MOVES_OF, tenant=tenant, request=request.bytes)
            return record, [_happened(row) for row in rows]

        return self._database.write(tenant, work)

    def words(self, tenant: int, request: UUID, by: By) -> Words:
        """What the person said in their own words. Raises RequestNotFoundError."""
        self.one(tenant, request, by)
        return self._words.of(tenant, request)

    def _record(self, tx: Transaction, tenant: int, by: By, groups: Sequence[Group]) -> None:
        self._log.append(tx, Act(Action.DSAR_READ, by.actor, tenant, by.at, by.call, groups))


def _queued(tx: Transaction, tenant: int, wanted: Wanted, at: int, after: Place | None, limit: int) -> list[Row]:
    due, last = (-1, b"") if after is None else after
    return tx.all(
        store.QUEUE,
        tenant=tenant,
        after_due=due,
        after_id=last,
        limit=limit,
        state="" if wanted.state is None else wanted.state.value,
        claim="" if wanted.right is None else wanted.right.value,
        regime=wanted.regime,
        due_before=_EVER if wanted.due_before is None else wanted.due_before,
        assignee=_ANYBODY if wanted.assignee is None else wanted.assignee,
        late_at=at if wanted.overdue else _EVER,
    )


_EVER = 2**62
_ANYBODY = -1


def _happened(row: Row) -> Happened:
    number, at, move, state, reason, kind, actor, role = row
    return Happened(number, at, move, RequestState(state), reason, Actor(ActorKind(kind), actor, role))
