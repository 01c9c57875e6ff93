"""The floor: the irreducible steps of what the design promises, written straight down over the raw drivers.

No framework, no HTTP, no policy, no normal forms, no caches, no tenants. What is left is what the contract cannot be kept
without, in the product's own tables with their keys and indexes:

- of a person: the keyed fingerprint of the platform's id; a DEK wrapped in the keyring, apart from the data; under it the
  subject secret and the platform's id
- of a value: sealed under the DEK in its place; the uniqueness fingerprint under the subject's secret, so that nothing links
  people; the search fingerprint under the key of its kind; the purpose and order that it is kept for
- of a call: an act, and an entry of 500 people each with their pseudonyms, row numbers and leaf hash
- all of a batch in one commit that is durable before the answer leaves; JSON in and out; tokens by one AES call

Everything is done by the fastest means known for it: random octets drawn at once, one statement for each table.
"""

import hashlib
import hmac
import os
import sqlite3
import uuid
from abc import ABC, abstractmethod
from binascii import b2a_base64
from collections.abc import Sequence
from pathlib import Path
from struct import pack, unpack
from typing import Any

import orjson
import psycopg
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from sqlalchemy.engine import make_url

from database.engine import BUSY_TIMEOUT_MS, CACHE_KIB
from migrations.schema import migrate

Row = tuple[Any, ...]

_DRAWN = 32 + 32 + 3 * 12
_AT = 1_790_000_000_000
_PEOPLE_PER_ENTRY = 500
_ROOT = "INSERT INTO keyring_root (provider, root, proof, state, created_at) VALUES ('floor', 'floor', '', 'active', 0)"
_KEK = "INSERT INTO kek (tenant, version, root, wrapped, state, created_at) VALUES (1, 1, 1, '', 'active', 0)"
_NEXT_KEK = (
    "INSERT INTO kek (tenant, version, root, wrapped, state, created_at) VALUES (1, {}, 1, '', 'decrypt-only', 0)"
)
_DEKS = "SELECT subject, wrapped FROM dek WHERE tenant = 1 AND subject > {} ORDER BY subject LIMIT 1000"
_TABLES = {
    "subject": ("id", "tenant", "fingerprint", "state", "sealed_identity", "created_at"),
    "dek": ("tenant", "subject", "version", "kek", "wrapped"),
    "record": ("id", "tenant", "subject", "kind", "format", "fingerprint", "sealed", "token_version", "created_at"),
    "record_use": ("tenant", "record", "purpose", "ref", "since"),
    "search_index": ("tenant", "kind", "epoch", "fingerprint", "record"),
    "audit_act": ("tenant", "id", "request", "action", "at", "parts"),
    "audit_entry": ("tenant", "act", "part", "body", "leaf"),
}
_TYPES = {"id": "int8", "tenant": "int8", "subject": "int8", "kek": "int8", "record": "int8", "since": "int8",
          "created_at": "int8", "at": "int8", "version": "int4", "kind": "int4", "format": "int4", "token_version": "int4",
          "epoch": "int4", "parts": "int4", "part": "int4", "state": "text", "purpose": "text", "ref": "text",
          "request": "text", "action": "text"}  # fmt: skip
_FOUND = """
    SELECT r.id, r.subject, r.sealed, s.sealed_identity, d.wrapped FROM record r
    JOIN subject s ON s.tenant = r.tenant AND s.id = r.subject JOIN dek d ON d.tenant = s.tenant AND d.subject = s.id
    WHERE r.tenant = 1 AND r.id"""


class Floor(ABC):
    """The steps; the two databases differ in how rows are written and found."""

    def __init__(self) -> None:
        self._kek = AESGCM(os.urandom(32))
        self._people, self._values = os.urandom(32), os.urandom(32)
        self._tokens = Cipher(algorithms.AES(os.urandom(32)), modes.ECB())
        self._last = 0
        self._version = 1

    def tokenize(self, body: bytes) -> bytes:
        """Store the values of new people and answer with their tokens; durable when this returns."""
        items = orjson.loads(body)["items"]
        drawn, first = os.urandom(_DRAWN * len(items)), self._last + 1
        self._last += len(items)
        rows: dict[str, list[Row]] = {name: [] for name in _TABLES}
        people: list[str] = []
        for number, item in enumerate(items, first):
            at = _DRAWN * (number - first)
            dek, secret, nonces = drawn[at : at + 32], drawn[at + 32 : at + 64], drawn[at + 64 : at + 100]
            wrapping, naming, sealing = nonces[:12], nonces[12:24], nonces[24:]
            subject, value, place = item["subject"].encode(), item["value"].encode(), pack(">QQQ", 1, number, number)
            key = AESGCM(dek)
            identity = naming + key.encrypt(naming, secret + subject, place)
            rows["subject"].append((number, 1, _mac(self._people, subject), "active", identity, _AT))
            rows["dek"].append((1, number, 1, 1, wrapping + self._kek.encrypt(wrapping, dek, place)))
            sealed = sealing + key.encrypt(sealing, value, place)
            rows["record"].append((number, 1, number, 1, 0, _mac(secret, value), sealed, 1, _AT))
            rows["record_use"].append((1, number, "delivery", "order:o-1", _AT))
            rows["search_index"].append((1, 1, 1, _mac(self._values, value), number))
            people.append(_pseudonym(secret))
        numbers = range(first, self._last + 1)
        rows["audit_act"], rows["audit_entry"] = _audit("tokenize", people, numbers)
        self._store(rows)
        words = [word for number in numbers for word in (0, number)]
        text = self._tokens.encryptor().update(pack(f">{len(words)}Q", *words)).hex()
        return orjson.dumps({"items": [{"token": text[at : at + 32]} for at in range(0, len(text), 32)]})

    def detokenize(self, body: bytes) -> bytes:
        """Answer with the values of tokens; the entry is durable when this returns."""
        sealed = bytes.fromhex("".join([item["token"] for item in orjson.loads(body)["items"]]))
        numbers = unpack(f">{len(sealed) // 8}Q", self._tokens.decryptor().update(sealed))[1::2]
        answers: dict[int, dict[str, str]] = {}
        people = []
        for number, subject, ciphertext, identity, wrapped in self._find(numbers):
            place = pack(">QQQ", 1, subject, number)
            key = AESGCM(self._kek.decrypt(wrapped[:12], wrapped[12:], place))
            named = key.decrypt(identity[:12], identity[12:], place)
            value = key.decrypt(ciphertext[:12], ciphertext[12:], place)
            people.append(_pseudonym(named[:32]))
            answers[number] = {"subject": named[32:].decode(), "value": value.decode()}
        acts, entries = _audit("detokenize", people, numbers)
        self._store({"audit_act": acts, "audit_entry": entries})
        return orjson.dumps({"items": [answers[number] for number in numbers]})

    def rotate(self) -> int:
        """Wrap every DEK by a new KEK, a thousand at a time, each batch durable before the next; tells how many they were."""
        before, self._kek = self._kek, AESGCM(os.urandom(32))
        self._version += 1
        self._store_kek(self._version)
        last, moved = 0, 0
        while rows := self._deks(last):
            drawn, again = os.urandom(12 * len(rows)), []
            for at, (number, wrapped) in enumerate(rows):
                place, nonce = pack(">QQQ", 1, number, number), drawn[12 * at : 12 * at + 12]
                dek = before.decrypt(wrapped[:12], wrapped[12:], place)
                again.append((nonce + self._kek.encrypt(nonce, dek, place), number))
            self._store_deks(again, self._version)
            last, moved = rows[-1][0], moved + len(rows)
        return moved

    @abstractmethod
    def close(self) -> None:
        """Close the connection."""

    @abstractmethod
    def _store(self, rows: dict[str, list[Row]]) -> None:
        """Insert into each table, and commit."""

    @abstractmethod
    def _find(self, numbers: Sequence[int]) -> Sequence[Row]:
        """The records with their people, in a transaction that `_store` ends."""

    @abstractmethod
    def _store_kek(self, version: int) -> None: ...

    @abstractmethod
    def _deks(self, after: int) -> Sequence[Row]:
        """The next thousand people and their wrapped DEKs."""

    @abstractmethod
    def _store_deks(self, wrapped: Sequence[Row], version: int) -> None:
        """Replace the DEKs of people, and commit."""


class SqliteFloor(Floor):
    """On SQLite in WAL mode with every commit synchronised, and the product's page cache."""

    def __init__(self, path: Path) -> None:
        super().__init__()
        migrate(make_url(f"sqlite:///{path}"))
        self._database = sqlite3.connect(path, isolation_level=None)
        for pragma in ("journal_mode = WAL", "synchronous = FULL", "foreign_keys = ON", f"cache_size = -{CACHE_KIB}",
                       f"busy_timeout = {BUSY_TIMEOUT_MS}"):  # fmt: skip
            self._database.execute(f"PRAGMA {pragma}")
        self._database.execute(_ROOT)
        self._database.execute(_KEK)

    def close(self) -> None:
        self._database.close()

    def _store(self, rows: dict[str, list[Row]]) -> None:
        if not self._database.in_transaction:
            self._database.execute("BEGIN IMMEDIATE")
        for table, inserted in rows.items():
            marks = ", ".join("?" * len(_TABLES[table]))
            self._database.executemany(f"INSERT INTO {table} ({', '.join(_TABLES[table])}) VALUES ({marks})", inserted)
        self._database.execute("COMMIT")

    def _find(self, numbers: Sequence[int]) -> Sequence[Row]:
        self._database.execute("BEGIN IMMEDIATE")
        return self._database.execute(f"{_FOUND} IN ({','.join('?' * len(numbers))})", numbers).fetchall()

    def _store_kek(self, version: int) -> None:
        self._database.execute(_NEXT_KEK.format("?"), (version,))

    def _deks(self, after: int) -> Sequence[Row]:
        return self._database.execute(_DEKS.format("?"), (after,)).fetchall()

    def _store_deks(self, wrapped: Sequence[Row], version: int) -> None:
        self._database.execute("BEGIN IMMEDIATE")
        moved = f"UPDATE dek SET kek = {version}, wrapped = ? WHERE tenant = 1 AND subject = ?"
        self._database.executemany(moved, wrapped)
        self._database.execute("COMMIT")


class PostgresFloor(Floor):
    """On PostgreSQL as it commits by default; rows are copied in, in binary, past row level security."""

    def __init__(self, url: str) -> None:
        super().__init__()
        migrate(make_url(url).set(drivername="postgresql+psycopg"))
        self._database = psycopg.connect(url)
        for table in _TABLES:
            self._database.execute(f"ALTER TABLE {table} NO FORCE ROW LEVEL SECURITY".encode())
        self._database.execute("ALTER TABLE kek NO FORCE ROW LEVEL SECURITY")
        self._database.execute(_ROOT)
        self._database.execute(_KEK)
        self._database.commit()
        self._cursor = self._database.cursor(binary=True)

    def close(self) -> None:
        self._database.close()

    def _store(self, rows: dict[str, list[Row]]) -> None:
        for table, inserted in rows.items():
            columns = _TABLES[table]
            with self._cursor.copy(f"COPY {table} ({', '.join(columns)}) FROM STDIN (FORMAT BINARY)".encode()) as copy:
                identifier = "bytea" if table == "audit_act" else "int8"
                copy.set_types([identifier if name == "id" else _TYPES.get(name, "bytea") for name in columns])
                for row in inserted:
                    copy.write_row(row)
        self._database.commit()

    def _find(self, numbers: Sequence[int]) -> Sequence[Row]:
        return self._cursor.execute(f"{_FOUND} = ANY(%b::bigint[])".encode(), [list(numbers)]).fetchall()

    def _store_kek(self, version: int) -> None:
        self._cursor.execute(_NEXT_KEK.format("%b").encode(), (version,))
        self._cursor.execute("ANALYZE dek")
        self._database.commit()

    def _deks(self, after: int) -> Sequence[Row]:
        return self._cursor.execute(_DEKS.format("%b").encode(), (after,)).fetchall()

    def _store_deks(self, wrapped: Sequence[Row], version: int) -> None:
        moved = f"""
            UPDATE dek SET kek = {version}, wrapped = q.wrapped FROM unnest(%b::bytea[], %b::bigint[]) AS q(wrapped, subject)
            WHERE dek.tenant = 1 AND dek.subject = q.subject
        """
        self._cursor.execute(moved.encode(), [list(column) for column in zip(*wrapped, strict=True)])
        self._database.commit()


def _mac(key: bytes, text: bytes) -> bytes:
    return hmac.digest(key, text, "sha256")[:16]


def _pseudonym(secret: bytes) -> str:
    return b2a_base64(_mac(secret, b"subject"), newline=False)[:22].decode()


def _audit(action: str, people: Sequence[str], numbers: Sequence[int]) -> tuple[list[Row], list[Row]]:
    act = uuid.uuid4()
    parts = range(0, len(people), _PEOPLE_PER_ENTRY)
    entries = []
    for part, start in enumerate(parts, 1):
        end = start + _PEOPLE_PER_ENTRY
        said = {"v": 1, "act": str(act), "action": action, "count": end - start, "part": part, "parts": len(parts),
                "rows": list(numbers[start:end]), "subjects": people[start:end]}  # fmt: skip
        body = orjson.dumps(said, option=orjson.OPT_SORT_KEYS)
        entries.append((1, act.bytes, part, body, hashlib.sha256(b"\x00" + body).digest()))
    return [(1, act.bytes, str(act), action, _AT, len(entries))], entries
