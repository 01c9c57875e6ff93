"""All SQL of backups. What a table's columns are comes from the models; what an archive says of them is checked to be names."""

import re
from typing import Any

from database.columns import metadata
from database.statement import Statement
from database.transaction import Transaction
from vault.backup.halves import Half, tables_of
from vault.backup.manifest import TableShape
from vault.errors import BackupError

_NAME = re.compile(r"[a-z][a-z0-9_]{0,62}")
_KINDS = {"BIGINT": "int", "INTEGER": "int", "VARCHAR": "text", "BOOLEAN": "flag", "BLOB": "octets"}
_ARRAYS = {"int": "bigint", "text": "text", "flag": "boolean", "octets": "bytea"}

REVISION = Statement("SELECT version_num FROM alembic_version")
_SQLITE_SEQUENCES = Statement("SELECT name, seq FROM sqlite_sequence ORDER BY name")
_POSTGRESQL_SEQUENCES = Statement("""
    SELECT sequencename, last_value FROM pg_sequences
    WHERE schemaname = current_schema() AND last_value IS NOT NULL ORDER BY sequencename
""")
_SEQUENCE_SUFFIX = "_id_seq"


def shapes(half: Half) -> list[TableShape]:
    """The tables of a half as the models have them, each after those that it refers to.

    Raises:
        BackupError: there is a table that nobody has decided about, or a column of a kind that no archive has.
    """
    tables = {table.name: table for table in metadata.sorted_tables}
    try:
        return [
            TableShape(str(name), [(str(column.name), _KINDS[str(column.type)]) for column in tables[name].columns])
            for name in tables_of(half, tables)
        ]
    except LookupError:
        raise BackupError("undecided_table") from None


def rows_of(shape: TableShape) -> Statement:
    """Every row of a table, columns in the shape's order."""
    named = ", ".join(name for name, _ in shape.columns)
    return Statement(f"SELECT {named} FROM {shape.name}")  # noqa: S608 - names of the models


def sequences(tx: Transaction) -> dict[str, int]:
    """The last number that each table has given out."""
    if tx.dialect == "sqlite":
        return dict(tx.all(_SQLITE_SEQUENCES))
    return {name.removesuffix(_SEQUENCE_SUFFIX): last for name, last in tx.all(_POSTGRESQL_SEQUENCES)}


def require_names(shape: TableShape) -> None:
    """Make sure that what an archive says of a table is nothing but names and kinds.

    Raises:
        BackupError: it is something else.
    """
    names = [shape.name, *(name for name, _ in shape.columns)]
    if not all(_NAME.fullmatch(name) for name in names) or not {kind for _, kind in shape.columns} <= set(_ARRAYS):
        raise BackupError("damaged")


def insertion(shape: TableShape, dialect: str) -> str:
    """What puts rows of a table back: for executemany on SQLite, with an array for each column on PostgreSQL."""
    require_names(shape)
    named = ", ".join(name for name, _ in shape.columns)
    if dialect == "sqlite":
        return f"INSERT INTO {shape.name} ({named}) VALUES ({', '.join('?' * len(shape.columns))})"  # noqa: S608 - names
    arrays = ", ".join(f"%b::{_ARRAYS[kind]}[]" for _, kind in shape.columns)
    return f"INSERT INTO {shape.name} ({named}) SELECT * FROM unnest({arrays})"  # noqa: S608 - names


def put_sequence(cursor: Any, dialect: str, table: str, last: int) -> None:
    """Let a table go on after `last`, so that no number is given out twice."""
    if not _NAME.fullmatch(table):
        raise BackupError("damaged")
    if dialect == "sqlite":
        cursor.execute("DELETE FROM sqlite_sequence WHERE name = ?", (table,))
        cursor.execute("INSERT INTO sqlite_sequence (name, seq) VALUES (?, ?)", (table, last))
    else:
        cursor.execute(b"SELECT setval(%s::regclass, %s)", (table + _SEQUENCE_SUFFIX, last))


NAMES = {
    "sqlite": "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%' AND name <> 'alembic_version'",
    "postgresql": "SELECT tablename FROM pg_tables WHERE schemaname = current_schema() AND tablename <> 'alembic_version'",
}
"""The tables that a database has, in each dialect."""
