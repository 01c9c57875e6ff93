"""Checking the stored log against itself and against the acts: what a deployment can prove of its own database.

    1. each entry   its bytes are canonical, its leaf is their hash, its columns say what its bytes say
    2. each act     has all of its entries, one of each part, and each entry has its act

The acts are written by the same transactions as the entries, so that an entry taken away leaves its act behind, and one put in
has none. Somebody with the database's own rights can still take away both, or rewrite everything: that the log as a whole is
complete is proved by its tree and by checkpoints that have left the house, not here.
"""

import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import orjson

from audit.merkle import leaf_hash
from audit.store import VERIFY_ACTS, VERIFY_ENTRIES
from database.engine import Database
from database.transaction import Row, Transaction

AT_ONCE = 5_000


@dataclass(frozen=True, slots=True)
class Divergence:
    """Something that does not fit: `where` names the entry or act, `why` is a fixed sentence."""

    where: str
    why: str


@dataclass(frozen=True, slots=True)
class Verdict:
    """How much was checked and what was found, in the order it was found."""

    entries: int
    acts: int
    divergences: tuple[Divergence, ...]


def verify(database: Database, *, divergences_at_most: int = 100) -> Verdict:
    """Check every entry and every act on one snapshot, in constant memory."""

    def work(tx: Transaction) -> Verdict:
        found: list[Divergence] = []
        entries = acts = 0
        for row in _entries(tx):
            entries += 1
            found += _of_entry(row)
        for row in _acts(tx):
            acts += 1
            found += _of_act(row)
            if len(found) >= divergences_at_most:
                break
        return Verdict(entries, acts, tuple(found[:divergences_at_most]))

    return database.read(None, work)


def _entries(tx: Transaction) -> Iterator[Row]:
    after = 0
    while rows := tx.all(VERIFY_ENTRIES, after=after, limit=AT_ONCE):
        yield from rows
        after = rows[-1][0]


def _acts(tx: Transaction) -> Iterator[Row]:
    tenant, after = -1, b""
    while rows := tx.all(VERIFY_ACTS, tenant=tenant, after=after, limit=AT_ONCE):
        yield from rows
        tenant, after = rows[-1][0], rows[-1][1]


def _of_entry(row: Row) -> Iterator[Divergence]:
    number, tenant, act, part, body, leaf, parts, action = row
    where = f"entry {number}"
    if leaf_hash(body) != leaf:
        yield Divergence(where, "its leaf is not the hash of its bytes")
        return
    fields = _fields(body)
    if fields is None or orjson.dumps(fields, option=orjson.OPT_SORT_KEYS) != body:
        yield Divergence(where, "its bytes are not canonical")
    elif (fields.get("tenant"), fields.get("act"), fields.get("part")) != (tenant, str(uuid.UUID(bytes=act)), part):
        yield Divergence(where, "its columns do not say what its bytes say")
    elif parts is None:
        yield Divergence(where, "its act is missing")
    elif (fields.get("parts"), fields.get("action")) != (parts, action):
        yield Divergence(where, "its act says something else")


def _of_act(row: Row) -> Iterator[Divergence]:
    _, act, action, parts, present, total = row
    if present != parts or total != parts * (parts + 1) // 2:
        yield Divergence(f"act {uuid.UUID(bytes=act)} ({action})", f"has {present} of its {parts} entries")


def _fields(body: bytes) -> dict[str, Any] | None:
    try:
        fields = orjson.loads(body)
    except orjson.JSONDecodeError:
        return None
    return fields if isinstance(fields, dict) else None
