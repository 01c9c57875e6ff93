"""What people decide about jobs: one transaction each, with its entry in it.

An entry names the job as its `ref`: the 128 bits of its id as 22 characters of base64url.
"""

from base64 import urlsafe_b64encode
from collections.abc import Callable
from dataclasses import dataclass
from uuid import UUID

from audit.entry import Act, Action, Actor, Group, ObjectRef, Outcome, Reason
from audit.event_id import uuid7
from audit.log import AuditLog
from database.engine import Database
from database.transaction import Transaction
from work.desk import JobDesk, move
from work.errors import AlreadyApprovedError, OwnJobError
from work.job import SYSTEM, Job, JobState

EXPIRED_AT_ONCE = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class Deciding:
    """Who decides, for which tenant, in which request and when (milliseconds since the epoch)."""

    tenant: int
    actor: Actor
    request: str
    at: int


class Decisions:
    """Pausing, continuing, cancelling and approving jobs, and the end of those that nobody approves.

    What the desk refuses is raised as the desk raises it. A person who may not approve is recorded first.
    """

    def __init__(self, database: Database, log: AuditLog, desk: JobDesk) -> None:
        self._database = database
        self._log = log
        self._desk = desk

    def pause(self, by: Deciding, job: UUID) -> None:
        """Have a job begin no further step."""
        self._decide(by, Action.JOB_PAUSE, lambda tx: self._desk.pause(tx, by.tenant, job, by.at))

    def cancel(self, by: Deciding, job: UUID) -> None:
        """Have a job end at its next step."""
        self._decide(by, Action.JOB_CANCEL, lambda tx: self._desk.cancel(tx, by.tenant, job, by.at))

    def resume(self, by: Deciding, job: UUID) -> UUID:
        """Have a job go on, or ask anew for one that was cancelled; gives the job that goes on."""

        def work(tx: Transaction) -> UUID:
            resumed = self._desk.resume(tx, by.tenant, job, by.at, asked_by=by.actor)
            both = [ref_of(one) for one in dict.fromkeys((job, resumed))]
            self._append(tx, by, Action.JOB_RESUME, Group(Outcome.DONE, refs=both))
            return resumed

        resumed = self._database.write(by.tenant, work)
        self._desk.nudge()
        return resumed

    def approve(self, by: Deciding, job: UUID) -> None:
        """Approve a job that waits for it.

        Raises:
            OwnJobError: the actor has asked for it; recorded.
            AlreadyApprovedError: the actor has approved it before; recorded.
        """
        try:
            self._decide(by, Action.JOB_APPROVE, lambda tx: self._desk.approve(tx, by.tenant, job, by.actor, by.at))
        except (OwnJobError, AlreadyApprovedError):
            refused = Group(Outcome.DENIED, Reason.SAME_PERSON, refs=[ref_of(job)])
            self._database.write(by.tenant, lambda tx: self._append(tx, by, Action.JOB_APPROVE, refused))
            raise

    def expire(self, at: int) -> int:
        """Cancel what has waited too long for approval; tells how many jobs that were."""
        waiting = self._database.read(None, lambda tx: self._desk.never_approved(tx, at, EXPIRED_AT_ONCE))
        for job in waiting:
            by = Deciding(tenant=job.tenant, actor=SYSTEM, request=str(uuid7(at)), at=at)

            def work(tx: Transaction, job: Job = job, by: Deciding = by) -> None:
                if move(tx, job, JobState.CANCELLED, at, "never_approved"):
                    expired = Group(Outcome.DONE, Reason.EXPIRED, kind=job.kind, refs=[ref_of(job.id)])
                    self._append(tx, by, Action.JOB_CANCEL, expired)

            self._database.write(job.tenant, work)
        return len(waiting)

    def _decide(self, by: Deciding, action: Action, decide: Callable[[Transaction], Job]) -> None:
        def work(tx: Transaction) -> None:
            found = decide(tx)
            self._append(tx, by, action, Group(Outcome.DONE, kind=found.kind, refs=[ref_of(found.id)]))

        self._database.write(by.tenant, work)
        self._desk.nudge()

    def _append(self, tx: Transaction, by: Deciding, action: Action, group: Group) -> None:
        self._log.append(tx, Act(action, by.actor, by.tenant, by.at, by.request, [group]))


def ref_of(job: UUID) -> ObjectRef:
    """A job as entries name it."""
    return ObjectRef(urlsafe_b64encode(job.bytes).decode().rstrip("="))
