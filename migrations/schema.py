"""Bringing a database to the schema of this version, and telling how far it is."""

from collections.abc import Iterator
from contextlib import contextmanager
from enum import StrEnum
from pathlib import Path
from typing import Any

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import URL, Connection, NullPool, create_engine, event, text

from database.pool import SYSTEM_SCOPE

_LOCK = 0x6D6F6173


class SchemaTooNewError(Exception):
    """The database was made by a later version of the program."""

    def __init__(self) -> None:
        super().__init__("the database was made by a later version of Moat: start that version, or restore a backup")


class SchemaState(StrEnum):
    """CURRENT is fit to serve; EMPTY and OLDER need a migration; NEWER belongs to a later version of the program."""

    EMPTY = "empty"
    OLDER = "older"
    CURRENT = "current"
    NEWER = "newer"


def configuration(connection: Connection) -> Config:
    """Alembic's configuration over an open connection, without a file of its own."""
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent))
    config.attributes["connection"] = connection
    return config


def state(url: URL) -> SchemaState:
    """How the schema of the database at `url` stands to this version."""
    with _connected(url) as connection:
        return _state(connection)


def known(revision: str) -> bool:
    """Whether this version has a revision of that name."""
    revisions = ScriptDirectory(str(Path(__file__).parent)).walk_revisions()
    return any(one.revision == revision for one in revisions)


def migrate(url: URL, revision: str = "head") -> None:
    """Apply what is missing, all or nothing. Processes that start together take turns.

    Raises:
        SchemaTooNewError: the schema is newer than this version knows; nothing is changed.
    """
    with _connected(url) as connection:
        if connection.dialect.name == "postgresql":
            connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _LOCK})
        if _state(connection) is SchemaState.NEWER:
            raise SchemaTooNewError
        command.upgrade(configuration(connection), revision)


@contextmanager
def _connected(url: URL) -> Iterator[Connection]:
    """A connection of the schema's owner in one transaction, which SQLite's driver would not open before DDL."""
    engine = create_engine(url, poolclass=NullPool, hide_parameters=True)
    if engine.dialect.name == "sqlite":
        event.listen(engine, "connect", _leave_transactions_to_us)
        event.listen(engine, "begin", lambda connection: connection.exec_driver_sql("BEGIN IMMEDIATE"))
    try:
        with engine.begin() as connection:
            if connection.dialect.name == "postgresql":  # Row level security binds the owner too.
                connection.execute(text(f"SET LOCAL moat.tenant = '{SYSTEM_SCOPE}'"))
            yield connection
    finally:
        engine.dispose()


def _leave_transactions_to_us(connection: Any, _record: object) -> None:
    connection.isolation_level = None
    connection.execute("PRAGMA busy_timeout = 30000")


def _state(connection: Connection) -> SchemaState:
    current = MigrationContext.configure(connection).get_current_revision()
    if current is None:
        return SchemaState.EMPTY
    revisions = ScriptDirectory.from_config(configuration(connection))
    known = {revision.revision for revision in revisions.walk_revisions()}
    if current not in known:
        return SchemaState.NEWER
    return SchemaState.CURRENT if current == revisions.get_current_head() else SchemaState.OLDER
