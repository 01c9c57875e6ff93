"""What switches and providers tell of calls that went out: taken in any order, as often as it comes, each leg in one
transaction."""

from collections.abc import Sequence
from dataclasses import replace
from enum import StrEnum
from functools import partial
from uuid import UUID

from database.engine import Database
from database.transaction import Row, Transaction
from masking.relay.calls import store
from masking.relay.calls.legs import first_leg
from masking.relay.calls.progress import Event, Failure, Progress, Released
from masking.relay.calls.sealed_stream import SealedStream

EVENTS_AT_MOST = 200
LASTS_AT_MOST_MS = 6 * 3_600_000
UNDER_WAY_AT_MOST = 100


class Taken(StrEnum):
    """What became of an event: it told something new, nothing new, or of a leg that was never sent out here."""

    NEW = "new"
    KNOWN = "known"
    UNKNOWN_LEG = "unknown_leg"


class CallEvents:
    """Takes events. They name a leg, and can neither make a call nor change one that was refused."""

    def __init__(self, database: Database, stream: SealedStream) -> None:
        self._database = database
        self._stream = stream

    def take(self, tenant: int, events: Sequence[Event], at: int) -> list[Taken]:
        """What became of each event, in order; they came at `at`. Times before the call began or after that are moved to its
        beginning or to `at`: a switch whose clock is wrong moves no call out of its retention."""
        return [
            self._database.write(tenant, partial(self._one, tenant=tenant, event=event, now=at)) for event in events
        ]

    def under_way(self, tenant: int, binding: int, at: int) -> list[str]:
        """The legs of a binding's calls that were connected and whose end was not told, the latest first. What began longer ago
        than a call may last has ended without a word."""
        first = first_leg(at - LASTS_AT_MOST_MS)

        def work(tx: Transaction) -> list[Row]:
            return tx.all(store.UNDER_WAY, tenant=tenant, binding=binding, first=first, limit=UNDER_WAY_AT_MOST)

        rows = self._database.read(tenant, work)
        return [str(UUID(bytes=bytes(leg))) for (leg,) in rows]

    def tell(self, tenant: int, events: Sequence[Event], at: int) -> None:
        """The same for those who need no answer (masking.relay.asking)."""
        self.take(tenant, events, at)

    def _one(self, tx: Transaction, *, tenant: int, event: Event, now: int) -> Taken:
        leg = read_leg(event.leg)
        row = None if leg is None else tx.one(store.PROGRESS, tenant=tenant, leg=leg.bytes)
        if leg is None or row is None or row[1]:
            return Taken.UNKNOWN_LEG
        begun_at, known = row[0], progress_of(row[2:])
        told = known.after(replace(event, at=min(max(event.at, begun_at), max(now, begun_at))))
        if told == known:
            return Taken.KNOWN
        tx.run(
            store.SET_PROGRESS,
            tenant=tenant,
            leg=leg.bytes,
            rang_at=told.rang_at,
            answered_at=told.answered_at,
            ended_at=told.ended_at,
            failure=told.failure,
            cause=told.cause,
            released=told.released,
        )
        self._stream.end(tx, tenant, leg, begun_at, told)
        return Taken.NEW


def progress_of(columns: Row) -> Progress:
    """What is known of a call, from its row's last six columns."""
    rang_at, answered_at, ended_at, failure, cause, released = columns
    return Progress(
        rang_at=rang_at,
        answered_at=answered_at,
        ended_at=ended_at,
        failure=None if failure is None else Failure(failure),
        cause=cause,
        released=None if released is None else Released(released),
    )


def read_leg(text: str) -> UUID | None:
    """The leg of a text as it was given out; None for anything else."""
    try:
        leg = UUID(text)
    except ValueError:
        return None
    return leg if str(leg) == text else None
