"""The database of a deployment: connection flags, and the two ways into a transaction.

SQLite runs in WAL with `synchronous=FULL`: an answered write survives the loss of power. PostgreSQL gets a bounded pool,
and every transaction names its tenant to the row level security that the migrations set up.
"""

import sqlite3
import threading
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from typing import Any, TypeVar, cast

import psycopg
from sqlalchemy.engine import make_url

from database.changes import Changes, Notifications, NumbersTaken
from database.looking import Looks
from database.pool import SYSTEM_SCOPE, as_application, pool, session_of
from database.queue import WriteQueue
from database.statement import Dialect, Statement
from database.transaction import Observer, PostgresqlTransaction, Row, SqliteTransaction, Transaction

Answer = TypeVar("Answer")

ATTEMPTS = 8
BUSY_TIMEOUT_MS = 10_000
CACHE_KIB = 65_536
PREPARED = 1_024
"""Statements that the writer of SQLite keeps prepared: one with a table of parameters is another for each number of rows."""


class ConflictError(Exception):
    """Another transaction got there first. The whole use case runs again on fresh data; it never reaches a caller."""


RETRIED = (
    ConflictError,
    psycopg.errors.SerializationFailure,
    psycopg.errors.DeadlockDetected,
    psycopg.errors.UniqueViolation,
)
"""What ends an attempt and not the use case. Where two transactions insert the same key, the second finds the row of the
first when it runs again."""


class _Sharing(threading.local):
    """The snapshot that the reads of this thread are of."""

    tx: Transaction | None = None


class Database:
    """One database address, opened.

    Raises:
        ValueError: an address that is neither SQLite nor PostgreSQL.
    """

    def __init__(self, url: str, *, pool_size: int = 16, observe: Observer | None = None) -> None:
        address = make_url(url)
        backend = address.get_backend_name()
        if backend not in {"sqlite", "postgresql"}:
            raise ValueError("the database is SQLite or PostgreSQL")
        self.dialect = cast(Dialect, backend)
        if self.dialect == "postgresql":
            address = address.set(drivername="postgresql+psycopg")
        self.engine = pool(address, pool_size, _configure_sqlite if self.dialect == "sqlite" else as_application)
        self.writes = 0
        """About how many writes this process has asked for: by it, work that can wait sees that others are there."""
        self._committed: object = None
        self._observe = observe
        self._queue: WriteQueue | None = None
        self._queue_lock = threading.Lock()
        self._readers: deque[sqlite3.Connection] = deque()
        self._changes: dict[str, Changes] = {}
        self._sharing = _Sharing()
        self._looks = Looks(address, observe) if self.dialect == "postgresql" else None

    def write(self, tenant: int | None, work: Callable[[Transaction], Answer]) -> Answer:
        """Run `work` in one transaction that is durable when this returns.

        Whatever `work` raises undoes all of it. On a conflict with another transaction `work` runs again from the start,
        so it must have no effect of its own outside the transaction.
        """
        self.writes += 1
        if self.dialect == "postgresql":
            return _again(lambda: self._in_postgresql(tenant, work, read_only=False))
        try:
            return _again(lambda: cast(Answer, self._write_queue().submit(tenant, work)))
        finally:
            self._committed = object()

    def together(self, tenant: int, work: Callable[[], Answer]) -> Answer:
        """Run `work`, whose reads of the tenant in this thread are all of one snapshot, taken with the first of them.

        For what only reads. It runs again from the start where the connection was lost before anything was heard. What somebody
        writes meanwhile is not seen, be it `work` itself.
        """

        def inside(tx: Transaction) -> Answer:
            before, self._sharing.tx = self._sharing.tx, tx
            try:
                return work()
            finally:
                self._sharing.tx = before

        return self.read(tenant, inside)

    def read(self, tenant: int | None, work: Callable[[Transaction], Answer]) -> Answer:
        """Run `work` on one consistent snapshot; the database itself refuses any change."""
        shared = self._sharing.tx
        if shared is not None and shared.tenant == tenant:
            return work(shared)
        if self.dialect == "postgresql":
            return _again(lambda: self._in_postgresql(tenant, work, read_only=True))
        with self._reader() as connection:
            cursor = connection.cursor()
            cursor.execute("BEGIN")
            try:
                return work(self._in_sqlite(cursor, tenant))
            finally:
                cursor.execute("ROLLBACK")

    def look(self, statement: Statement, **parameters: Any) -> Row | None:
        """The first row of one statement in the system's scope.

        A single statement sees one snapshot by itself. It goes without a transaction around it, because every request looks
        up its credential: each step into SQLite hands the interpreter to another thread, and each statement more is a round
        trip to PostgreSQL.
        """
        if self._looks is not None:
            return self._looks.first(statement, parameters)
        with self._reader() as connection, closing(connection.cursor()) as cursor:
            return self._in_sqlite(cursor, None).one(statement, **parameters)

    def changes(self, channel: str, table: str) -> Changes:
        """Tells of changes, until `dispose`: on PostgreSQL of those that are announced on a channel, on SQLite of those that
        take a number of the table. Whoever makes one does both."""
        with self._queue_lock:
            if channel not in self._changes:
                self._changes[channel] = self._watch(channel, table)
            return self._changes[channel]

    def _watch(self, channel: str, table: str) -> Changes:
        if self.dialect == "sqlite":
            connection = sqlite3.connect(self._path(), isolation_level=None, check_same_thread=False)
            _configure_sqlite(connection, None)
            return NumbersTaken(table, connection, lambda: self._committed)
        arguments, options = self.engine.dialect.create_connect_args(self.engine.url)
        return Notifications(channel, lambda: psycopg.connect(*arguments, **options, autocommit=True))

    def overwrite(self) -> None:
        """Let nothing deleted linger in a write-ahead log of ours: SQLite's is carried into the file, whose pages are
        overwritten by then, and cut to nothing. PostgreSQL's is not ours to cut."""
        if self.dialect == "sqlite":
            with closing(sqlite3.connect(self._path(), isolation_level=None)) as connection:
                _configure_sqlite(connection, None)
                connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")

    def dispose(self) -> None:
        """Close every connection."""
        for watched in self._changes.values():
            watched.close()
        with self._queue_lock:
            if self._queue is not None:
                self._queue.close()
                self._queue = None
            self._changes.clear()
        while self._readers:
            self._readers.pop().close()
        if self._looks is not None:
            self._looks.dispose()
        self.engine.dispose()

    @contextmanager
    def _reader(self) -> Iterator[sqlite3.Connection]:
        """A connection that cannot write: the idle one used last, or a new one. There are as many as readers at once."""
        try:
            connection = self._readers.pop()
        except IndexError:
            connection = sqlite3.connect(self._path(), isolation_level=None, check_same_thread=False)
            _configure_sqlite(connection, None)
            connection.execute("PRAGMA query_only = 1")
        try:
            yield connection
        finally:
            self._readers.append(connection)

    def _path(self) -> str:
        return self.engine.url.database or ":memory:"

    def _write_queue(self) -> WriteQueue:
        if self._queue is None:
            with self._queue_lock:
                if self._queue is None:
                    connection = sqlite3.connect(
                        self._path(), isolation_level=None, check_same_thread=False, cached_statements=PREPARED
                    )
                    _configure_sqlite(connection, None)
                    self._queue = WriteQueue(connection, self._in_sqlite)
        return self._queue

    def _in_postgresql(self, tenant: int | None, work: Callable[[Transaction], Answer], *, read_only: bool) -> Answer:
        with session_of(self.engine) as session:
            session.begin(SYSTEM_SCOPE if tenant is None else int(tenant), read_only=read_only)
            try:
                answer = work(PostgresqlTransaction(session, tenant, self._observe))
                if read_only:
                    session.leave()
                else:
                    session.commit()
            except psycopg.OperationalError as lost:
                if session.heard or not session.lost:
                    session.rollback()
                    raise
                self.engine.dispose()  # The server restarted, so the connections that wait in the pool are dead as well.
                raise ConflictError from lost
            except BaseException:
                session.rollback()
                raise
            return answer

    def _in_sqlite(self, cursor: sqlite3.Cursor, tenant: int | None) -> Transaction:
        return SqliteTransaction(cursor, tenant, self._observe)


def _again(attempt: Callable[[], Answer]) -> Answer:
    """What `attempt` returns, after conflicts as often as it takes, within reason."""
    for _ in range(ATTEMPTS - 1):
        try:
            return attempt()
        except RETRIED:
            continue
    return attempt()


def _configure_sqlite(connection: Any, _record: object) -> None:
    connection.isolation_level = None
    cursor = connection.cursor()
    for pragma in (
        f"busy_timeout = {BUSY_TIMEOUT_MS}",
        "journal_mode = WAL",
        "synchronous = FULL",
        "foreign_keys = ON",
        "trusted_schema = OFF",
        "secure_delete = ON",
        "temp_store = MEMORY",
        f"cache_size = -{CACHE_KIB}",
    ):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()
