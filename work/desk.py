"""Asking for jobs, looking at them, pausing, approving, cancelling and continuing them."""

import uuid
from collections.abc import Callable
from typing import Any

import orjson

from audit.entry import Actor, ActorKind
from audit.event_id import uuid7
from database.engine import Database
from database.transaction import Row, Transaction
from work import store
from work.errors import AlreadyApprovedError, JobEndedError, JobNotFoundError, JobStateError, OwnJobError
from work.job import ENDED, GOING, SYSTEM, Approval, Job, JobState, Params

APPROVABLE_MS = 7 * 24 * 3600 * 1000
"""How long a job waits for approval before it is cancelled."""

_AFTER_ALL = b"\xff" * 16


def put_job(
    tx: Transaction,
    tenant: int,
    kind: str,
    params: Params,
    at: int,
    *,
    asked_by: Actor = SYSTEM,
    approvals: int = 0,
) -> uuid.UUID:
    """As `JobDesk.submit`, for those who have a transaction and no desk."""
    job = uuid7(at)
    state = JobState.AWAITING_APPROVAL if approvals else JobState.QUEUED
    written = orjson.dumps(dict(params), option=orjson.OPT_SORT_KEYS).decode()
    asker = (asked_by.kind.value, asked_by.id, asked_by.role)
    row = (tenant, job.bytes, kind, state.value, written, 0, 0, at, at, *asker, approvals)
    tx.insert(store.INSERT_JOBS, [row])
    return job


class JobDesk:
    """The use cases around jobs. `nudge` is told, after a commit, that there may be something to do.

    Whatever takes a transaction neither commits nor writes to the log: its caller does.
    """

    def __init__(self, database: Database, nudge: Callable[[], None] = lambda: None) -> None:
        self._database = database
        self.nudge = nudge

    def submit(
        self,
        tx: Transaction,
        tenant: int,
        kind: str,
        params: Params,
        at: int,
        *,
        asked_by: Actor = SYSTEM,
        approvals: int = 0,
    ) -> uuid.UUID:
        """Put a job into the caller's own transaction: it exists if and only if that commits.

        With `approvals` it begins once that many credentials other than that of `asked_by` have approved it, and is cancelled
        when they have not within seven days.
        """
        return put_job(tx, tenant, kind, params, at, asked_by=asked_by, approvals=approvals)

    def get(self, tenant: int, job: uuid.UUID) -> Job:
        """The job as it is now.

        Raises:
            JobNotFoundError: the tenant has none with this id.
        """
        return require(self._database.read(tenant, lambda tx: tx.one(store.JOB, tenant=tenant, id=job.bytes)))

    def approvals(self, tenant: int, job: uuid.UUID) -> list[Approval]:
        """Who has approved the job so far, in order."""
        return self._database.read(tenant, lambda tx: _approvals(tx, tenant, job))

    def page(
        self, tenant: int, *, before: uuid.UUID | None, limit: int, kind: str | None, state: JobState | None
    ) -> list[Job]:
        """The tenant's jobs of a kind and in a state, if these are given, the latest first, older than `before`."""
        wanted = {"kind": kind or "", "state": "" if state is None else state.value}
        last = _AFTER_ALL if before is None else before.bytes
        rows = self._database.read(
            tenant, lambda tx: tx.all(store.JOBS_PAGE, tenant=tenant, before=last, limit=limit, **wanted)
        )
        return [of_row(row) for row in rows]

    def done(self, tx: Transaction, tenant: int, kind: str, limit: int) -> list[Job]:
        """The tenant's jobs of a kind that are done, the latest first, in the caller's transaction."""
        return [of_row(row) for row in tx.all(store.JOBS_DONE, tenant=tenant, kind=kind, limit=limit)]

    def under_way(self, tx: Transaction, tenant: int, kind: str) -> int:
        """How many of the tenant's jobs of a kind have not ended, in the caller's transaction: those that wait, too."""
        row = tx.one(store.JOBS_UNDER_WAY, tenant=tenant, kind=kind)
        return int(row[0]) if row else 0

    def cancel(self, tx: Transaction, tenant: int, job: uuid.UUID, at: int) -> Job:
        """Have the job end at its next step, in the caller's transaction; gives what it was. Asking twice is asking once.

        Raises:
            JobNotFoundError: the tenant has none with this id.
            JobEndedError: it has ended otherwise.
        """
        found = require(tx.one(store.JOB_TO_CHANGE, tenant=tenant, id=job.bytes))
        if found.state in {JobState.CANCELLED, JobState.CANCELLING}:
            return found
        if found.state in ENDED:
            raise JobEndedError
        never_begun = found.step == found.run == 0 and found.state in {JobState.QUEUED, JobState.AWAITING_APPROVAL}
        move(tx, found, JobState.CANCELLED if never_begun else JobState.CANCELLING, at)
        return found

    def pause(self, tx: Transaction, tenant: int, job: uuid.UUID, at: int) -> Job:
        """Have the job begin no further step, in the caller's transaction; gives what it was. Asking twice is asking once.

        Raises:
            JobNotFoundError: the tenant has none with this id.
            JobEndedError: it has ended.
            JobStateError: it waits for approval, or is being cancelled.
        """
        found = require(tx.one(store.JOB_TO_CHANGE, tenant=tenant, id=job.bytes))
        if found.state in ENDED:
            raise JobEndedError
        if found.state in GOING:
            move(tx, found, JobState.PAUSED, at)
        elif found.state is not JobState.PAUSED:
            raise JobStateError
        return found

    def resume(self, tx: Transaction, tenant: int, job: uuid.UUID, at: int, *, asked_by: Actor = SYSTEM) -> uuid.UUID:
        """Have a paused or failed job go on where it stopped, in the caller's transaction. What a cancelled job was to do is
        asked for anew: that is a job of its own, which needs the same approvals.

        Raises:
            JobNotFoundError: the tenant has none with this id.
            JobEndedError: it is done.
            JobStateError: it goes on, or waits for approval, or is being cancelled.
        """
        found = require(tx.one(store.JOB_TO_CHANGE, tenant=tenant, id=job.bytes))
        if found.state is JobState.DONE:
            raise JobEndedError
        if found.state is JobState.CANCELLED:
            return self.submit(tx, tenant, found.kind, found.params, at, asked_by=asked_by, approvals=found.approvals)
        if found.state not in {JobState.PAUSED, JobState.FAILED}:
            raise JobStateError
        run = found.run + (found.state is JobState.FAILED)
        tx.run(store.CONTINUE, tenant=tenant, id=job.bytes, run=run, at=at)
        return job

    def approve(self, tx: Transaction, tenant: int, job: uuid.UUID, by: Actor, at: int) -> Job:
        """Note an approval, in the caller's transaction; the last one that the job needs lets it begin. Gives what the job was.

        Raises:
            JobNotFoundError: the tenant has none with this id.
            JobStateError: it does not wait for approval, or has waited too long.
            OwnJobError: `by` has asked for it, or is nobody in particular.
            AlreadyApprovedError: `by` has approved it before.
        """
        found = require(tx.one(store.JOB_TO_CHANGE, tenant=tenant, id=job.bytes))
        if found.state is not JobState.AWAITING_APPROVAL or found.created_at + APPROVABLE_MS <= at:
            raise JobStateError
        if by.kind is not ActorKind.CREDENTIAL or (by.kind, by.id) == (found.asked_by.kind, found.asked_by.id):
            raise OwnJobError
        given = _approvals(tx, tenant, job)
        if any(one.by.id == by.id for one in given):
            raise AlreadyApprovedError
        tx.insert(store.INSERT_APPROVAL, [(tenant, job.bytes, by.id, by.role, at)])
        if len(given) + 1 >= found.approvals:
            move(tx, found, JobState.QUEUED, at)
        return found

    def forget_ended(self, tx: Transaction, kind: str, before: int) -> int:
        """Delete the jobs of a kind, of all tenants, that ended before then; tells how many. For kinds whose jobs say nothing
        once they have ended, in a transaction of the system's scope."""
        return tx.run(store.FORGET_ENDED, kind=kind, before=before)

    def never_approved(self, tx: Transaction, at: int, limit: int) -> list[Job]:
        """Jobs of all tenants that have waited too long for approval, in a transaction of the system's scope."""
        return [of_row(row) for row in tx.all(store.JOBS_NEVER_APPROVED, before=at - APPROVABLE_MS, limit=limit)]


def move(tx: Transaction, job: Job, state: JobState, at: int, error: str | None = None) -> bool:
    """Change the state of a job that still is in the one that `job` says; False when it has moved on."""
    return (
        tx.run(
            store.SET_STATE,
            tenant=job.tenant,
            id=job.id.bytes,
            was=job.state.value,
            state=state.value,
            error=error,
            at=at,
        )
        == 1
    )


def require(row: Row | None) -> Job:
    """The job of a row. Raises JobNotFoundError where there is none."""
    if row is None:
        raise JobNotFoundError
    return of_row(row)


def of_row(row: Row) -> Job:
    """The job of a row."""
    tenant, job, kind, state, params, done, total, error, created_at, updated_at = row[:10]
    step, run, wait_until, asked_kind, asked_id, asked_role, approvals = row[10:]
    read: dict[str, Any] = orjson.loads(params)
    return Job(
        tenant,
        uuid.UUID(bytes=bytes(job)),
        kind,
        JobState(state),
        read,
        done,
        total,
        error,
        created_at,
        updated_at,
        step=step,
        run=run,
        wait_until=wait_until,
        asked_by=Actor(ActorKind(asked_kind), asked_id, asked_role),
        approvals=approvals,
    )


def _approvals(tx: Transaction, tenant: int, job: uuid.UUID) -> list[Approval]:
    rows = tx.all(store.APPROVALS, tenant=tenant, job=job.bytes)
    return [Approval(Actor(ActorKind.CREDENTIAL, credential, role), at) for credential, role, at in rows]
