"""The floor of a binding: what cannot be left out of it, written straight down over the raw drivers, in the product's own tables.

Two people found by keyed fingerprints; their keys unwrapped and their numbers opened; the fingerprints of the numbers; both
parties locked; the order's binding looked for; what either holds read, and the first number taken that neither has, by a
condition on its own row; a binding, two routes, an act and its entry with a leaf hash inserted; all in one commit that is
durable.

No HTTP, no policy, no tenants, no catalogue, no areas, no caches.
"""

import hashlib
import hmac
import os
import sqlite3
import uuid
from abc import ABC, abstractmethod
from collections.abc import Sequence
from pathlib import Path
from struct import pack
from typing import Any

import orjson
import psycopg
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from sqlalchemy.engine import make_url

from database.engine import BUSY_TIMEOUT_MS
from migrations.schema import migrate

Row = tuple[Any, ...]

_AT = 1_790_000_000_000
_SETUP = (
    "INSERT INTO keyring_root (provider, root, proof, state, created_at) VALUES ('floor', 'floor', '', 'active', 0)",
    "INSERT INTO kek (tenant, version, root, wrapped, state, created_at) VALUES (1, 1, 1, '', 'active', 0)",
    """INSERT INTO relay_pool (tenant, name, modes, matching, sticky, cool, open_cool, capacity, digits, lasts, lasts_at_most,
    epoch, created_at) VALUES (1, 'floor', 'axb', 'prefer', 'none', 0, 0, 5000, 0, 1, 1, 1, 0)""",
)
_INSERTS = {
    "subject": "tenant, id, fingerprint, state, sealed_identity, created_at",
    "dek": "tenant, subject, version, kek, wrapped",
    "record": "tenant, id, subject, kind, format, fingerprint, sealed, token_version, created_at",
    "relay_party": "tenant, id, fingerprint, subject, record, created_at",
    "relay_number": "tenant, pool, kind, value, area, province, carrier, voice, texts, state, since, not_before, load",
    "relay_binding": "tenant, id, pool, mode, order_ref, a, b, x, direction, texts, record, max_seconds, version, created_at, "
    "expires_at",
    "relay_route": "tenant, number, caller, binding, party, side, target, shown",
    "audit_act": "tenant, id, request, action, at, parts",
    "audit_entry": "tenant, act, part, body, leaf",
}
_PEOPLE = """
    SELECT s.id, r.id, r.sealed, d.wrapped FROM subject s JOIN dek d ON d.tenant = s.tenant AND d.subject = s.id
    JOIN record r ON r.tenant = s.tenant AND r.subject = s.id WHERE s.tenant = 1 AND s.fingerprint IN (?, ?) ORDER BY s.id"""
_PARTIES = "SELECT id, fingerprint FROM relay_party WHERE tenant = 1 AND fingerprint IN (?, ?) ORDER BY id"
_AGAIN = "SELECT id FROM relay_binding WHERE tenant = 1 AND order_ref = ?"
_HELD = "SELECT number FROM relay_route WHERE tenant = 1 AND caller IN (?, ?)"
_LOAD = "UPDATE relay_number SET load = load + 1 WHERE tenant = 1 AND id = ? AND state = 'available' AND load < 5000"


class RelayFloor(ABC):
    """The steps; the two databases differ in how statements are written."""

    def __init__(self, people: int, numbers: int) -> None:
        self._kek = AESGCM(os.urandom(32))
        self._names, self._phones = os.urandom(32), os.urandom(32)
        self._last = 0
        for text in _SETUP:
            self._run(text, ())
        for number in range(1, people + 1):
            dek, nonces, place = os.urandom(32), os.urandom(24), pack(">QQ", 1, number)
            phone = f"+86138{number:08}".encode()
            wrapped = nonces[:12] + self._kek.encrypt(nonces[:12], dek, place)
            sealed = nonces[12:] + AESGCM(dek).encrypt(nonces[12:], phone, place)
            self._insert("subject", [(1, number, _mac(self._names, b"%d" % number), "active", b"", _AT)])
            self._insert("dek", [(1, number, 1, 1, wrapped)])
            self._insert("record", [(1, number, number, 1, 0, b"%d" % number, sealed, 1, _AT)])
            self._insert("relay_party", [(1, number, _mac(self._phones, phone), number, number, _AT)])
        stock = [(1, 1, "e164", f"+86170{n:08}", "", "", "", True, True, "available", 0, 0, 0) for n in range(numbers)]
        self._insert("relay_number", stock)
        self._numbers = range(1, numbers + 1)
        self._commit()

    def bind(self, a: int, b: int, order: str) -> int:
        """Bind two people for an order; durable when this returns."""
        prints = []
        names = _mac(self._names, b"%d" % a), _mac(self._names, b"%d" % b)
        for number, _, sealed, wrapped in self._rows(_PEOPLE, names):
            place = pack(">QQ", 1, number)
            dek = self._kek.decrypt(bytes(wrapped[:12]), bytes(wrapped[12:]), place)
            prints.append(_mac(self._phones, AESGCM(dek).decrypt(bytes(sealed[:12]), bytes(sealed[12:]), place)))
        (first, one), (second, other) = ((row[0], bytes(row[1])) for row in self._rows(_PARTIES, prints, lock=True))
        reference = _mac(self._names, order.encode()).hex()
        if self._rows(_AGAIN, (reference,)):
            return 0
        callers = b"\x01" + one, b"\x01" + other
        held = {row[0] for row in self._rows(_HELD, callers)}
        x = next(number for number in self._numbers if number not in held and self._run(_LOAD, (number,)) == 1)
        self._last += 1
        binding = (1, self._last, 1, "axb", reference, first, second, x, "both", True, False, 3600, 1, _AT, _AT + 1)
        self._insert("relay_binding", [binding])
        routes = [
            (1, x, callers[0], self._last, first, "a", second, x),
            (1, x, callers[1], self._last, second, "b", first, x),
        ]
        self._insert("relay_route", routes)
        act = uuid.uuid4()
        body = orjson.dumps(
            {"act": str(act), "action": "relay.bind", "at": _AT, "rows": [self._last], "ref": reference}
        )
        self._insert("audit_act", [(1, act.bytes, str(act), "relay.bind", _AT, 1)])
        self._insert("audit_entry", [(1, act.bytes, 1, body, hashlib.sha256(b"\x00" + body).digest())])
        self._commit()
        return x

    @abstractmethod
    def close(self) -> None:
        """Close the connection."""

    @abstractmethod
    def _rows(self, text: str, values: Sequence[Any], *, lock: bool = False) -> list[Row]: ...

    @abstractmethod
    def _run(self, text: str, values: Sequence[Any]) -> int: ...

    @abstractmethod
    def _insert(self, table: str, rows: Sequence[Row]) -> None: ...

    @abstractmethod
    def _commit(self) -> None: ...


class SqliteRelayFloor(RelayFloor):
    """Over sqlite3, with the product's pragmas."""

    def __init__(self, path: Path, people: int, numbers: int) -> None:
        migrate(make_url(f"sqlite:///{path}"))
        self._connection = sqlite3.connect(path)
        for pragma in (
            "journal_mode = WAL",
            "synchronous = FULL",
            f"busy_timeout = {BUSY_TIMEOUT_MS}",
            "foreign_keys = ON",
        ):
            self._connection.execute(f"PRAGMA {pragma}")
        super().__init__(people, numbers)

    def close(self) -> None:
        self._connection.close()

    def _rows(self, text: str, values: Sequence[Any], *, lock: bool = False) -> list[Row]:
        if lock and not self._connection.in_transaction:
            self._connection.execute("BEGIN IMMEDIATE")
        return self._connection.execute(text, values).fetchall()

    def _run(self, text: str, values: Sequence[Any]) -> int:
        return self._connection.execute(text, values).rowcount

    def _insert(self, table: str, rows: Sequence[Row]) -> None:
        marks = ", ".join("?" * len(rows[0]))
        self._connection.executemany(f"INSERT INTO {table} ({_INSERTS[table]}) VALUES ({marks})", rows)

    def _commit(self) -> None:
        self._connection.commit()


class PostgresRelayFloor(RelayFloor):
    """Over psycopg, with prepared statements."""

    def __init__(self, url: str, people: int, numbers: int) -> None:
        migrate(make_url(url))
        self._connection = psycopg.connect(url.replace("postgresql+psycopg", "postgresql"), prepare_threshold=0)
        self._connection.execute("SET moat.tenant = '-1'")
        super().__init__(people, numbers)

    def close(self) -> None:
        self._connection.close()

    def _rows(self, text: str, values: Sequence[Any], *, lock: bool = False) -> list[Row]:
        locked = " FOR UPDATE" if lock else ""
        return self._connection.execute(
            text.replace("?", "%b").encode() + locked.encode(), values, binary=True
        ).fetchall()

    def _run(self, text: str, values: Sequence[Any]) -> int:
        return self._connection.execute(text.replace("?", "%b").encode(), values).rowcount

    def _insert(self, table: str, rows: Sequence[Row]) -> None:
        marks = ", ".join(["(" + ", ".join(["%b"] * len(rows[0])) + ")"] * len(rows))
        values = [value for row in rows for value in row]
        self._connection.execute(f"INSERT INTO {table} ({_INSERTS[table]}) VALUES {marks}".encode(), values)

    def _commit(self) -> None:
        self._connection.commit()


def _mac(key: bytes, message: bytes) -> bytes:
    return hmac.digest(key, message, "sha256")[:16]
