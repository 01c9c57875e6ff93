"""The job that releases a hold, once a second person has approved it."""

from collections.abc import Callable, Sequence
from datetime import datetime

from audit.entry import Act, Action
from audit.event_id import uuid7
from audit.log import AuditLog
from database.columns import millis
from database.engine import Database
from database.transaction import Transaction
from dsar.holds import store
from dsar.holds.placing import RELEASE_KIND, group_of
from dsar.holds.ports import Directory, ReleaseListener, Subjects
from work.desk import JobDesk
from work.job import Job, Progress


class HoldRelease:
    """The task of jobs of the kind `dsar_release_hold`. Its entry names who asked and who approved."""

    kind = RELEASE_KIND

    def __init__(
        self,
        database: Database,
        log: AuditLog,
        subjects: Subjects,
        jobs: JobDesk,
        now: Callable[[], datetime],
        listeners: Sequence[ReleaseListener] = (),
    ) -> None:
        self._database = database
        self._log = log
        self._subjects = subjects
        self._jobs = jobs
        self._now = now
        self._listeners = listeners

    def step(self, job: Job, number: int) -> Progress:  # noqa: ARG002 - there is one step
        """Release the hold and tell who waits for it, in one transaction; doing it again changes nothing."""
        approvals = self._jobs.approvals(job.tenant, job.id)
        at = millis(self._now())

        def attempt(directory: Directory) -> bool:
            def work(tx: Transaction) -> bool:
                store.close_fence(tx)  # So that whoever waits for this hold by then is on record, for the listeners.
                if not tx.run(store.RELEASE, tenant=job.tenant, id=int(job.params["hold"]), at=at):
                    return False
                row = tx.one(store.HOLD, tenant=job.tenant, id=int(job.params["hold"]))
                hold = store.hold_of((row or ())[:-1])
                group = group_of(tx, hold, directory, at)
                approver = approvals[-1].by if approvals else None
                request = str(uuid7(at))
                self._log.append(
                    tx, Act(Action.HOLD_RELEASE, job.asked_by, job.tenant, at, request, [group], approver=approver)
                )
                for listener in self._listeners:
                    listener.released(tx, job.tenant, hold, at)
                return True

            return self._database.write(job.tenant, work)

        if self._subjects.using(job.tenant, attempt):
            self._jobs.nudge()
        return Progress(1, 1, finished=True)

    def abandon(self, job: Job) -> None:
        """There is nothing to clear away."""
