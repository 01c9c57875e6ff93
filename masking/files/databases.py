"""Reading the tables of somebody's database, and nothing but reading: SQLite and PostgreSQL."""

import re
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from typing import Final

import psycopg
from psycopg import sql

_SQLITE: Final = re.compile(r"sqlite:///(?P<path>.+)")
_POSTGRESQL: Final = re.compile(r"postgres(?:ql)?(?:\+\w+)?://(?P<rest>.+)")
Cell = tuple[str, str]


class UnknownDatabaseError(ValueError):
    """The URL is of no database that can be read."""


def cells(url: str, rows: int) -> Iterator[list[Cell]]:
    """The cells of up to `rows` rows of each table, a row at a time, by table.column. Both databases refuse to write.

    Raises:
        UnknownDatabaseError: the URL is of another database.
    """
    if match := _SQLITE.fullmatch(url):
        yield from _of_sqlite(match["path"], rows)
    elif match := _POSTGRESQL.fullmatch(url):
        yield from _of_postgresql(f"postgresql://{match['rest']}", rows)
    else:
        raise UnknownDatabaseError


def _of_sqlite(path: str, rows: int) -> Iterator[list[Cell]]:
    with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as database:
        found = database.execute("SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'")
        for (table,) in found.fetchall():
            quoted = '"' + table.replace('"', '""') + '"'
            read = database.execute(f"SELECT * FROM {quoted} LIMIT ?", (rows,))  # noqa: S608 - quoted
            columns = [f"{table}.{column[0]}" for column in read.description]
            for row in read:
                yield _texts(columns, row)


def _of_postgresql(url: str, rows: int) -> Iterator[list[Cell]]:
    with psycopg.connect(url) as database:
        database.read_only = True
        found = database.execute(
            "SELECT table_schema, table_name FROM information_schema.tables WHERE table_type = 'BASE TABLE' "
            "AND table_schema NOT IN ('pg_catalog', 'information_schema') ORDER BY 1, 2"
        )
        for schema, table in found.fetchall():
            query = sql.SQL("SELECT * FROM {} LIMIT %s").format(sql.Identifier(schema, table))
            read = database.execute(query, (rows,))
            columns = [f"{table}.{column.name}" for column in read.description or ()]
            for row in read:
                yield _texts(columns, row)


def _texts(columns: list[str], row: tuple[object, ...]) -> list[Cell]:
    return [(column, str(one)) for column, one in zip(columns, row, strict=True) if isinstance(one, str | int | float)]
