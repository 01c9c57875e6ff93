"""The fair queue in front of SQLite's one writer.

SQLite lets one connection write at a time, and its busy handler is a lottery: under load a naive caller can starve for
seconds. Here callers line up. The one at the head becomes the leader: it opens a transaction, runs its own work and then
the work of those who came meanwhile, each in a savepoint, commits once for all of them and wakes them with their
results. So every caller waits for at most the batches before it, many small calls share one fsync, and no caller hears of
success before the commit that holds its work.
"""

import sqlite3
import threading
from collections import deque
from collections.abc import Callable
from typing import Any

Work = Callable[[Any], Any]

SHARED_AT_MOST = 64
"""Calls that share one commit."""


class _Call:
    __slots__ = ("answer", "error", "finished", "leads", "tenant", "turn", "work")

    def __init__(self, tenant: int | None, work: Work) -> None:
        self.tenant = tenant
        self.work = work
        self.turn = threading.Event()
        self.leads = False
        self.finished = False
        self.answer: Any = None
        self.error: BaseException | None = None


class WriteQueue:
    """Serialises writes of one process on one SQLite connection, first come first served."""

    def __init__(self, connection: sqlite3.Connection, open_transaction: Callable[[Any, int | None], Any]) -> None:
        self._connection = connection
        self._open = open_transaction
        self._lock = threading.Lock()
        self._waiting: deque[_Call] = deque()
        self._busy = False

    def submit(self, tenant: int | None, work: Work) -> Any:
        """Run `work` in a transaction and return its answer after the commit.

        Raises:
            Exception: what `work` raised (its own changes are undone, those of others stand), or the database's error
                if the shared commit failed (then nothing of any of them is stored).
        """
        call = _Call(tenant, work)
        with self._lock:
            self._waiting.append(call)
            call.leads, self._busy = not self._busy, True
        if not call.leads:
            call.turn.wait()
        if call.leads:
            self._lead()
        if call.error is not None:
            raise call.error
        return call.answer

    def close(self) -> None:
        self._connection.close()

    def _lead(self) -> None:
        served: list[_Call] = []
        try:
            self._serve(served)
        except BaseException as error:
            for call in served:
                call.answer, call.error = None, error
        finally:
            with self._lock:
                for call in served:
                    call.finished = True
                    if not call.leads:
                        call.turn.set()
                if self._waiting:
                    self._waiting[0].leads = True
                    self._waiting[0].turn.set()
                else:
                    self._busy = False

    def _serve(self, served: list[_Call]) -> None:
        with self._lock:  # Before anything can fail: an error must have a caller to go to.
            served.append(self._waiting.popleft())
        cursor = self._connection.cursor()
        cursor.execute("BEGIN IMMEDIATE")
        try:
            self._run(cursor, served[0])
            while len(served) < SHARED_AT_MOST:
                with self._lock:
                    if not self._waiting:
                        break
                    served.append(self._waiting.popleft())
                self._run(cursor, served[-1])
            cursor.execute("COMMIT")
        except BaseException:
            if self._connection.in_transaction:
                cursor.execute("ROLLBACK")
            raise

    def _run(self, cursor: sqlite3.Cursor, call: _Call) -> None:
        cursor.execute("SAVEPOINT call")
        try:
            call.answer = call.work(self._open(cursor, call.tenant))
        except Exception as error:
            call.error = error
            cursor.execute("ROLLBACK TO call")
        cursor.execute("RELEASE call")
