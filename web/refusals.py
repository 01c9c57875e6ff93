"""Audit entries of what happens before anybody is known, or too often: one per minute, class of source and code.

Whoever hammers the door must not be able to fill the disk, so these refusals are counted in memory and written together. The
counts of a minute are written by the first refusal of a later minute, by a timer, and when the service stops; a process killed
in between loses at most the last two minutes of them.
"""

import threading
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from audit.entry import Act, Action, Actor, ActorKind, Group, Outcome, Reason
from audit.event_id import uuid7
from audit.log import AuditLog
from database.columns import millis
from database.engine import Database
from database.transaction import Transaction
from web.source import SourceClass

NO_TENANT = 0
"""The tenant of entries about callers that belong to none."""

KINDS_AT_MOST = 1_000
MINUTE_MS = 60_000
TIMER_SECONDS = 60.0


@dataclass(frozen=True, slots=True)
class Refusal:
    """What is counted together. `credential` is 0 unless one was recognised."""

    action: Action
    reason: Reason
    source: SourceClass
    tenant: int = NO_TENANT
    credential: int = 0

    def anonymous(self) -> "Refusal":
        """The same without tenant and credential."""
        return Refusal(self.action, self.reason, self.source)


class RefusalCounter:
    """Counts refusals and writes them to the log. `failed` is told of a write that did not succeed; its counts are kept."""

    def __init__(
        self,
        database: Database,
        log: AuditLog,
        *,
        now: Callable[[], datetime],
        failed: Callable[[BaseException], None],
    ) -> None:
        self._database = database
        self._log = log
        self._now = now
        self._failed = failed
        self._lock = threading.Lock()
        self._counts: Counter[tuple[int, Refusal]] = Counter()
        self._stopped = threading.Event()
        self._timer: threading.Thread | None = None

    def note(self, refusal: Refusal, at: int) -> None:
        """Count one refusal at `at` (milliseconds since the epoch)."""
        minute = at // MINUTE_MS
        with self._lock:
            known = (minute, refusal) in self._counts or len(self._counts) < KINDS_AT_MOST
            self._counts[minute, refusal if known else refusal.anonymous()] += 1
            earlier = any(counted < minute for counted, _ in self._counts)
            if self._timer is None and not self._stopped.is_set():
                self._timer = threading.Thread(target=self._tick, name="refusals", daemon=True)
                self._timer.start()
        if earlier:
            self.flush(before=minute)

    def flush(self, before: int | None = None) -> None:
        """Write the counts of the minutes before `before`, or all of them."""
        with self._lock:
            due = {key: count for key, count in self._counts.items() if before is None or key[0] < before}
            for key in due:
                del self._counts[key]
        if not due:
            return

        def work(tx: Transaction) -> None:
            for (minute, refusal), count in sorted(due.items(), key=lambda item: item[0][0]):
                self._log.append(tx, _act(refusal, minute, count))

        try:
            self._database.write(None, work)
        except Exception as error:  # a refusal must not turn into a failure; its count waits for the next try
            with self._lock:
                self._counts.update(due)
            self._failed(error)

    def close(self) -> None:
        """Write what is left and stop the timer."""
        self._stopped.set()
        self.flush()

    def _tick(self) -> None:
        while not self._stopped.wait(TIMER_SECONDS):
            self.flush(before=millis(self._now()) // MINUTE_MS)


def _act(refusal: Refusal, minute: int, count: int) -> Act:
    if refusal.credential:
        actor = Actor(ActorKind.CREDENTIAL, refusal.credential)
    else:
        actor = Actor(ActorKind.SOURCE, role=refusal.source.value)
    group = Group(Outcome.DENIED, reason=refusal.reason, count=count)
    at = minute * MINUTE_MS
    return Act(refusal.action, actor, refusal.tenant, at, str(uuid7(at)), (group,))
