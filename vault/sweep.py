"""What ends by itself: idempotency records after their day, and expired records after their time."""

import threading
from collections.abc import Callable, Sequence

from audit.entry import Act, Action, Actor, ActorKind, Group, Outcome, Reason
from audit.event_id import uuid7
from database.transaction import Transaction
from vault import store
from vault.means import Means
from work.replay import forget_old

INTERVAL_SECONDS = 300.0
RECORDS_AT_ONCE = 1_000


class Sweeper:
    """Deletes what has ended, in small transactions. Nothing depends on it: expiry is judged by every call's own clock.

    `further` sweeps are given the time, in milliseconds since the epoch. `failed` is told of a sweep that did not succeed; the
    next one tries again.
    """

    def __init__(
        self,
        means: Means,
        further: Sequence[Callable[[int], object]] = (),
        *,
        failed: Callable[[BaseException], None] = lambda _: None,
    ) -> None:
        self._means = means
        self._further = further
        self._failed = failed
        self._stopped = threading.Event()
        self._thread: threading.Thread | None = None

    def start(self) -> None:
        """Sweep now and every five minutes, beside the calls."""
        self._thread = threading.Thread(target=self._run, name="sweep", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Begin no further sweep, and let the one that runs end: the database may be closed after this."""
        self._stopped.set()
        if self._thread is not None:
            self._thread.join()

    def sweep(self) -> int:
        """Delete what has ended by now; tells how many records that were."""
        at = self._means.at()
        for sweep in self._further:
            sweep(at)
        self._means.database.write(None, lambda tx: forget_old(tx, at))
        swept = 0
        while not self._stopped.is_set():
            deleted = self._means.database.write(None, lambda tx: self._delete_expired(tx, at))
            swept += deleted
            if deleted < RECORDS_AT_ONCE:
                break
        return swept

    def _delete_expired(self, tx: Transaction, at: int) -> int:
        expired: dict[int, list[int]] = {}
        for tenant, row in tx.all(store.EXPIRED_RECORDS, at=at, limit=RECORDS_AT_ONCE):
            expired.setdefault(tenant, []).append(row)
        for tenant, rows in expired.items():
            tx.run(store.DELETE_RECORDS, rows=[(row,) for row in rows], tenant=tenant)
            group = Group(Outcome.DONE, Reason.EXPIRED, rows=rows)
            act = Act(Action.RECORD_EXPIRE, Actor(ActorKind.SYSTEM), tenant, at, str(uuid7(at)), [group])
            self._means.log.append(tx, act)
        return sum(map(len, expired.values()))

    def _run(self) -> None:
        while not self._stopped.is_set():
            try:
                self.sweep()
            except Exception as error:  # a thread that ended would sweep nothing ever again
                self._failed(error)
            self._stopped.wait(INTERVAL_SECONDS)
