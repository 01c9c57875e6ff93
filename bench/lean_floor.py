"""A leaner floor, for comparison: what any vault with tokens cannot do without, promising less than this one.

The DEK lies beside the data, one fingerprint serves both to store a value once and to search for it (and so links people), no
pseudonyms, no purposes. What is left:

- of a person: a number, a keyed fingerprint of the platform's id under a unique index, so that the person is found again, and
  one wrapped blob that holds the DEK and the id
- of a value: a number, the value sealed under the DEK in its place, and a keyed fingerprint under one unique index that
  serves both to store a value once and to search for it
- of a call: one audit row with its leaf hash, in the same transaction, durable before the answer leaves
- JSON in, JSON out, and tokens made by one AES call for the whole batch

Everything is done by the fastest means known for it: keyed BLAKE2b, random octets drawn at once, one statement for each table.
"""

import hashlib
import os
import sqlite3
from abc import ABC, abstractmethod
from collections.abc import Sequence
from pathlib import Path
from struct import pack, unpack
from typing import Any

import orjson
import psycopg
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

Row = tuple[Any, ...]
_DRAWN = 32 + 12 + 12


class LeanFloor(ABC):
    """The steps; the two databases differ in how rows are written and found."""

    def __init__(self) -> None:
        self._kek = AESGCM(os.urandom(32))
        self._people, self._values = os.urandom(32), os.urandom(32)
        self._tokens = Cipher(algorithms.AES(os.urandom(32)), modes.ECB())
        self._last = 0

    def tokenize(self, body: bytes) -> bytes:
        """Store the values of new people and answer with their tokens; durable when this returns."""
        items = orjson.loads(body)["items"]
        drawn, first = os.urandom(_DRAWN * len(items)), self._last + 1
        self._last += len(items)
        people, records = [], []
        for number, item in enumerate(items, first):
            at = _DRAWN * (number - first)
            dek, wrapping, sealing = drawn[at : at + 32], drawn[at + 32 : at + 44], drawn[at + 44 : at + 56]
            subject, value, place = item["subject"].encode(), item["value"].encode(), number.to_bytes(8, "big")
            wrapped = wrapping + self._kek.encrypt(wrapping, dek + subject, place)
            people.append((number, _fingerprint(self._people, subject), wrapped))
            sealed = sealing + AESGCM(dek).encrypt(sealing, value, place)
            records.append((number, number, 1, _fingerprint(self._values, value), sealed))
        numbers = range(first, self._last + 1)
        self._store(people, records, _entry("tokenize", numbers))
        words = [word for number in numbers for word in (0, number)]
        text = self._tokens.encryptor().update(pack(f">{len(words)}Q", *words)).hex()
        return orjson.dumps({"items": [{"token": text[at : at + 32]} for at in range(0, len(text), 32)]})

    def detokenize(self, body: bytes) -> bytes:
        """Answer with the values of tokens; the entry is durable when this returns."""
        sealed = bytes.fromhex("".join([item["token"] for item in orjson.loads(body)["items"]]))
        numbers = unpack(f">{len(sealed) // 8}Q", self._tokens.decryptor().update(sealed))[1::2]
        answers: dict[int, dict[str, str]] = {}
        for number, subject, ciphertext, wrapped in self._find(numbers, _entry("detokenize", numbers)):
            opened = self._kek.decrypt(wrapped[:12], wrapped[12:], subject.to_bytes(8, "big"))
            value = AESGCM(opened[:32]).decrypt(ciphertext[:12], ciphertext[12:], number.to_bytes(8, "big"))
            answers[number] = {"subject": opened[32:].decode(), "value": value.decode()}
        return orjson.dumps({"items": [answers[number] for number in numbers]})

    @abstractmethod
    def close(self) -> None:
        """Close the connection."""

    @abstractmethod
    def _store(self, people: Sequence[Row], records: Sequence[Row], entry: Row) -> None: ...

    @abstractmethod
    def _find(self, numbers: Sequence[int], entry: Row) -> Sequence[Row]: ...


class LeanSqliteFloor(LeanFloor):
    """On SQLite in WAL mode with every commit synchronised, and the product's page cache."""

    def __init__(self, path: Path) -> None:
        super().__init__()
        self._database = sqlite3.connect(path, isolation_level=None)
        self._database.executescript("""
            PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA cache_size = -65536;
            CREATE TABLE subject (id INTEGER PRIMARY KEY, fingerprint BLOB UNIQUE, wrapped BLOB);
            CREATE TABLE record (
                id INTEGER PRIMARY KEY, subject INTEGER, kind INTEGER, fingerprint BLOB, sealed BLOB,
                UNIQUE (kind, fingerprint, subject)
            );
            CREATE TABLE audit (id INTEGER PRIMARY KEY, body BLOB, leaf BLOB);
        """)

    def close(self) -> None:
        self._database.close()

    def _store(self, people: Sequence[Row], records: Sequence[Row], entry: Row) -> None:
        run = self._database
        run.execute("BEGIN IMMEDIATE")
        run.executemany("INSERT INTO subject VALUES (?, ?, ?)", people)
        run.executemany("INSERT INTO record VALUES (?, ?, ?, ?, ?)", records)
        run.execute("INSERT INTO audit (body, leaf) VALUES (?, ?)", entry)
        run.execute("COMMIT")

    def _find(self, numbers: Sequence[int], entry: Row) -> Sequence[Row]:
        marks = ",".join("?" * len(numbers))
        self._database.execute("BEGIN IMMEDIATE")
        rows = self._database.execute(
            "SELECT r.id, r.subject, r.sealed, s.wrapped FROM record r JOIN subject s ON s.id = r.subject "
            f"WHERE r.id IN ({marks})",
            numbers,
        ).fetchall()
        self._database.execute("INSERT INTO audit (body, leaf) VALUES (?, ?)", entry)
        self._database.execute("COMMIT")
        return rows


class LeanPostgresFloor(LeanFloor):
    """On PostgreSQL as it commits by default; rows are copied in, in binary."""

    def __init__(self, url: str) -> None:
        super().__init__()
        self._database = psycopg.connect(url)
        self._database.execute("CREATE TABLE subject (id BIGINT PRIMARY KEY, fingerprint BYTEA UNIQUE, wrapped BYTEA)")
        self._database.execute("""
            CREATE TABLE record (
                id BIGINT PRIMARY KEY, subject BIGINT, kind INT, fingerprint BYTEA, sealed BYTEA,
                UNIQUE (kind, fingerprint, subject)
            )
        """)
        self._database.execute(
            "CREATE TABLE audit (id BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY, body BYTEA, leaf BYTEA)"
        )
        self._database.commit()
        self._cursor = self._database.cursor(binary=True)

    def close(self) -> None:
        self._database.close()

    def _store(self, people: Sequence[Row], records: Sequence[Row], entry: Row) -> None:
        self._copy(b"COPY subject FROM STDIN (FORMAT BINARY)", ["int8", "bytea", "bytea"], people)
        self._copy(b"COPY record FROM STDIN (FORMAT BINARY)", ["int8", "int8", "int4", "bytea", "bytea"], records)
        self._cursor.execute("INSERT INTO audit (body, leaf) VALUES (%b, %b)", entry)
        self._database.commit()

    def _copy(self, statement: bytes, types: Sequence[str], rows: Sequence[Row]) -> None:
        with self._cursor.copy(statement) as copy:
            copy.set_types(types)
            for row in rows:
                copy.write_row(row)

    def _find(self, numbers: Sequence[int], entry: Row) -> Sequence[Row]:
        rows = self._cursor.execute(
            "SELECT r.id, r.subject, r.sealed, s.wrapped FROM record r JOIN subject s ON s.id = r.subject "
            "WHERE r.id = ANY(%b::bigint[])",
            [list(numbers)],
        ).fetchall()
        self._cursor.execute("INSERT INTO audit (body, leaf) VALUES (%b, %b)", entry)
        self._database.commit()
        return rows


def _fingerprint(key: bytes, text: bytes) -> bytes:
    return hashlib.blake2b(text, key=key, digest_size=16).digest()


def _entry(operation: str, numbers: Sequence[int]) -> Row:
    body = orjson.dumps({"operation": operation, "count": len(numbers), "rows": list(numbers)})
    return body, hashlib.sha256(b"\x00" + body).digest()
