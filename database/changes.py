"""Noticing that rows were changed by others, so that what was read from them may be kept for a moment.

Whoever reads takes a mark first, and asks later how old at most what was read after it is. The bound does not rest on being told:
a mark is worth nothing any more after `KEPT_SECONDS`, whatever was heard or missed meanwhile.

- On SQLite the counter that `PRAGMA data_version` gives on a connection of its own moves with every commit of any other
  connection, of this process or another. While it has not moved, what was read is as good as read now.
- On PostgreSQL the writer names the changed rows by NOTIFY, and a thread listens. Between the commit and the hearing there is a
  moment, usually less than a millisecond.
"""

import sqlite3
import threading
from collections.abc import Callable
from contextlib import suppress
from time import monotonic
from typing import Any, Protocol

import psycopg
from psycopg import sql

KEPT_SECONDS = 0.9
"""How long something read may be kept where hearing of changes is not certain."""

_HEARD_AT_MOST = 10_000
_WAKE_SECONDS = 0.5
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


class CommitCounter:
    """Changes of a SQLite file. Keys mean nothing here: any commit might be about any of them."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        self._lock = threading.Lock()

    def mark(self) -> Mark:
        with self._lock:
            version: int = self._connection.execute("PRAGMA data_version").fetchone()[0]
        return version

    def age(self, mark: Mark, key: str) -> float | None:  # noqa: ARG002 - as the protocol has it
        return 0.0 if self.mark() == mark else None

    def close(self) -> None:
        with self._lock:
            self._connection.close()


class Notifications:
    """Changes that writers of a PostgreSQL database announce on a channel. A lost connection is made again; until then the bound
    holds by itself."""

    def __init__(self, channel: str, connect: Callable[[], "psycopg.Connection[Any]"]) -> None:
        self._channel = channel
        self._connect = connect
        self._heard: dict[str, float] = {}
        self._closed = threading.Event()
        threading.Thread(target=self._run, name=f"listen-{channel}", daemon=True).start()

    def mark(self) -> Mark:
        return monotonic()

    def age(self, mark: Mark, key: str) -> float | None:
        heard = self._heard.get(key)
        age = monotonic() - mark
        return None if age > KEPT_SECONDS or (heard is not None and heard >= mark) else age

    def close(self) -> None:
        """Stop listening, within half a second and without waiting for it."""
        self._closed.set()

    def _run(self) -> None:
        while not self._closed.is_set():
            with suppress(psycopg.Error), self._connect() as connection:
                connection.execute(sql.SQL("LISTEN {}").format(sql.Identifier(self._channel)))
                self._listen(connection)
            self._closed.wait(_RECONNECT_SECONDS)

    def _listen(self, connection: "psycopg.Connection[Any]") -> None:
        while not self._closed.is_set():
            for notification in connection.notifies(timeout=_WAKE_SECONDS):
                self._heard[notification.payload] = monotonic()
            if len(self._heard) > _HEARD_AT_MOST:
                since = monotonic() - 2 * KEPT_SECONDS
                self._heard = {key: at for key, at in self._heard.items() if at >= since}
