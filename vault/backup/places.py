"""Where a backup is put back: an empty database, which has everything or nothing whenever the process dies.

On SQLite the rows go into `moat.db.restoring`, which gets its name when all is done; on PostgreSQL they come in one transaction.
"""

import os
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any, NamedTuple, Protocol

import psycopg

from database.pool import SYSTEM_SCOPE
from vault.backup.store import NAMES
from vault.errors import BackupError
from vault.ledger_key import sync_directory

Prepare = Callable[[str, str], None]
"""Brings the database at an address to a revision of the schema."""

_COMPANIONS = ("", "-wal", "-shm", "-journal")


class Rows(NamedTuple):
    """An open transaction of the schema's owner."""

    cursor: Any
    dialect: str


class Place(Protocol):
    """An empty database. `url` is its address while it is being filled."""

    url: str

    def require_empty(self) -> None:
        """Raises BackupError where there is a row already; nothing is changed."""

    @contextmanager
    def filling(self, revision: str) -> Iterator[Rows]:
        """One transaction on the schema of that revision, committed at its end."""

    def settle(self) -> None:
        """Make what was filled the database."""


class SqlitePlace:
    """The embedded database of a data directory."""

    def __init__(self, path: Path, prepare: Prepare) -> None:
        self._path = path
        self._draft = path.with_name(path.name + ".restoring")
        self._prepare = prepare
        self.url = f"sqlite:///{self._draft}"

    def require_empty(self) -> None:
        if not self._path.exists():
            return
        with closing(sqlite3.connect(f"{self._path.absolute().as_uri()}?mode=ro", uri=True)) as connection:
            _require_no_rows(connection.cursor(), "sqlite")

    @contextmanager
    def filling(self, revision: str) -> Iterator[Rows]:
        _remove(self._draft)
        os.close(os.open(self._draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
        self._prepare(self.url, revision)
        with closing(sqlite3.connect(self._draft, isolation_level=None)) as connection:
            connection.execute("PRAGMA foreign_keys = ON")
            connection.execute("BEGIN IMMEDIATE")
            yield Rows(connection.cursor(), "sqlite")
            connection.execute("COMMIT")

    def settle(self) -> None:
        with closing(sqlite3.connect(self._draft, isolation_level=None)) as connection:
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        _remove(self._path)
        self._draft.rename(self._path)
        sync_directory(self._path.parent)


class PostgresqlPlace:
    """A database of a server, reached as the owner of the schema. `address` is libpq's."""

    def __init__(self, url: str, address: str, prepare: Prepare) -> None:
        self._address = address
        self._prepare = prepare
        self.url = url

    def require_empty(self) -> None:
        with psycopg.connect(self._address) as connection, connection.cursor() as cursor:
            cursor.execute(f"SET LOCAL moat.tenant = '{SYSTEM_SCOPE}'".encode())
            _require_no_rows(cursor, "postgresql")

    @contextmanager
    def filling(self, revision: str) -> Iterator[Rows]:
        self._prepare(self.url, revision)
        with psycopg.connect(self._address) as connection, connection.cursor() as cursor:
            cursor.execute(f"SET LOCAL moat.tenant = '{SYSTEM_SCOPE}'".encode())
            yield Rows(cursor, "postgresql")

    def settle(self) -> None:
        """It is the database already."""


def _require_no_rows(cursor: Any, dialect: str) -> None:
    cursor.execute(NAMES[dialect])
    for (name,) in cursor.fetchall():
        cursor.execute(f'SELECT 1 FROM "{name}" LIMIT 1')  # noqa: S608 - a name of the database's own catalogue
        if cursor.fetchone() is not None:
            raise BackupError("not_empty")


def _remove(path: Path) -> None:
    for suffix in _COMPANIONS:
        path.with_name(path.name + suffix).unlink(missing_ok=True)
