"""What the order service keeps: orders in SQLite, with customers' ids of the platform, tokens instead of phones and addresses,
and what customers wrote for the courier. Of an order whose customer is erased, what was sold and for how much stays, of nobody.
"""

import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

PURPOSE = "delivery"
ORDER, NOTE = "order", "delivery_note"
UNDER_WAY = "order_under_way"

_SCHEMA = """
    CREATE TABLE IF NOT EXISTS orders (
        id TEXT PRIMARY KEY, customer TEXT, item TEXT NOT NULL, cents INTEGER NOT NULL, phone_token TEXT, address_token TEXT,
        note TEXT, placed_at INTEGER NOT NULL, completed_at INTEGER);
    CREATE INDEX IF NOT EXISTS orders_customer ON orders (customer);
    CREATE TABLE IF NOT EXISTS restricted (customer TEXT PRIMARY KEY);
    CREATE TABLE IF NOT EXISTS requests (
        id TEXT PRIMARY KEY, type TEXT NOT NULL, digest TEXT NOT NULL, customer TEXT, wanted TEXT NOT NULL, state TEXT NOT NULL,
        count INTEGER NOT NULL DEFAULT 0, received_at INTEGER NOT NULL);
"""

_FORGET = "UPDATE orders SET customer = NULL, phone_token = NULL, address_token = NULL, note = NULL WHERE id = ?"

Use = tuple[str, str, str]
"""Category, purpose and ref of what is held."""


@dataclass(frozen=True, slots=True)
class Order:
    """Times are seconds since the Unix epoch; an order that is not completed is under way."""

    id: str
    customer: str | None
    item: str
    cents: int
    phone_token: str | None
    address_token: str | None
    note: str | None
    placed_at: int
    completed_at: int | None

    @property
    def ref(self) -> str:
        """What Moat calls it."""
        return f"order:{self.id}"


class OrderBook:
    """The orders. One connection, one call at a time: it is a small shop."""

    def __init__(self, path: Path) -> None:
        self._lock = threading.RLock()
        self._connection = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
        self._connection.executescript(_SCHEMA)
        self._connection.execute("PRAGMA secure_delete = ON")

    @contextmanager
    def transaction(self) -> Iterator[sqlite3.Connection]:
        """All of it or nothing."""
        with self._lock:
            self._connection.execute("BEGIN IMMEDIATE")
            try:
                yield self._connection
            except BaseException:
                self._connection.execute("ROLLBACK")
                raise
            self._connection.execute("COMMIT")

    def rows(self, text: str, *values: object) -> list[tuple[Any, ...]]:
        """The rows of a query."""
        with self._lock:
            return self._connection.execute(text, values).fetchall()

    def place(self, order: Order) -> None:
        """Keep a new order; one that is there already stays as it is."""
        with self.transaction() as tx:
            tx.execute(
                "INSERT OR IGNORE INTO orders VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
                (
                    order.id,
                    order.customer,
                    order.item,
                    order.cents,
                    order.phone_token,
                    order.address_token,
                    order.note,
                    order.placed_at,
                    order.completed_at,
                ),
            )

    def complete(self, order: str, at: int) -> None:
        """The courier has handed it over."""
        with self.transaction() as tx:
            tx.execute("UPDATE orders SET completed_at = ? WHERE id = ? AND completed_at IS NULL", (at, order))

    def order(self, number: str) -> Order | None:
        """An order, whoever it is of."""
        rows = self.rows("SELECT * FROM orders WHERE id = ?", number)
        return Order(*rows[0]) if rows else None

    def orders_of(self, customer: str, *, after: int = 0, limit: int = -1) -> list[Order]:
        """A customer's orders in the order of their ids."""
        found = self.rows(
            "SELECT * FROM orders WHERE customer = ? ORDER BY id LIMIT ? OFFSET ?", customer, limit, after
        )
        return [Order(*row) for row in found]

    def is_restricted(self, customer: str | None) -> bool:
        """Whether the customer's data is stored and not used."""
        return bool(customer and self.rows("SELECT 1 FROM restricted WHERE customer = ?", customer))

    def restrict(self, customer: str, *, on: bool) -> int:
        """Use the customer's data no more, or again; how many orders that is about."""
        with self.transaction() as tx:
            if on:
                tx.execute("INSERT OR IGNORE INTO restricted VALUES (?)", (customer,))
            else:
                tx.execute("DELETE FROM restricted WHERE customer = ?", (customer,))
        return len(self.orders_of(customer))

    def correct_note(self, customer: str, note: str) -> int:
        """Put another note on the customer's orders under way; how many there are."""
        with self.transaction() as tx:
            return tx.execute(
                "UPDATE orders SET note = ? WHERE customer = ? AND completed_at IS NULL", (note, customer)
            ).rowcount

    def dispose(self, customer: str, keep: set[Use]) -> int:
        """Take notes, and the customer, out of every order that is not under way, but for what is to be kept; how many values
        that were."""
        gone = 0
        with self.transaction() as tx:
            for order in self.orders_of(customer):
                if order.completed_at is None:
                    continue
                if order.note is not None and (NOTE, PURPOSE, order.ref) not in keep:
                    gone += tx.execute("UPDATE orders SET note = NULL WHERE id = ?", (order.id,)).rowcount
                if (ORDER, PURPOSE, order.ref) not in keep:
                    gone += tx.execute(_FORGET, (order.id,)).rowcount
            if not self.orders_of(customer):
                tx.execute("DELETE FROM restricted WHERE customer = ?", (customer,))
                tx.execute("UPDATE requests SET customer = NULL WHERE customer = ? AND type <> 'erasure'", (customer,))
        return gone
