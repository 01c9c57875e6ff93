"""Noticing that rows were changed by others, so that what was read from them may be kept for a moment.

Whoever reads takes a mark first, and asks later how old at most what was read after it is.

- On SQLite the counter that `PRAGMA data_version` gives on a connection of its own moves with every commit of any other
  connection, of this process or another. When it has, one look tells whether the table that is watched has given out numbers
  (`sqlite_sequence`): every change that matters must take one. While it has not, what was read is as good as read at the last
  look. This process looks after each of its own commits, and otherwise from time to time: each look hands the interpreter to
  other threads, and those would wait for the one that looks.
- On PostgreSQL the writer names the changed rows by NOTIFY, and a thread listens. Notifications come in the order of their
  commits. So the thread sends one to itself from time to time: when that arrives, all that was committed before it was sent has
  been heard of. Whatever nobody has named until then was true when it was sent. Where no such word comes, a mark is worth
  nothing any more after `KEPT_SECONDS`, whatever was heard or missed.
"""

import sqlite3
import threading
from collections.abc import Callable
from contextlib import suppress
from math import inf
from time import monotonic
from typing import Any, NamedTuple, Protocol
from uuid import uuid4

import psycopg
from psycopg import sql

KEPT_SECONDS = 0.9
"""How long something read may be kept where hearing of changes is not certain."""

LOOKED_SECONDS = 0.05
"""How long a look at a SQLite file counts, if this process has not written to it."""

BEAT_SECONDS = 0.2
BEAT = "beat:"
"""Begins what listeners send to themselves; no key begins so."""

_TAKEN = "SELECT seq FROM sqlite_sequence WHERE name = ?"
_USED_WITHIN_SECONDS = 5.0
_HEARD_AT_MOST = 100_000
_RECONNECT_SECONDS = 0.5

Mark = float
"""A counter or a time, of this process only."""


class Changes(Protocol):
    """Tells of changes to the rows of one channel, by keys that the writers name."""

    def mark(self) -> Mark:
        """A mark. Take it before reading."""

    def age(self, mark: Mark, key: str) -> float | None:
        """How old at most, in seconds, what was read under the key after the mark is; None when it must be read again."""

    def close(self) -> None: ...


class _Look(NamedTuple):
    """What a look at a SQLite file saw: made after which commit of ours, begun when, and how many numbers were taken."""

    after: object
    at: float
    taken: int


class NumbersTaken:
    """Changes of a SQLite file, by the numbers that an AUTOINCREMENT table has given out. Keys mean nothing here.

    `committed` gives another object after each commit of this process.
    """

    def __init__(self, table: str, connection: sqlite3.Connection, committed: Callable[[], object]) -> None:
        self._table = table
        self._connection = connection
        self._committed = committed
        self._lock = threading.Lock()
        self._version = -1
        self._look = _Look(None, -inf, 0)

    def mark(self) -> Mark:
        return self._looked(monotonic()).taken

    def age(self, mark: Mark, key: str) -> float | None:  # noqa: ARG002 - as the protocol has it
        now = monotonic()
        look = self._looked(now)
        return max(0.0, now - look.at) if look.taken == mark else None

    def _looked(self, now: float) -> "_Look":
        """The last look, if it still counts, or a new one."""
        look = self._look
        if look.after is self._committed() and now - look.at < LOOKED_SECONDS:
            return look
        with self._lock:
            after, at = self._committed(), monotonic()
            version: int = self._connection.execute("PRAGMA data_version").fetchone()[0]
            taken = self._look.taken
            if version != self._version:
                row = self._connection.execute(_TAKEN, (self._table,)).fetchone()
                self._version, taken = version, row[0] if row else 0
            self._look = look = _Look(after, at, taken)
            return look

    def close(self) -> None:
        with self._lock:
            self._connection.close()


class Notifications:
    """Changes that writers of a PostgreSQL database announce on a channel. A lost connection is made again; what was read before
    that is not vouched for."""

    def __init__(self, channel: str, connect: Callable[[], "psycopg.Connection[Any]"]) -> None:
        self._channel = channel
        self._connect = connect
        self._own = f"{BEAT}{uuid4()}"
        self._heard: dict[str, float] = {}
        self._since = inf
        self._complete_to = -inf
        self._used_at = -inf
        self._closed = threading.Event()
        threading.Thread(target=self._run, name=f"listen-{channel}", daemon=True).start()

    def mark(self) -> Mark:
        return monotonic()

    def age(self, mark: Mark, key: str) -> float | None:
        now = self._used_at = monotonic()
        complete_to = self._complete_to
        heard = self._heard.get(key)
        if heard is not None and heard >= mark:
            return None
        if now - mark <= KEPT_SECONDS:
            return now - mark
        return now - complete_to if mark >= self._since and now - complete_to <= KEPT_SECONDS else None

    def close(self) -> None:
        """Stop listening, soon and without waiting for it."""
        self._closed.set()

    def _run(self) -> None:
        while not self._closed.is_set():
            with suppress(psycopg.Error), self._connect() as connection:
                connection.execute(sql.SQL("LISTEN {}").format(sql.Identifier(self._channel)))
                self._heard, self._since = {}, monotonic()
                while not self._closed.is_set():
                    self._listen(connection)
            self._since = inf
            self._closed.wait(_RECONNECT_SECONDS)

    def _listen(self, connection: "psycopg.Connection[Any]") -> None:
        """Hear what comes for a short time, after a word to itself if anybody has lately asked."""
        began = monotonic()
        if began - self._used_at < _USED_WITHIN_SECONDS:
            connection.execute("SELECT pg_notify(%s, %s)", (self._channel, f"{self._own}:{began}"))
        for notification in connection.notifies(timeout=BEAT_SECONDS):
            payload = notification.payload
            if not payload.startswith(BEAT):
                self._heard[payload] = monotonic()
            elif payload.startswith(self._own):
                self._complete_to = float(payload.rpartition(":")[2])
        if len(self._heard) > _HEARD_AT_MOST:
            self._heard, self._since = {}, monotonic()
