"""The story of a request for the person who has made it: what happened, and which messages were sent about it. Reading it is no
entry in the log."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from database.engine import Database
from database.transaction import Transaction
from dsar.desk import store
from dsar.desk.clocks import Clocks
from dsar.desk.errors import RequestNotFoundError
from dsar.desk.intake import RECEIVE
from dsar.desk.moves import MOVES, Move
from dsar.desk.record import Record
from dsar.desk.requests import TOLD
from dsar.desk.telling import values_of
from dsar.request import RequestState

_OFFICE = frozenset({Move.ASSIGN, Move.ESCALATE, Move.RECKON})
"""What goes on inside the office only."""


@dataclass(frozen=True, slots=True)
class Letter:
    """A message about a request: its template, and what fills its places."""

    template: str
    values: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Happening:
    """One line of the story, at a time in milliseconds since the epoch; `letter` is what the person was sent about it."""

    at: int
    move: str
    state: RequestState
    letter: Letter | None


@dataclass(frozen=True, slots=True)
class Story:
    """A request with its story, the oldest first. `withdrawable` is whether it can still be taken back."""

    record: Record
    happenings: Sequence[Happening]
    withdrawable: bool


class OwnStories:
    """The use case."""

    def __init__(self, database: Database, clocks: Clocks) -> None:
        self._database = database
        self._clocks = clocks

    def of(self, tenant: int, subject: int, request: UUID, locale: str) -> Story:
        """The story of a request of the person with this internal number, with letters in a language of theirs.

        Raises:
            RequestNotFoundError: there is none of this person's.
        """

        def work(tx: Transaction) -> Story:
            record = Record.of(tx.one(store.REQUEST, tenant=tenant, id=request.bytes))
            if record.subject != subject:
                raise RequestNotFoundError
            rows = tx.all(store.MOVES_OF, tenant=tenant, request=request.bytes)
            lines = [
                Happening(row[1], row[2], RequestState(row[3]), self._letter(record, row[2], row[4], locale))
                for row in rows
                if row[2] not in _OFFICE
            ]
            return Story(record, lines, _withdrawable(record))

        return self._database.read(tenant, work)

    def _letter(self, record: Record, move: str, reason: str | None, locale: str) -> Letter | None:
        template = "request_received" if move == RECEIVE else TOLD.get(Move(move))
        if template is None:
            return None
        return Letter(template, values_of(record, self._clocks, reason, locale))


def _withdrawable(record: Record) -> bool:
    from_, _ = MOVES[Move.WITHDRAW]
    return record.state in from_
