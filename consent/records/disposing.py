"""What is held of a person's consents, and letting go of it.

What has to stay as evidence stays under a number that leads to nobody once the person's key is destroyed: that a use was allowed
must remain provable (GDPR art. 5(2), 7(1) and 17(3)(e)). `ConsentErasure` does the same for everything when the key goes.
"""

from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from audit.entry import Act, Action, Actor, ActorKind, Group, Outcome
from audit.log import AuditLog
from consent.ports import SubjectDirectory, Subjects
from consent.records import store
from consent.records.caller import pseudonyms
from database.columns import millis
from database.engine import Database
from database.transaction import Transaction


@dataclass(frozen=True, slots=True)
class HeldConsents:
    """How many events there are of a person's consent to a purpose, the first of them then (milliseconds since the epoch)."""

    purpose: str
    count: int
    since: int


class ConsentDisposal:
    """Counts, and neutralizes."""

    def __init__(self, database: Database, subjects: Subjects, log: AuditLog, now: Callable[[], datetime]) -> None:
        self._database = database
        self._subjects = subjects
        self._log = log
        self._now = now

    def inventory(self, tenant: int, subject: int) -> list[HeldConsents]:
        """The purposes to which the person with this internal number stands somehow. Evidence that leads nowhere is not held of
        anybody."""
        return self._database.read(tenant, lambda tx: _held(tx, tenant, subject))

    def dispose(self, tenant: int, subject: int, *, keep: Collection[str], request: UUID) -> tuple[int, int]:
        """Let go of the standings to all purposes but those in `keep`, and of what in their events could lead to the person from
        outside; how many events that were, and when, in milliseconds since the epoch. `request` stands in the log."""
        at = millis(self._now())

        def attempt(directory: SubjectDirectory) -> int:
            def work(tx: Transaction) -> int:
                tx.all(store.EPOCHS_TO_MOVE, rows=[(subject,)], tenant=tenant)
                going = [one for one in _held(tx, tenant, subject) if one.purpose not in keep]
                for one in going:
                    for statement in (store.DELETE_STANDING, store.NEUTRALIZE_EVENTS_OF_PURPOSE):
                        tx.run(statement, tenant=tenant, subject=subject, purpose=one.purpose)
                tx.reserve(store.EVENTS, 1)  # So that every process notices, where numbers tell of changes.
                store.tell(tx, tenant, subject)
                refs = pseudonyms(directory.by_number(tx, [subject], at)[subject])
                groups = [Group(Outcome.DONE, purpose=one.purpose, subjects=refs) for one in going]
                system, nothing = Actor(ActorKind.SYSTEM), [Group(Outcome.DONE, count=0)]
                act = Act(Action.CONSENT_DISPOSE, system, tenant, at, str(request), groups or nothing)
                self._log.append(tx, act)
                return sum(one.count for one in going)

            return self._database.write(tenant, work)

        return self._subjects.using(tenant, attempt), at


def _held(tx: Transaction, tenant: int, subject: int) -> list[HeldConsents]:
    rows = tx.all(store.COUNTED_STANDINGS, tenant=tenant, subject=subject)
    return [HeldConsents(purpose, int(count), int(instant) // 1000) for purpose, count, instant in rows]
