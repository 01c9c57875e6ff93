"""Connections to PostgreSQL, pooled, each with its session."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import URL, Engine, create_engine, event
from sqlalchemy.pool import ConnectionPoolEntry, QueuePool

from database.session import Session

APPLICATION_ROLE = "moat_app"
"""The PostgreSQL role that owns nothing and that row level security therefore binds."""

SYSTEM_SCOPE = -1
"""What a transaction of no one tenant calls itself to row level security."""

_SESSION = "moat_session"
_PATIENCE_SECONDS = 10

Configure = Callable[[Any, ConnectionPoolEntry], None]


def pool(address: URL, size: int, configure: Configure) -> Engine:
    """At most so many connections to a database, each configured once. What is given back has neither a transaction nor a
    cursor open, so that nothing is undone for it; whether a transaction that only read has ended is heard when it is taken again.
    """
    engine = create_engine(
        address,
        poolclass=QueuePool,
        pool_size=size,
        max_overflow=0,
        pool_timeout=_PATIENCE_SECONDS,
        pool_reset_on_return=None,
        hide_parameters=True,
    )
    event.listen(engine, "connect", configure)
    event.listen(engine, "checkout", _settle)
    return engine


def _settle(_connection: object, record: ConnectionPoolEntry, _proxy: object) -> None:
    if (session := record.info.get(_SESSION)) is not None:
        session.settle()


def as_application(connection: Any, record: ConnectionPoolEntry) -> None:
    """Configure a connection to do what the application's role may, each statement by itself until a transaction is begun."""
    connection.autocommit = True
    record.info[_SESSION] = Session(connection)
    cursor = connection.cursor()
    cursor.execute("SELECT 1 FROM pg_roles WHERE rolname = %s AND pg_has_role(oid, 'MEMBER')", (APPLICATION_ROLE,))
    if cursor.fetchone():
        cursor.execute(f"SET ROLE {APPLICATION_ROLE}".encode())
    cursor.close()


def to_look(connection: Any, record: ConnectionPoolEntry) -> None:
    """Configure a connection to read in the system's scope, and nothing else."""
    as_application(connection, record)
    connection.execute(f"SET moat.tenant = '{SYSTEM_SCOPE}'".encode())
    connection.execute(b"SET default_transaction_read_only = on")


@contextmanager
def session_of(engine: Engine) -> Iterator[Session]:
    """A session of the pool; one that has lost its connection does not go back there."""
    pooled = engine.raw_connection()
    session: Session = pooled.info[_SESSION]
    try:
        yield session
    finally:
        if session.lost:
            pooled.invalidate()
        pooled.close()
