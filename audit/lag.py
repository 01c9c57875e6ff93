"""How far numbering lags behind the acts, and whether that is still within its bounds.

An entry that is not numbered yet is not proved by any checkpoint. When too many are not, or one has not been for too long, the
service says that it is not ready, and gives no plain values out until the log has caught up.
"""

import threading
import uuid
from collections.abc import Callable
from datetime import datetime
from typing import NamedTuple

from audit.store import COUNT_UNNUMBERED, HEAD, UNNUMBERED_ACTS
from database.columns import millis
from database.engine import Database
from database.transaction import Transaction

ASKED_EVERY_MS = 1_000


class Lag(NamedTuple):
    """Entries without an index, counted up to one beyond the bound, and the age of the oldest."""

    entries: int
    age_ms: int


class BehindError(Exception):
    """Numbering lags beyond its bounds."""


class LagWatch:
    """Knows the lag of up to a second ago."""

    def __init__(
        self, database: Database, now: Callable[[], datetime], *, entries_at_most: int, age_at_most_ms: int
    ) -> None:
        self._database = database
        self._now = now
        self._entries = entries_at_most
        self._age_ms = age_at_most_ms
        self._lock = threading.Lock()
        self._asked_at = -ASKED_EVERY_MS
        self._lag = Lag(0, 0)

    def behind(self) -> bool:
        """Whether numbering lags beyond its bounds."""
        lag = self.lag()
        return lag.entries > self._entries or lag.age_ms > self._age_ms

    def check(self) -> None:
        """Raises BehindError if it does."""
        if self.behind():
            raise BehindError

    def lag(self) -> Lag:
        """The lag, measured now or within the last second. One thread measures, the others take what is known."""
        at = millis(self._now())
        if at - self._asked_at >= ASKED_EVERY_MS and self._lock.acquire(blocking=False):
            try:
                self._lag = self._database.read(None, lambda tx: self._measure(tx, at))
                self._asked_at = at
            finally:
                self._lock.release()
        return self._lag

    def _measure(self, tx: Transaction, at: int) -> Lag:
        head = tx.one(HEAD)
        after = head[3] if head else 0
        oldest = tx.one(UNNUMBERED_ACTS, after=after, limit=1)
        if oldest is None:
            return Lag(0, 0)
        (count,) = tx.one(COUNT_UNNUMBERED, after=after, limit=self._entries + 1) or (0,)
        return Lag(count, max(0, at - _moment(oldest[0])))


def _moment(act: bytes) -> int:
    """The millisecond that an event id (UUIDv7) begins with."""
    return uuid.UUID(bytes=bytes(act)).int >> 80
