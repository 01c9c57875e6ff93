"""What the relay holds of a person, for requests that ask every holder of their data: bindings, and the records of their calls.

A restriction needs nothing here: before anybody is bound or connected, the vault is asked, and refuses.
"""

from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol, TypeVar
from uuid import UUID

from audit.entry import Act, Action, Actor, ActorKind, Group, Outcome
from audit.log import AuditLog
from database.columns import millis, rfc3339
from database.engine import Database
from database.transaction import Transaction
from masking.relay import store
from masking.relay.calls.ports import Directories, Directory, pseudonyms
from masking.relay.keeping import RelayErasure

Answer = TypeVar("Answer")

BINDINGS, CALLS = "relay", "calls"
"""The categories of what is held."""

PURPOSE = "relay_call"
"""What both are held for (starter catalogue)."""


class CallsHeld(Protocol):
    """The records of a person's calls."""

    def inventory(self, tenant: int, subject: int) -> tuple[int, int | None]:
        """Of how many calls there are records, and since when (milliseconds since the epoch)."""

    def records(self, tenant: int, subject: int) -> list[Mapping[str, Any]]:
        """What the person gets of them."""

    def dispose(self, tx: Transaction, tenant: int, subject: int, at: int) -> int:
        """Take the person out of them; tells of how many calls."""


@dataclass(frozen=True, slots=True)
class Held:
    """So much of a category, since a moment (milliseconds since the epoch)."""

    category: str
    count: int
    since: int


class RelayHolding:
    """Counts, gives and takes it."""

    def __init__(
        self,
        database: Database,
        log: AuditLog,
        now: Callable[[], datetime],
        calls: CallsHeld,
        directories: Directories,
    ) -> None:
        self._database = database
        self._log = log
        self._now = now
        self._calls = calls
        self._directories = directories

    def inventory(self, tenant: int, subject: int) -> list[Held]:
        """What is held, counted."""
        row = self._database.read(tenant, lambda tx: tx.one(store.COUNT_OF_PERSON, tenant=tenant, subject=subject))
        count, since = (0, None) if row is None else row
        calls, calls_since = self._calls.inventory(tenant, subject)
        found = [Held(BINDINGS, count, since or 0), Held(CALLS, calls, calls_since or 0)]
        return [one for one in found if one.count]

    def disclose(self, tenant: int, subject: int, request: UUID) -> Iterator[tuple[str, Mapping[str, Any]]]:
        """What the person gets: which relay numbers were theirs, and when, and their calls. Nothing of the other side."""
        rows = self._database.read(tenant, lambda tx: tx.all(store.BINDINGS_OF_PERSON, tenant=tenant, subject=subject))
        calls = self._calls.records(tenant, subject)
        self._write(tenant, lambda tx, held: self._note(tx, held, Action.RELAY_DISCLOSE, (tenant, subject), request))
        for mode, value, created_at, expires_at, closed_at, reason, _ in rows:
            yield (
                BINDINGS,
                {
                    "mode": mode,
                    "number": value,
                    "created_at": rfc3339(created_at),
                    "expires_at": rfc3339(expires_at),
                    "ended_at": None if closed_at is None else rfc3339(closed_at),
                    "end_reason": reason,
                },
            )
        for record in calls:
            yield CALLS, record

    def dispose(self, tenant: int, subject: int, *, keep: Collection[str], request: UUID) -> tuple[int, int]:
        """Let go of the person, but for the categories of `keep`; of how much, and when. Whoever they were bound to hears that
        the order has ended."""
        at = millis(self._now())

        def work(tx: Transaction, directory: Directory) -> int:
            count = 0
            if BINDINGS not in keep:
                row = tx.one(store.COUNT_OF_PERSON, tenant=tenant, subject=subject)
                count += 0 if row is None else row[0]
                RelayErasure().erased(tx, tenant, subject, at)
            if CALLS not in keep:
                count += self._calls.dispose(tx, tenant, subject, at)
            if count:
                self._note(tx, directory, Action.RELAY_DISPOSE, (tenant, subject), request)
            return count

        return self._write(tenant, work), at

    def _write(self, tenant: int, work: Callable[[Transaction, Directory], Answer]) -> Answer:
        def attempt(directory: Directory) -> Answer:
            return self._database.write(tenant, lambda tx: work(tx, directory))

        return self._directories.using(tenant, attempt)

    def _note(
        self, tx: Transaction, directory: Directory, action: Action, whose: tuple[int, int], request: UUID
    ) -> None:
        (tenant, subject), at = whose, millis(self._now())
        group = Group(Outcome.DONE, subjects=pseudonyms(tx, directory, [subject], at))
        self._log.append(tx, Act(action, Actor(ActorKind.SYSTEM), tenant, at, str(request), [group]))
