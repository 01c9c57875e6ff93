"""What a use case holds while it runs: one open transaction of one tenant."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Mapping, Sequence
from sqlite3 import Cursor
from typing import Any

from database.session import Session
from database.statement import Dialect, Insertion, Statement

Row = tuple[Any, ...]
Observer = Callable[[str, int | None], None]
"""Told the text of every statement and the tenant of its transaction; parameters are never handed out."""


ROWS_AT_ONCE = 2_000
"""Rows of a stream that PostgreSQL sends together."""


class Transaction(ABC):
    """An open transaction. It neither begins nor commits: `Database` does, around the whole use case.

    `tenant` is the tenant whose rows it may touch; None is the system's own scope (looking up a credential before its
    tenant is known, migrations, operator commands).
    """

    __slots__ = ("_observe", "tenant")
    dialect: Dialect

    def __init__(self, tenant: int | None, observe: Observer | None) -> None:
        self._observe = observe
        self.tenant = tenant

    def all(self, statement: Statement, *, rows: Sequence[Sequence[Any]] = (), **parameters: Any) -> list[Row]:
        """Every row of the answer. With a table of parameters and no rows in it there is nothing to ask."""
        if statement.takes_rows and not rows:
            return []
        return self._all(statement, rows, parameters)

    def one(self, statement: Statement, **parameters: Any) -> Row | None:
        """The first row of the answer, or None."""
        return self._one(statement, parameters)

    @abstractmethod
    def later(self, statement: Statement, **parameters: Any) -> Callable[[], Row | None]:
        """Ask for the first row of an answer together with the statement after it. What is returned gives it, and is best called
        once that statement has been answered."""

    @abstractmethod
    def later_all(
        self, statement: Statement, *, rows: Sequence[Sequence[Any]], **parameters: Any
    ) -> Callable[[], list[Row]]:
        """`later`, with a table of at least one row of parameters, for every row of the answer."""

    @abstractmethod
    def stream(self, statement: Statement, **parameters: Any) -> Iterator[Row]:
        """Every row of the answer as it comes, in constant memory however many there are; to be read to its end."""

    def run(self, statement: Statement, *, rows: Sequence[Sequence[Any]] = (), **parameters: Any) -> int:
        """Execute a change and tell how many rows it touched: none, where its table of parameters is empty."""
        if statement.takes_rows and not rows:
            return 0
        return self._run(statement, rows, parameters)

    def run_each(self, statement: Statement, rows: Sequence[Mapping[str, Any]]) -> int:
        """Execute a change once for each of `rows`, its parameters, and tell how many rows were touched in all.

        For changes of rows by their key: where a batch is joined in, PostgreSQL without statistics reads all rows of the tenant.
        """
        return self._run_each(statement, rows) if rows else 0

    def insert(self, insertion: Insertion, rows: Sequence[Sequence[Any]]) -> int:
        """Insert `rows`, all or (raising) none; tells how many were new where conflicts are ignored."""
        return self._insert(insertion, rows) if rows else 0

    def put(self, insertion: Insertion, rows: Sequence[Sequence[Any]]) -> None:
        """Insert `rows` before the next statement is answered, or with the end of the transaction: nobody waits for them here.

        What may fail, such as a key that is there already, fails then, and undoes the transaction all the same.
        """
        if rows:
            self._put(insertion, rows)

    @abstractmethod
    def reserve(self, table: str, count: int) -> Sequence[int]:
        """Take `count` ascending numbers of a table's sequence. They are never given out again, used or not."""

    @abstractmethod
    def _all(self, statement: Statement, rows: Sequence[Sequence[Any]], parameters: dict[str, Any]) -> list[Row]: ...

    @abstractmethod
    def _one(self, statement: Statement, parameters: dict[str, Any]) -> Row | None: ...

    @abstractmethod
    def _run(self, statement: Statement, rows: Sequence[Sequence[Any]], parameters: dict[str, Any]) -> int: ...

    @abstractmethod
    def _run_each(self, statement: Statement, rows: Sequence[Mapping[str, Any]]) -> int: ...

    @abstractmethod
    def _insert(self, insertion: Insertion, rows: Sequence[Sequence[Any]]) -> int: ...

    @abstractmethod
    def _put(self, insertion: Insertion, rows: Sequence[Sequence[Any]]) -> None: ...

    def _note(self, text: str) -> None:
        if self._observe is not None:
            self._observe(text, self.tenant)


class SqliteTransaction(Transaction):
    """A transaction on SQLite."""

    __slots__ = ("_cursor",)
    dialect = "sqlite"

    def __init__(self, cursor: Cursor, tenant: int | None, observe: Observer | None) -> None:
        super().__init__(tenant, observe)
        self._cursor = cursor

    def later(self, statement: Statement, **parameters: Any) -> Callable[[], Row | None]:
        """At once, for there is no way to save."""
        row = self._one(statement, parameters)
        return lambda: row

    def later_all(
        self, statement: Statement, *, rows: Sequence[Sequence[Any]], **parameters: Any
    ) -> Callable[[], list[Row]]:
        """At once."""
        found = self._all(statement, rows, parameters)
        return lambda: found

    def stream(self, statement: Statement, **parameters: Any) -> Iterator[Row]:
        """On a cursor of its own, so that other statements may come between."""
        text, values = statement.for_sqlite(parameters, ())
        self._note(text)
        yield from self._cursor.connection.cursor().execute(text, values)

    def reserve(self, table: str, count: int) -> Sequence[int]:
        """SQLite keeps the highest number ever used of an AUTOINCREMENT table in `sqlite_sequence`; moving it inside the
        write transaction reserves the block, and a rollback gives back only numbers that nobody has seen."""
        if count <= 0:
            return ()
        row = self.one(_SQLITE_MOVE, table=table, count=count)
        if row is None:
            self.run(_SQLITE_START, table=table, count=count)
            return range(1, count + 1)
        return range(row[0] - count + 1, row[0] + 1)

    def _all(self, statement: Statement, rows: Sequence[Sequence[Any]], parameters: dict[str, Any]) -> list[Row]:
        self._execute(statement, rows, parameters)
        return self._cursor.fetchall()

    def _one(self, statement: Statement, parameters: dict[str, Any]) -> Row | None:
        self._execute(statement, (), parameters)
        fetched: Row | None = self._cursor.fetchone()
        return fetched

    def _run(self, statement: Statement, rows: Sequence[Sequence[Any]], parameters: dict[str, Any]) -> int:
        self._execute(statement, rows, parameters)
        return self._cursor.rowcount

    def _run_each(self, statement: Statement, rows: Sequence[Mapping[str, Any]]) -> int:
        text = statement.for_sqlite(rows[0], ())[0]
        self._note(text)
        self._cursor.executemany(text, [statement.for_sqlite(row, ())[1] for row in rows])
        return self._cursor.rowcount

    def _insert(self, insertion: Insertion, rows: Sequence[Sequence[Any]]) -> int:
        self._put(insertion, rows)
        return self._cursor.rowcount

    def _put(self, insertion: Insertion, rows: Sequence[Sequence[Any]]) -> None:
        self._note(insertion.sqlite)
        self._cursor.executemany(insertion.sqlite, rows)

    def _execute(self, statement: Statement, rows: Sequence[Sequence[Any]], parameters: dict[str, Any]) -> None:
        text, values = statement.for_sqlite(parameters, rows)
        self._note(text)
        self._cursor.execute(text, values)


class PostgresqlTransaction(Transaction):
    """A transaction on PostgreSQL."""

    __slots__ = ("_session",)
    dialect = "postgresql"

    def __init__(self, session: Session, tenant: int | None, observe: Observer | None) -> None:
        super().__init__(tenant, observe)
        self._session = session

    def later(self, statement: Statement, **parameters: Any) -> Callable[[], Row | None]:
        """Saves a round trip."""
        asked = self.later_all(statement, rows=(), **parameters)

        def first() -> Row | None:
            rows = asked()
            return rows[0] if rows else None

        return first

    def later_all(
        self, statement: Statement, *, rows: Sequence[Sequence[Any]], **parameters: Any
    ) -> Callable[[], list[Row]]:
        """Saves a round trip."""
        text, bound = statement.for_postgresql(parameters, rows)
        self._note(text)
        waiting = self._session.put(text, bound)
        return lambda: self._session.rows(self._session.answer(waiting))

    def stream(self, statement: Statement, **parameters: Any) -> Iterator[Row]:
        """Through a cursor of the server; one at a time."""
        text, bound = statement.for_postgresql(parameters, ())
        self._note(text)
        self._session.ask(f"DECLARE stream NO SCROLL CURSOR FOR {text}", bound)
        fetch = f"FETCH FORWARD {ROWS_AT_ONCE} FROM stream"
        while rows := self._session.rows(self._session.ask(fetch, ())):
            yield from rows
        self._session.put("CLOSE stream", ())

    def reserve(self, table: str, count: int) -> Sequence[int]:
        """A sequence gives its numbers out for good, whatever becomes of the transaction."""
        if count <= 0:
            return ()
        return [row[0] for row in self.all(_POSTGRESQL_RESERVE, sequence=f"{table}_id_seq", count=count)]

    def _all(self, statement: Statement, rows: Sequence[Sequence[Any]], parameters: dict[str, Any]) -> list[Row]:
        text, bound = statement.for_postgresql(parameters, rows)
        self._note(text)
        return self._session.rows(self._session.ask(text, bound))

    def _one(self, statement: Statement, parameters: dict[str, Any]) -> Row | None:
        fetched = self._all(statement, (), parameters)
        return fetched[0] if fetched else None

    def _run(self, statement: Statement, rows: Sequence[Sequence[Any]], parameters: dict[str, Any]) -> int:
        text, bound = statement.for_postgresql(parameters, rows)
        self._note(text)
        return self._session.ask(text, bound).command_tuples or 0

    def _run_each(self, statement: Statement, rows: Sequence[Mapping[str, Any]]) -> int:
        each = [statement.for_postgresql(row, ()) for row in rows]
        self._note(each[0][0])
        waiting = [self._session.put(text, bound) for text, bound in each]
        return sum(self._session.answer(one).command_tuples or 0 for one in reversed(waiting))

    def _insert(self, insertion: Insertion, rows: Sequence[Sequence[Any]]) -> int:
        text, bound = insertion.for_postgresql(rows)
        self._note(text)
        return self._session.ask(text, bound).command_tuples or 0

    def _put(self, insertion: Insertion, rows: Sequence[Sequence[Any]]) -> None:
        text, bound = insertion.for_postgresql(rows)
        self._note(text)
        self._session.put(text, bound)


_SQLITE_MOVE = Statement("UPDATE sqlite_sequence SET seq = seq + :count WHERE name = :table RETURNING seq")
_SQLITE_START = Statement("INSERT INTO sqlite_sequence (name, seq) VALUES (:table, :count)")
_POSTGRESQL_RESERVE = Statement("SELECT nextval(CAST(:sequence AS regclass)) FROM generate_series(1, :count)")
