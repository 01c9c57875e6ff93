"""How far numbering lags behind the acts, and whether that is still within its bounds.

An entry that is not numbered yet is not proved by any checkpoint. When too many are not, or one has not been for too long, the
service says that it is not ready, and gives no plain values out until the log has caught up.
"""

import uuid
from collections.abc import Callable
from datetime import datetime
from typing import NamedTuple

from audit.store import COUNT_UNNUMBERED, HEAD, UNNUMBERED_ACTS
from database.columns import millis
from database.engine import Database
from database.transaction import Transaction


class Lag(NamedTuple):
    """Entries without an index, counted up to one beyond the bound, and the age of the oldest."""

    entries: int
    age_ms: int


class BehindError(Exception):
    """Numbering lags beyond its bounds."""


class LagWatch:
    """Knows the lag as of the last measurement, so that whoever asks in the middle of a transaction needs no other one."""

    def __init__(
        self, database: Database, now: Callable[[], datetime], *, entries_at_most: int, age_at_most_ms: int
    ) -> None:
        self._database = database
        self._now = now
        self._entries = entries_at_most
        self._age_ms = age_at_most_ms
        self._measured: tuple[int, Lag] | None = None

    def measure(self) -> Lag:
        """Measure the lag; somebody must do it about every second from the first time on."""
        at = millis(self._now())
        lag = self._database.read(None, lambda tx: self._measure(tx, at))
        self._measured = (at, lag)
        return lag

    def behind(self) -> bool:
        """Whether numbering lags beyond its bounds, or has not been measured for so long that it may."""
        if self._measured is None:
            return False
        at, lag = self._measured
        stale = millis(self._now()) - at > self._age_ms
        return stale or lag.entries > self._entries or lag.age_ms > self._age_ms

    def check(self) -> None:
        """Raises BehindError if it does."""
        if self.behind():
            raise BehindError

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
