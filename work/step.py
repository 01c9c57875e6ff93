"""Carrying out one step of a job: waiting before it, trying it again when it fails, and noting what it came to.

A step of a run that is over, or that was noted before, is not begun. What is kept of a failure is the type of its cause: a
message may hold a value.
"""

import sqlite3
import threading
from collections.abc import Callable, Iterable
from contextlib import suppress
from datetime import datetime
from functools import partial
from typing import TypeVar
from uuid import UUID

import psycopg
from sqlalchemy.exc import TimeoutError as NoConnectionError

from database.columns import millis
from database.engine import ConflictError, Database
from database.transaction import Transaction
from work import store
from work.desk import move, of_row, require
from work.errors import UnknownKindError
from work.job import ENDED, GOING, Job, JobState, Progress, Task

Answer = TypeVar("Answer")

MORE = "more"
ENDED_WORD = "ended"

ATTEMPTS = 3
TRANSIENT_ATTEMPTS = 14
RETRY_SECONDS = 0.5
LONGEST_RETRY_SECONDS = 60.0
LOOK_SECONDS = 0.5
STEPS_PER_RUN = 1_000
"""After so many steps a job goes on as a new run: taking over a run repeats the record of all its steps."""

PASSING: tuple[type[Exception], ...] = (
    ConflictError,
    ConnectionError,
    NoConnectionError,
    TimeoutError,
    UnknownKindError,
    psycopg.OperationalError,
    sqlite3.OperationalError,
)
"""What passes by itself: when the database comes back, when its other users have ended, or once this version of the program has
given way to the one that asked for the job."""


class StoppedError(BaseException):
    """The process stops working. No Exception: that would be kept as the outcome of the step, which is to be done elsewhere."""


class Steps:
    """The steps of all kinds of jobs. `transient` are errors that pass by themselves, beside those of the database: a step that
    ends in one is tried again for about eight minutes, another three times."""

    def __init__(
        self,
        database: Database,
        tasks: Iterable[Task],
        now: Callable[[], datetime],
        transient: Iterable[type[Exception]] = (),
    ) -> None:
        self._database = database
        self._tasks = {task.kind: task for task in tasks}
        self._now = now
        self._transient = (*PASSING, *transient)
        self._stopped = threading.Event()

    def stop(self) -> None:
        """Begin no step any more, and end every wait: StoppedError is raised where they would be."""
        self._stopped.set()

    def carry_out(self, kind: str, tenant: int, job: UUID, number: int, *, run: int, first: int) -> str:
        """Do a step of a run whose first was `first`; `MORE` if another follows in this run.

        Raises:
            StoppedError: the process stops working.
        """
        attempt = 0
        while True:
            try:
                found = self._awaited(kind, tenant, job, run)
                if found is None:
                    return ENDED_WORD
                if found.step > number:
                    return MORE
                progress = self._task(kind).step(found, number)
                return self._note(found, number, progress, first)
            except Exception as error:  # a job must end in a state that says so, whatever its task raises
                attempt += 1
                if attempt >= (TRANSIENT_ATTEMPTS if isinstance(error, self._transient) else ATTEMPTS):
                    self._fail(tenant, job, run, type(error).__name__)
                    return ENDED_WORD
            self._back_off(tenant, job, attempt)

    def _task(self, kind: str) -> Task:
        if kind not in self._tasks:
            raise UnknownKindError
        return self._tasks[kind]

    def _awaited(self, kind: str, tenant: int, job_id: UUID, run: int) -> Job | None:
        """The job as soon as its next step may begin; None where this run has nothing more to do."""
        while True:
            job = require(self._database.read(tenant, lambda tx: tx.one(store.JOB, tenant=tenant, id=job_id.bytes)))
            if job.run != run or job.state in ENDED or self._left(job):
                return None
            if job.state is JobState.CANCELLING:
                self._task(kind).abandon(job)
                self._write(job, partial(_cancelled, job=job))
            elif job.state in GOING:
                left = (job.wait_until - millis(self._now())) / 1000
                if left <= 0:
                    return job
                self._rest(min(left, LOOK_SECONDS))

    def _left(self, job: Job) -> bool:
        """Whether this run ends because the job is paused: another begins when it is resumed."""
        if job.state is not JobState.PAUSED:
            return False

        def work(tx: Transaction) -> bool:
            return tx.run(store.LEAVE, tenant=job.tenant, id=job.id.bytes, run=job.run) == 1

        return self._database.write(job.tenant, work)

    def _note(self, job: Job, number: int, progress: Progress, first: int) -> str:
        """Keep what the step came to. What was asked of the job meanwhile is seen before its next step; the last one ends it."""

        def work(tx: Transaction, at: int) -> str:
            found = require(tx.one(store.JOB_TO_CHANGE, tenant=job.tenant, id=job.id.bytes))
            if found.run != job.run or found.state in ENDED:
                return ENDED_WORD
            turns = not progress.finished and found.state in GOING and number + 1 - first >= STEPS_PER_RUN
            state = JobState.DONE if progress.finished else JobState.QUEUED if turns else found.state
            tx.run(
                store.SET_PROGRESS,
                tenant=job.tenant,
                id=job.id.bytes,
                state=state.value,
                done=progress.done,
                total=progress.total,
                step=number + 1,
                run=found.run + turns,
                wait_until=at + round(progress.wait_seconds * 1000) if progress.wait_seconds else 0,
                at=at,
            )
            return ENDED_WORD if turns or progress.finished else MORE

        return self._write(job, work)

    def _fail(self, tenant: int, job_id: UUID, run: int, code: str) -> None:
        """Have the job fail. While not even that can be written, it is tried again: nothing else would ever tell."""

        def work(tx: Transaction) -> None:
            row = tx.one(store.JOB_TO_CHANGE, tenant=tenant, id=job_id.bytes)
            found = None if row is None else of_row(row)
            if found is not None and found.run == run and found.state not in ENDED:
                move(tx, found, JobState.FAILED, millis(self._now()), code)

        while True:
            with suppress(*PASSING):
                return self._database.write(tenant, work)
            self._rest(LONGEST_RETRY_SECONDS / 10)

    def _back_off(self, tenant: int, job_id: UUID, attempt: int) -> None:
        """Wait before the next attempt, but no longer than the job is to go on."""
        left = min(RETRY_SECONDS * 2 ** (attempt - 1), LONGEST_RETRY_SECONDS)
        while left > 0:
            self._rest(min(left, LOOK_SECONDS))
            left -= LOOK_SECONDS
            with suppress(*PASSING):
                row = self._database.read(tenant, lambda tx: tx.one(store.JOB, tenant=tenant, id=job_id.bytes))
                if require(row).state not in GOING:
                    return

    def _rest(self, seconds: float) -> None:
        if self._stopped.wait(seconds):
            raise StoppedError

    def _write(self, job: Job, work: Callable[[Transaction, int], Answer]) -> Answer:
        at = millis(self._now())
        return self._database.write(job.tenant, lambda tx: work(tx, at))


def _cancelled(tx: Transaction, at: int, *, job: Job) -> None:
    move(tx, job, JobState.CANCELLED, at)
