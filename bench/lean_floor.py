"""A floor that keeps less than the contract needs, for comparison: no JSON in, nothing by which a person is found again.

It shows how much of the distance to bare SQLite belongs to what the service has to keep, and how much to the service.
"""

import hashlib
import os
import sqlite3
import tempfile
import time
from pathlib import Path
from struct import pack

import orjson
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

ITEMS = 1_000


class LeanFloor:
    """A wrapped key and a sealed value with one unique index, a thousand at a time, on a SQLite file of its own."""

    def __init__(self) -> None:
        self._directory = tempfile.TemporaryDirectory(prefix="moat-bench-")
        self._database = sqlite3.connect(Path(self._directory.name, "lean.db"), isolation_level=None)
        self._database.executescript("""
            PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA cache_size = -65536;
            CREATE TABLE subject (id INTEGER PRIMARY KEY, wrapped BLOB);
            CREATE TABLE record (id INTEGER PRIMARY KEY, subject INTEGER, kind INTEGER, sealed BLOB, fingerprint BLOB);
            CREATE UNIQUE INDEX record_fingerprint ON record (kind, fingerprint);
            CREATE TABLE audit (id INTEGER PRIMARY KEY, body BLOB, leaf BLOB);
        """)
        self._kek, self._key = AESGCM(os.urandom(32)), os.urandom(32)
        self._tokens = Cipher(algorithms.AES(os.urandom(32)), modes.ECB())
        self._last = 0

    def tokenize(self, batches: int) -> float:
        """Store so many batches; values a second."""
        started = time.perf_counter()
        for _ in range(batches):
            self._batch()
        return ITEMS * batches / (time.perf_counter() - started)

    def close(self) -> None:
        self._database.close()
        self._directory.cleanup()

    def _batch(self) -> bytes:
        numbers = range(self._last + 1, self._last + 1 + ITEMS)
        self._last += ITEMS
        drawn, people, records = os.urandom(56 * ITEMS), [], []
        for at, number in zip(range(0, len(drawn), 56), numbers, strict=True):
            dek, wrapping, sealing = drawn[at : at + 32], drawn[at + 32 : at + 44], drawn[at + 44 : at + 56]
            place, value = number.to_bytes(8, "big"), b"1%010d" % number
            people.append((number, wrapping + self._kek.encrypt(wrapping, dek, place)))
            fingerprint = hashlib.blake2b(value, key=self._key, digest_size=16).digest()
            records.append((number, number, 1, sealing + AESGCM(dek).encrypt(sealing, value, place), fingerprint))
        body = orjson.dumps({"operation": "tokenize", "count": ITEMS, "rows": list(numbers)})
        self._database.execute("BEGIN IMMEDIATE")
        self._database.executemany("INSERT INTO subject VALUES (?, ?)", people)
        self._database.executemany("INSERT INTO record VALUES (?, ?, ?, ?, ?)", records)
        entry = body, hashlib.sha256(b"\x00" + body).digest()
        self._database.execute("INSERT INTO audit (body, leaf) VALUES (?, ?)", entry)
        self._database.execute("COMMIT")
        words = [word for number in numbers for word in (0, number)]
        text = self._tokens.encryptor().update(pack(f">{len(words)}Q", *words)).hex()
        return orjson.dumps([text[at : at + 32] for at in range(0, len(text), 32)])
