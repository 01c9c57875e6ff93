"""Single statements in the system's scope of PostgreSQL, without a transaction around them.

Every request looks up its credential. What is asked while an answer is under way travels with the next question, and what is
asked alike is asked once. An answer is of a moment after all who get it had come.
"""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import psycopg
from sqlalchemy import URL

from database.gathering import Gathering
from database.pool import pool, session_of, to_look
from database.session import Row
from database.statement import Statement
from database.transaction import Observer
from database.wire import Bound

CONNECTIONS = 2
_ALL = 0


class Look(NamedTuple):
    """A statement and its values as they travel."""

    text: str
    bound: tuple[Bound, ...]


class Looks:
    """Looks of one process."""

    def __init__(self, address: URL, observe: Observer | None) -> None:
        self._observe = observe
        self._pool = pool(address, CONNECTIONS, to_look)
        self._gathering: Gathering[Look, Row | None] = Gathering(self._together)

    def first(self, statement: Statement, parameters: Mapping[str, Any]) -> Row | None:
        """The first row of an answer. A connection that has died meanwhile costs another try.

        Raises:
            psycopg.Error: the statement failed.
        """
        text, bound = statement.for_postgresql(parameters, ())
        if self._observe is not None:
            self._observe(text, None)
        return self._gathering.ask(_ALL, Look(text, tuple(bound)))

    def dispose(self) -> None:
        """Close every connection."""
        self._pool.dispose()

    def _together(self, _scope: int, looks: Sequence[Look]) -> Sequence[Row | None]:
        try:
            found = self._found(list(dict.fromkeys(looks)))
        except psycopg.OperationalError:
            self._pool.dispose()  # the server restarted, so the connections that wait in the pool are dead as well
            found = self._found(list(dict.fromkeys(looks)))
        return [found[look] for look in looks]

    def _found(self, looks: Sequence[Look]) -> dict[Look, Row | None]:
        with session_of(self._pool) as session:
            try:
                waiting = [session.put(look.text, look.bound) for look in looks[:-1]]
                last = session.ask(looks[-1].text, looks[-1].bound)
                rows = [session.rows(result) for result in (*map(session.answer, waiting), last)]
            except BaseException:
                session.rollback()
                raise
        return {look: found[0] if found else None for look, found in zip(looks, rows, strict=True)}
