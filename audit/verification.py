"""Checking the stored log against itself and against the acts: what a deployment can prove of its own database.

    1. each entry   its bytes are canonical, its leaf is their hash, its columns say what its bytes say
    2. each act     has all of its entries, one of each part, and each entry has its act
    3. each log     indexes without a gap, each with its entry, and the root of the checkpoint that was stored last

The acts are written by the same transactions as the entries, so that an entry taken away leaves its act behind, and one put in
has none. Somebody with the database's own rights can still take away both, or rewrite everything: that the log as a whole is
complete is proved by its tree and by checkpoints that have left the house, not here.
"""

import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import orjson

from audit.checkpoint import Checkpoint, Note
from audit.errors import MalformedError
from audit.merkle import leaf_hash
from audit.store import LATEST_CHECKPOINT, NUMBERED, ORIGINS, VERIFY_ACTS, VERIFY_ENTRIES
from audit.tree import GrowingTree
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
            if len(found) >= divergences_at_most:
                break
        for row in _acts(tx):
            acts += 1
            found += _of_act(row)
            if len(found) >= divergences_at_most:
                break
        for log, origin in tx.all(ORIGINS):
            found += _of_log(tx, log, origin)
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


def _of_log(tx: Transaction, log: int, origin: str) -> Iterator[Divergence]:
    """The first thing that does not fit in a log's numbering, and its root."""
    row = tx.one(LATEST_CHECKPOINT, log=log)
    if row is None:
        return
    try:
        checkpoint = Checkpoint.parse(Note.parse(bytes(row[1])).text)
    except MalformedError:
        checkpoint = None
    if checkpoint is None or (checkpoint.origin, checkpoint.size) != (origin, row[0]):
        yield Divergence(f"log {log}", "its stored checkpoint is none of this log")
        return
    tree = GrowingTree()
    while tree.size < checkpoint.size:
        rows = tx.all(NUMBERED, log=log, first=tree.size, limit=min(AT_ONCE, checkpoint.size - tree.size))
        for index, (numbered, body) in enumerate(rows, tree.size):
            if numbered != index or body is None:
                yield Divergence(f"log {log}, index {index}", "has no entry")
                return
        if not rows:
            yield Divergence(f"log {log}, index {tree.size}", "has no entry")
            return
        for _ in tree.append([leaf_hash(bytes(body)) for _, body in rows]):
            pass
    if tree.root() != checkpoint.root:
        yield Divergence(
            f"log {log}", f"the first {checkpoint.size} entries do not have the root that was signed for them"
        )


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
