"""Asking for jobs, looking at them, cancelling and continuing them."""

import uuid
from collections.abc import Callable
from typing import Any

import orjson

from audit.event_id import uuid7
from database.engine import Database
from database.transaction import Row, Transaction
from work import store
from work.errors import JobEndedError, JobNotFoundError
from work.job import ENDED, Job, JobState, Params


class JobDesk:
    """The use cases around jobs. `nudge` is told, after a commit, that there may be something to do."""

    def __init__(self, database: Database, nudge: Callable[[], None] = lambda: None) -> None:
        self._database = database
        self.nudge = nudge

    def submit(self, tx: Transaction, tenant: int, kind: str, params: Params, at: int) -> uuid.UUID:
        """Put a job into the caller's own transaction: it exists if and only if that commits."""
        job = uuid7(at)
        written = orjson.dumps(dict(params), option=orjson.OPT_SORT_KEYS).decode()
        tx.insert(store.INSERT_JOBS, [(tenant, job.bytes, kind, JobState.QUEUED.value, written, 0, 0, at, at)])
        return job

    def get(self, tenant: int, job: uuid.UUID) -> Job:
        """The job as it is now.

        Raises:
            JobNotFoundError: the tenant has none with this id.
        """
        return require(self._database.read(tenant, lambda tx: tx.one(store.JOB, tenant=tenant, id=job.bytes)))

    def done(self, tx: Transaction, tenant: int, kind: str, limit: int) -> list[Job]:
        """The tenant's jobs of a kind that are done, the latest first, in the caller's transaction."""
        return [of_row(row) for row in tx.all(store.JOBS_DONE, tenant=tenant, kind=kind, limit=limit)]

    def under_way(self, tx: Transaction, tenant: int, kind: str) -> int:
        """How many of the tenant's jobs of a kind have not ended, in the caller's transaction."""
        row = tx.one(store.JOBS_UNDER_WAY, tenant=tenant, kind=kind)
        return int(row[0]) if row else 0

    def cancel(self, tx: Transaction, tenant: int, job: uuid.UUID, at: int) -> Job:
        """Have the job end at its next step, in the caller's transaction. Asking twice is asking once.

        Raises:
            JobNotFoundError: the tenant has none with this id.
            JobEndedError: it has ended otherwise.
        """
        found = require(tx.one(store.JOB_TO_CHANGE, tenant=tenant, id=job.bytes))
        if found.state in ENDED and found.state is not JobState.CANCELLED:
            raise JobEndedError
        move(tx, found, JobState.CANCELLED if found.state is JobState.QUEUED else JobState.CANCELLING, at)
        return found

    def resume(self, tx: Transaction, tenant: int, job: uuid.UUID, at: int) -> uuid.UUID:
        """Ask anew for what a failed or cancelled job was to do: a job of its own with the same parameters.

        Raises:
            JobNotFoundError: the tenant has none with this id.
            JobEndedError: it is done, or still goes on.
        """
        found = require(tx.one(store.JOB_TO_CHANGE, tenant=tenant, id=job.bytes))
        if found.state not in {JobState.CANCELLED, JobState.FAILED}:
            raise JobEndedError
        return self.submit(tx, tenant, found.kind, found.params, at)


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
    tenant, job, kind, state, params, done, total, error, created_at = row
    read: dict[str, Any] = orjson.loads(params)
    return Job(tenant, uuid.UUID(bytes=bytes(job)), kind, JobState(state), read, done, total, error, created_at)
