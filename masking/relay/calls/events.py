"""What switches and providers tell of calls that went out: taken in any order, as often as it comes, each leg in one
transaction."""

from collections.abc import Sequence
from dataclasses import replace
from enum import StrEnum
from functools import partial
from uuid import UUID

from audit.entry import Act, Action, Actor, ActorKind, Group, Outcome
from audit.event_id import uuid7
from audit.log import AuditLog
from database.engine import Database
from database.transaction import Row, Transaction
from masking.relay.calls import store
from masking.relay.calls.legs import first_leg
from masking.relay.calls.ports import Directories, Directory, pseudonyms
from masking.relay.calls.progress import Event, Failure, Progress, Released
from masking.relay.calls.sealed_stream import SealedStream
from masking.relay.decision import CallKind

EVENTS_AT_MOST = 200
LASTS_AT_MOST_MS = 6 * 3_600_000
UNDER_WAY_AT_MOST = 100
PURPOSE = "relay_call"
"""What a number is used for here (starter catalogue)."""


class Taken(StrEnum):
    """What became of an event: it told something new, nothing new, or of a leg that was never sent out here."""

    NEW = "new"
    KNOWN = "known"
    UNKNOWN_LEG = "unknown_leg"


class CallEvents:
    """Takes events. They name a leg, and can neither make a call nor change one that was refused."""

    def __init__(self, database: Database, stream: SealedStream, log: AuditLog, directories: Directories) -> None:
        self._database = database
        self._stream = stream
        self._log = log
        self._directories = directories

    def take(self, tenant: int, events: Sequence[Event], at: int) -> list[Taken]:
        """What became of each event, in order; they came at `at`. Times before the call began or after that are moved to its
        beginning or to `at`: a switch whose clock is wrong moves no call out of its retention."""

        def attempt(directory: Directory) -> list[Taken]:
            return [
                self._database.write(
                    tenant, partial(self._one, directory=directory, tenant=tenant, event=event, now=at)
                )
                for event in events
            ]

        return self._directories.using(tenant, attempt)

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

    def _one(self, tx: Transaction, *, directory: Directory, tenant: int, event: Event, now: int) -> Taken:
        leg = read_leg(event.leg)
        row = None if leg is None else tx.one(store.PROGRESS, tenant=tenant, leg=leg.bytes)
        if leg is None or row is None or row[1]:
            return Taken.UNKNOWN_LEG
        begun_at, known = row[0], progress_of(row[5:])
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
        kind, caller, binding = row[2:5]
        if known.ended_at is None and told.ended_at is not None and kind == CallKind.VOICE and caller is not None:
            self._note(tx, directory, tenant, (caller, binding), now)
        return Taken.NEW

    def _note(self, tx: Transaction, directory: Directory, tenant: int, call: tuple[int, int | None], now: int) -> None:
        """The entry by which a caller finds the call; whoever was called has one since it was put through."""
        caller, binding = call
        people = pseudonyms(tx, directory, [caller], now)
        group = Group(
            Outcome.DONE,
            purpose=PURPOSE,
            kind="phone",
            subjects=people,
            rows=[binding] if people and binding is not None else [],
        )
        self._log.append(tx, Act(Action.RELAY_CALL, Actor(ActorKind.SYSTEM), tenant, now, str(uuid7(now)), [group]))


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
