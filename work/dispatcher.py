"""Beginning queued jobs, and taking over from processes that have stopped.

A job row is put there by the transaction that wants the job, and found here afterwards: no job is begun that was not
committed, and none is forgotten when a process dies between the commit and the beginning.
"""

import threading
from collections.abc import Callable
from datetime import datetime
from functools import partial

from database.columns import millis
from database.engine import Database
from database.transaction import Transaction
from work import store
from work.desk import move, of_row
from work.durable import DurableJobs
from work.job import JobState

INTERVAL_SECONDS = 1.0
BEAT_MS = 5_000
SILENT_MS = 30_000
AT_ONCE = 16


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
    ) -> None:
        self._database = database
        self._jobs = jobs
        self._now = now
        self._worker = worker
        self._failed = failed
        self._wake = threading.Event()
        self._stopped = False
        self._beaten_at = 0
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
        """Begin what is queued; tells how many jobs that were."""
        at = millis(self._now())
        rows = self._database.read(
            None, lambda tx: tx.all(store.JOBS_IN_STATE, state=JobState.QUEUED.value, limit=AT_ONCE)
        )
        for row in rows:
            job = of_row(row)
            self._jobs.start(job)
            self._database.write(job.tenant, partial(move, job=job, state=JobState.RUNNING, at=at))
        return len(rows)

    def beat(self) -> None:
        """Say that this process is alive, and take over from those that have not said so for long."""
        at = millis(self._now())
        if at - self._beaten_at < BEAT_MS:
            return
        self._beaten_at = at
        before = at - SILENT_MS
        self._database.write(None, lambda tx: tx.run(store.BEAT, id=self._worker, at=at))
        for (silent,) in self._database.read(None, lambda tx: tx.all(store.SILENT_WORKERS, before=before)):
            self._jobs.revive(silent)
            self._database.write(None, partial(_forget, worker=silent, before=before))

    def _run(self) -> None:
        while not self._stopped:
            try:
                self.beat()
                while self.dispatch() == AT_ONCE:
                    pass
            except Exception as error:  # the next round tries again; a dead dispatcher would leave jobs lying
                self._failed(error)
            self._wake.wait(INTERVAL_SECONDS)
            self._wake.clear()


def _forget(tx: Transaction, *, worker: str, before: int) -> None:
    tx.run(store.FORGET_WORKER, id=worker, before=before)
