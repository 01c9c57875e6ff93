"""Holds that nobody has reviewed in time: reported when the date has passed and every week after, and never ended by it."""

from collections.abc import Callable, Sequence
from datetime import datetime

from audit.entry import Act, Action, Actor, ActorKind
from audit.event_id import uuid7
from audit.log import AuditLog
from database.columns import millis
from database.engine import Database
from database.transaction import Transaction
from dsar.holds import store
from dsar.holds.hold import DAY_MS
from dsar.holds.placing import group_of
from dsar.holds.ports import Directory, Subjects
from work.job import Job, Progress
from work.store import mark
from work.timetable import DueJob

OVERDUE_KIND = "dsar_hold_overdue"
REPORTED_EVERY_MS = 7 * DAY_MS
REPORTED_AT_ONCE = 200


class ReviewTimetable:
    """Says which holds are to be reported now."""

    def due(self, tx: Transaction, at: int) -> Sequence[DueJob]:
        """One job for each hold past its review and each week since."""
        return [
            DueJob(
                tenant=tenant,
                kind=OVERDUE_KIND,
                occurrence=f"hold_{number}_{review_at}_{(at - review_at) // REPORTED_EVERY_MS}",
                params={"hold": number},
            )
            for tenant, number, review_at in tx.all(
                store.OVERDUE, at=at, before=at - REPORTED_EVERY_MS, limit=REPORTED_AT_ONCE
            )
        ]


class OverdueReport:
    """The task of jobs of the kind `dsar_hold_overdue`: it writes an entry."""

    kind = OVERDUE_KIND

    def __init__(self, database: Database, log: AuditLog, subjects: Subjects, now: Callable[[], datetime]) -> None:
        self._database = database
        self._log = log
        self._subjects = subjects
        self._now = now

    def step(self, job: Job, number: int) -> Progress:
        """Report the hold if it is still overdue; once."""
        at = millis(self._now())

        def attempt(directory: Directory) -> None:
            def work(tx: Transaction) -> None:
                row = tx.one(store.HOLD, tenant=job.tenant, id=int(job.params["hold"]))
                hold = None if row is None else store.hold_of(row[:-1])
                if hold is None or not hold.overdue(at) or not mark(tx, job, number):
                    return
                tx.run(store.SET_REPORTED, tenant=job.tenant, id=hold.id, at=at)
                group = group_of(tx, hold, directory, at)
                system = Actor(ActorKind.SYSTEM)
                self._log.append(tx, Act(Action.HOLD_OVERDUE, system, job.tenant, at, str(uuid7(at)), [group]))

            self._database.write(job.tenant, work)

        self._subjects.using(job.tenant, attempt)
        return Progress(1, 1, finished=True)

    def abandon(self, job: Job) -> None:
        """There is nothing to clear away."""


class OverdueWarning:
    """Makes the service say that holds wait for their review."""

    def __init__(self, database: Database, now: Callable[[], datetime]) -> None:
        self._database = database
        self._now = now

    def __call__(self) -> str | None:
        """`hold_review_overdue` while any is."""
        at = millis(self._now())
        found = self._database.read(None, lambda tx: tx.one(store.ANY_OVERDUE, at=at))
        return None if found is None else "hold_review_overdue"
