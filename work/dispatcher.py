"""Beginning queued jobs, taking over from processes that have stopped, and doing what is done every minute.

A job row is put there by the transaction that wants the job, and found here afterwards: no job is begun that was not
committed, and none is forgotten when a process dies between the commit and the beginning.
"""

import threading
from collections.abc import Callable, Mapping
from datetime import datetime
from functools import partial

from database.columns import millis
from database.engine import Database
from database.transaction import Transaction
from work import store
from work.desk import move, of_row, require
from work.durable import DurableJobs
from work.job import Job, JobState

INTERVAL_SECONDS = 1.0
BEAT_MS = 2_000
SILENT_MS = 10_000
FORGOTTEN_MS = 24 * 3600 * 1000
ROUND_MS = 60_000
AT_ONCE = 16
STRAYS_AT_ONCE = 1_000

Round = Callable[[int], object]
"""What one process of all does about once a minute, given the time in milliseconds since the epoch."""


class Dispatcher:
    """A thread of this process. Any number of processes may have one."""

    def __init__(
        self,
        database: Database,
        jobs: DurableJobs,
        now: Callable[[], datetime],
        *,
        worker: str,
        failed: Callable[[BaseException], None],
        rounds: Mapping[str, Round] | None = None,
    ) -> None:
        self._database = database
        self._jobs = jobs
        self._now = now
        self._worker = worker
        self._failed = failed
        self._rounds = dict(rounds or {})
        self._wake = threading.Event()
        self._stopped = False
        self._beaten_at = 0
        self._looked_at = 0
        self._thread = threading.Thread(target=self._run, name="dispatch", daemon=True)

    def start(self) -> None:
        """Begin to dispatch."""
        self._thread.start()

    def nudge(self) -> None:
        """There may be something to do: look now."""
        self._wake.set()

    def stop(self) -> None:
        """Stop dispatching and working. What is under way goes on at the next start."""
        self._stopped = True
        self._wake.set()
        self._thread.join(timeout=10)
        self._jobs.close()

    def dispatch(self) -> int:
        """Begin what is queued; tells how many jobs that were. What was cancelled while nothing carried it begins, to be
        abandoned."""
        at = millis(self._now())
        queued = self._in_state(JobState.QUEUED, AT_ONCE)
        for job in queued:
            # Moved first, so that a job in the queue has never begun. Should this process die in between, it is found as a stray.
            if self._database.write(job.tenant, partial(move, job=job, state=JobState.RUNNING, at=at)):
                self._jobs.start(job)
        for job in self._in_state(JobState.CANCELLING, AT_ONCE):
            if not self._jobs.is_carried(job):
                self._jobs.start(job)
        return len(queued)

    def beat(self) -> None:
        """Say that this process is alive, and take over from those that have not said so for long."""
        at = millis(self._now())
        if at - self._beaten_at < BEAT_MS:
            return
        self._beaten_at = at
        self._database.write(None, partial(_beat, worker=self._worker, at=at))
        living = self._database.read(None, lambda tx: tx.all(store.LIVING_WORKERS, since=at - SILENT_MS))
        self._jobs.revive({worker for (worker,) in living})
        self._find_strays(at)

    def go_round(self) -> None:
        """Do what is due every minute, unless another process has."""
        at = millis(self._now())
        if at - self._looked_at < ROUND_MS // 10:
            return
        self._looked_at = at
        for name, work in self._rounds.items():
            take = partial(_take, name=name, at=at)
            if self._database.write(None, take):
                self._guarded(partial(work, at))

    def _find_strays(self, at: int) -> None:
        """Queue again what is said to run and has no workflow."""
        for job in self._in_state(JobState.RUNNING, STRAYS_AT_ONCE):
            if not self._jobs.is_carried(job):
                self._database.write(job.tenant, partial(_queue_again, job=job, at=at))

    def _in_state(self, state: JobState, limit: int) -> list[Job]:
        rows = self._database.read(None, lambda tx: tx.all(store.JOBS_IN_STATE, state=state.value, limit=limit))
        return [of_row(row) for row in rows]

    def _run(self) -> None:
        while not self._stopped:
            for work in (self.beat, self._drain, self.go_round):
                self._guarded(work)
            self._wake.wait(INTERVAL_SECONDS)
            self._wake.clear()

    def _drain(self) -> None:
        while self.dispatch() == AT_ONCE:
            pass

    def _guarded(self, work: Callable[[], object]) -> None:
        try:
            work()
        except Exception as error:  # the next round tries again; a dead dispatcher would leave jobs lying
            self._failed(error)


def _queue_again(tx: Transaction, *, job: Job, at: int) -> None:
    found = require(tx.one(store.JOB_TO_CHANGE, tenant=job.tenant, id=job.id.bytes))
    if (found.state, found.run) == (JobState.RUNNING, job.run):
        tx.run(store.CONTINUE, tenant=job.tenant, id=job.id.bytes, run=job.run + 1, at=at)


def _beat(tx: Transaction, *, worker: str, at: int) -> None:
    tx.run(store.BEAT, id=worker, at=at)
    tx.run(store.FORGET_WORKERS, before=at - FORGOTTEN_MS)


def _take(tx: Transaction, *, name: str, at: int) -> bool:
    return tx.run(store.TAKE_ROUND, name=name, at=at, before=at - ROUND_MS) == 1
