"""One connection to PostgreSQL, over which statements travel together.

A statement is prepared the first time it is used and named from then on. What needs no answer of its own waits and is sent with
the statement after it, or with the end of the transaction: a call takes as many round trips as it has questions, however many
statements. The server runs them in order, and none of what was sent together with one that failed and after it.

A transaction is begun by its first statement. It ends by `commit`, and whoever leaves it otherwise must `rollback`.
"""

import select
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, cast

import psycopg
from psycopg import pq
from psycopg.adapt import Transformer
from psycopg.errors import error_from_result
from psycopg.pq.abc import PGresult

from database.wire import Bound, bind

Row = tuple[Any, ...]
_Known = tuple[str, tuple[int, ...]]
"""What a prepared statement is known by: its text and the types of its parameters."""


_BEGIN = {
    False: "BEGIN",
    True: "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY",
}
_SCOPE = "SELECT set_config('moat.tenant', $1, true)"
_FAILED = (pq.ExecStatus.FATAL_ERROR, pq.ExecStatus.BAD_RESPONSE)
_BINARY = 1
_BEGINNING = 2
_LOST = "the connection to the database is lost"


@dataclass(slots=True, eq=False)
class Waiting:
    """A statement on its way, and its answer once there is one."""

    text: str
    bound: Sequence[Bound]
    result: PGresult | None = None


class Session:
    """The statements of one connection; one thread at a time."""

    def __init__(self, connection: "psycopg.Connection[Any]") -> None:
        self._pg = connection.pgconn
        self._loading = Transformer(connection)
        self._names: dict[_Known, bytes] = {}
        self._made = 0
        self._waiting: list[Waiting] = []
        self._heard = False
        self._leaving = False
        self._poll = select.poll()
        self._poll.register(self._pg.socket, select.POLLIN)

    @property
    def heard(self) -> bool:
        """Whether the server has answered since `begin`."""
        return self._heard

    @property
    def lost(self) -> bool:
        """Whether the connection can be used no more."""
        return self._pg.status != pq.ConnStatus.OK

    def begin(self, scope: int, *, read_only: bool) -> None:
        """Begin a transaction with whatever is sent first."""
        self._heard = False
        self._waiting = [Waiting(_BEGIN[read_only], ()), Waiting(_SCOPE, (bind(str(scope)),))]

    def put(self, text: str, bound: Sequence[Bound]) -> "Waiting":
        """Run a statement before the next one is answered. Its failure is that one's, or that of `commit`."""
        waiting = Waiting(text, bound)
        self._waiting.append(waiting)
        return waiting

    def answer(self, waiting: "Waiting") -> PGresult:
        """The answer of a statement that waits, or waited.

        Raises:
            psycopg.Error: it failed, or one before it.
        """
        if waiting.result is None:
            together, self._waiting = self._waiting, []
            self._together(together)
        assert waiting.result is not None
        return waiting.result

    def ask(self, text: str, bound: Sequence[Bound]) -> PGresult:
        """Run a statement after all that waits, and give its answer.

        Raises:
            psycopg.Error: the first of them that failed.
        """
        if self._waiting:
            return self.answer(self.put(text, bound))
        return self._alone(text, bound)

    def commit(self) -> None:
        """Run all that waits, and make the transaction durable.

        Raises:
            psycopg.Error: the first that failed; nothing of the transaction is stored then. If the connection was lost after
                something had been heard, nobody knows whether it is.
        """
        if not self._heard:  # a connection that has died in the pool is found out by what can be done again
            begin, self._waiting = self._waiting[:_BEGINNING], self._waiting[_BEGINNING:]
            self._together(begin)
        self.answer(self.put("COMMIT", ()))

    def leave(self) -> None:
        """End a transaction that changed nothing, and forget what was not sent. There is nothing to wait for: what the server
        says to it is heard by `settle`, before the next transaction."""
        self._waiting = []
        if self._pg.status == pq.ConnStatus.OK and self._pg.transaction_status == pq.TransactionStatus.INTRANS:
            self._pg.send_query(b"COMMIT")
            self._pg.flush()
            self._leaving = True

    def settle(self) -> None:
        """Hear of what was left. Whoever takes the connection of a session has this done first."""
        if self._leaving:
            self._leaving = False
            with suppress(psycopg.OperationalError):  # it is lost, as the first statement will find
                self._flush()
                while self._next() is not None:
                    pass

    def rollback(self) -> None:
        """Undo what was sent, and forget what was not."""
        self._waiting = []
        if self._pg.status == pq.ConnStatus.OK and self._pg.transaction_status != pq.TransactionStatus.IDLE:
            self._pg.exec_(b"ROLLBACK")

    def rows(self, result: PGresult) -> list[Row]:
        """The rows of an answer."""
        if not result.ntuples:
            return []
        self._loading.set_pgresult(result)
        return cast(list[Row], self._loading.load_rows(0, result.ntuples, tuple))

    def _alone(self, text: str, bound: Sequence[Bound]) -> PGresult:
        key, values, formats = _split(text, bound)
        name = self._names.get(key)
        if name is None:
            name = self._new_name()
            prepared = self._pg.prepare(name, text.encode(), key[1])
            self._check(prepared)
            self._names[key] = name
        result = self._pg.exec_prepared(name, values, formats, _BINARY)  # type: ignore[arg-type]  # it takes None, for NULL
        self._check(result)
        self._heard = True
        return result

    def _together(self, statements: Sequence["Waiting"]) -> None:
        """Run statements in one round trip."""
        fresh: dict[_Known, bytes] = {}
        asked: list[Waiting | None] = []
        try:
            self._pg.enter_pipeline_mode()
            for statement in statements:
                key, values, formats = _split(statement.text, statement.bound)
                name = self._names.get(key) or fresh.get(key)
                if name is None:
                    name = fresh[key] = self._new_name()
                    self._pg.send_prepare(name, statement.text.encode(), key[1])
                    asked.append(None)
                self._pg.send_query_prepared(name, values, formats, _BINARY)
                asked.append(statement)
            self._pg.pipeline_sync()
            self._flush()
            results = list(self._results())
            self._pg.exit_pipeline_mode()
        except BaseException:  # half of it may be under way, so that nobody may use the connection again
            self._pg.finish()
            raise
        for asked_one, result in zip(asked, results, strict=True):
            self._check(result)
            if asked_one is not None:
                asked_one.result = result
        self._names |= fresh
        self._heard = True

    def _results(self) -> Iterator[PGresult]:
        """The answers to what was sent together, in order."""
        while (result := self._next()) is None or result.status != pq.ExecStatus.PIPELINE_SYNC:
            if self._pg.status != pq.ConnStatus.OK:
                raise psycopg.OperationalError(_LOST)
            if result is not None:
                yield result

    def _flush(self) -> None:
        while self._pg.flush():
            _await_either(self._pg.socket)
            self._pg.consume_input()

    def _next(self) -> PGresult | None:
        while self._pg.is_busy():
            self._poll.poll()
            self._pg.consume_input()
        return self._pg.get_result()

    def _check(self, result: PGresult) -> None:
        if result.status in _FAILED:
            if self._pg.status != pq.ConnStatus.OK:
                raise psycopg.OperationalError(_LOST)
            raise error_from_result(result)

    def _new_name(self) -> bytes:
        self._made += 1
        return b"moat%d" % self._made


def _await_either(socket: int) -> None:
    """Wait until there is something to read or room to write."""
    waiting = select.poll()
    waiting.register(socket, select.POLLIN | select.POLLOUT)
    waiting.poll()


def _split(text: str, bound: Sequence[Bound]) -> tuple[_Known, list[bytes | None], list[int]]:
    """What a prepared statement is known by, and the values and formats of its parameters."""
    return (text, tuple([one.type for one in bound])), [one.octets for one in bound], [one.binary for one in bound]
