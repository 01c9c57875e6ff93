"""What a use case holds while it runs: one open transaction of one tenant."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from database.statement import Dialect, Insertion, Statement

Row = tuple[Any, ...]
Observer = Callable[[str, int | None], None]
"""Told the text of every statement and the tenant of its transaction; parameters are never handed out."""

ROWS_AT_ONCE = 2_000
"""Rows of a stream that PostgreSQL sends together."""


class Transaction:
    """An open transaction. It neither begins nor commits: `Database` does, around the whole use case.

    `tenant` is the tenant whose rows it may touch; None is the system's own scope (looking up a credential before its
    tenant is known, migrations, operator commands).
    """

    __slots__ = ("_cursor", "_observe", "dialect", "tenant")

    def __init__(self, cursor: Any, dialect: Dialect, tenant: int | None, observe: Observer | None) -> None:
        self._cursor = cursor
        self._observe = observe
        self.dialect = dialect
        self.tenant = tenant

    def all(self, statement: Statement, *, rows: Sequence[Sequence[Any]] = (), **parameters: Any) -> list[Row]:
        """Every row of the answer. With a table of parameters and no rows in it there is nothing to ask."""
        if statement.takes_rows and not rows:
            return []
        self._execute(statement, rows, parameters)
        fetched: list[Row] = self._cursor.fetchall()
        return fetched

    def stream(self, statement: Statement, **parameters: Any) -> Iterator[Row]:
        """Every row of the answer as it comes, in constant memory however many there are; to be read to its end."""
        if self.dialect == "sqlite":
            text, values = statement.for_sqlite(parameters, ())
            self._note(text)
            yield from self._cursor.connection.cursor().execute(text, values)
            return
        text, named = statement.for_postgresql(parameters, ())
        self._note(text)
        with self._cursor.connection.cursor(name="stream") as cursor:
            cursor.itersize = ROWS_AT_ONCE
            yield from cursor.execute(text, named)

    def one(self, statement: Statement, **parameters: Any) -> Row | None:
        """The first row of the answer, or None."""
        self._execute(statement, (), parameters)
        fetched: Row | None = self._cursor.fetchone()
        return fetched

    def run(self, statement: Statement, *, rows: Sequence[Sequence[Any]] = (), **parameters: Any) -> int:
        """Execute a change and tell how many rows it touched: none, where its table of parameters is empty."""
        if statement.takes_rows and not rows:
            return 0
        self._execute(statement, rows, parameters)
        touched: int = self._cursor.rowcount
        return touched

    def run_each(self, statement: Statement, rows: Sequence[Mapping[str, Any]]) -> int:
        """Execute a change once for each of `rows`, its parameters, and tell how many rows were touched in all.

        For changes of rows by their key: where a batch is joined in, PostgreSQL without statistics reads all rows of the tenant.
        """
        if not rows:
            return 0
        if self.dialect == "sqlite":
            text = statement.for_sqlite(rows[0], ())[0]
            self._note(text)
            self._cursor.executemany(text, [statement.for_sqlite(row, ())[1] for row in rows])
        else:
            text = statement.for_postgresql(rows[0], ())[0]
            self._note(text)
            self._cursor.executemany(text, rows)
        touched: int = self._cursor.rowcount
        return touched

    def insert(self, insertion: Insertion, rows: Sequence[Sequence[Any]]) -> int:
        """Insert `rows`, all or (raising) none; tells how many were new where conflicts are ignored."""
        if not rows:
            return 0
        if self.dialect == "sqlite":
            self._note(insertion.sqlite)
            self._cursor.executemany(insertion.sqlite, rows)
        else:
            self._note(insertion.postgresql)
            self._cursor.execute(insertion.postgresql, [list(column) for column in zip(*rows, strict=True)])
        inserted: int = self._cursor.rowcount
        return inserted

    def reserve(self, table: str, count: int) -> Sequence[int]:
        """Take `count` ascending numbers of a table's sequence. They are never given out again, used or not.

        SQLite keeps the highest number ever used of an AUTOINCREMENT table in `sqlite_sequence`; moving it inside the
        write transaction reserves the block, and a rollback gives back only numbers that nobody has seen.
        """
        if count <= 0:
            return ()
        if self.dialect == "postgresql":
            return [row[0] for row in self.all(_POSTGRESQL_RESERVE, sequence=f"{table}_id_seq", count=count)]
        row = self.one(_SQLITE_MOVE, table=table, count=count)
        if row is None:
            self.run(_SQLITE_START, table=table, count=count)
            return range(1, count + 1)
        return range(row[0] - count + 1, row[0] + 1)

    def _execute(self, statement: Statement, rows: Sequence[Sequence[Any]], parameters: dict[str, Any]) -> None:
        text: str
        values: Any
        if self.dialect == "sqlite":
            text, values = statement.for_sqlite(parameters, rows)
            self._note(text)
            self._cursor.execute(text, values)
        else:
            text, values = statement.for_postgresql(parameters, rows)
            self._note(text)
            self._cursor.execute(text, values)

    def _note(self, text: str) -> None:
        if self._observe is not None:
            self._observe(text, self.tenant)


_SQLITE_MOVE = Statement("UPDATE sqlite_sequence SET seq = seq + :count WHERE name = :table RETURNING seq")
_SQLITE_START = Statement("INSERT INTO sqlite_sequence (name, seq) VALUES (:table, :count)")
_POSTGRESQL_RESERVE = Statement("SELECT nextval(CAST(:sequence AS regclass)) FROM generate_series(1, :count)")
