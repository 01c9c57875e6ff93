"""Giving committed entries their indexes: contiguous, each once, by one process at a time.

    lease      whoever numbers holds the one row of audit_head. Its fence moves with every change of hands, and each
               transaction here begins by matching it, so that a holder that slept past its lease changes nothing.
    gather     every committed entry without an index, in the order of ids. An id is taken before its transaction commits, so
               that a lower one can appear later: entries are found by having no index, never by `id > last`.
               An act's entries are numbered together, so that no checkpoint parts them and one that is lacking shows.
    settled    the id up to which nothing can appear any more. It only bounds the search.

When is an id settled? On SQLite, where one transaction writes at a time, once a later one is visible. On PostgreSQL every
transaction that appends has its number (xid) before it takes an id, because it inserts the act first. So if `high` was the last
id taken when some moment passed, everyone with an id up to `high` had an xid below the `xmax` of any later snapshot; and once
the `xmin` of a snapshot has reached that `xmax`, they have all ended, and what they committed is visible in it.
"""

from collections.abc import Iterator, Sequence
from contextlib import suppress
from itertools import repeat
from typing import NamedTuple
from uuid import UUID

import orjson

from audit.errors import AuditError
from audit.store import (
    ALLOCATED,
    HEAD,
    INSERT_CHECKPOINTS,
    INSERT_HEADS,
    INSERT_LEAVES,
    INSERT_ORIGINS,
    KEEP_LEASE,
    MARK_PUBLISHED,
    MOVE_HEAD,
    REST_OF_ACT,
    TAKE_LEASE,
    UNNUMBERED,
)
from database.engine import Database
from database.transaction import Row, Transaction

LEASE_MS = 10_000
BYTES_AT_ONCE = 32 << 20
_PAGE = 512
_ALONE = b'"parts":1,'


class FencedError(AuditError):
    """Another process numbers now."""


class Head(NamedTuple):
    """The row of audit_head with the log's origin."""

    log: int
    origin: str
    size: int
    settled: int
    fence: int
    holder: str
    expires_at: int


class Gathered(NamedTuple):
    """Entries to number next, by column and in the order of ids; `settled` is the id up to which all will have an index then."""

    ids: Sequence[int]
    bodies: Sequence[bytes]
    leaves: Sequence[bytes]
    settled: int


class Numbering:
    """The transactions of whoever numbers. `fence` is 0 while this process does not hold the lease."""

    def __init__(self, database: Database, holder: str) -> None:
        self._database = database
        self._holder = holder
        self._fence = 0
        self._high: int | None = None
        self._waiting: tuple[int, int] | None = None
        self._settled = 0

    @property
    def holds(self) -> bool:
        """Whether this process believes to hold the lease. Every transaction finds out."""
        return self._fence > 0

    def open(self, origin: str, at: int) -> None:
        """Make the first log's rows, unless there are some."""

        def work(tx: Transaction) -> None:
            if tx.one(HEAD) is None:
                tx.insert(INSERT_ORIGINS, [(1, origin, at)])
                tx.insert(INSERT_HEADS, [(1, "", 0, 0, 1, 0, 0)])

        self._database.write(None, work)

    def acquire(self, at: int) -> Head | None:
        """The head, with its lease taken anew; None while another holds it."""

        def work(tx: Transaction) -> Head | None:
            taken = tx.run(TAKE_LEASE, holder=self._holder, now=at, expires=at + LEASE_MS)
            row = tx.one(HEAD)
            return Head(*row) if taken and row is not None else None

        head = self._database.write(None, work)
        self._fence = head.fence if head else 0
        if head:
            self._settled = head.settled
        return head

    def keep(self, at: int) -> None:
        """Prolong the lease.

        Raises:
            FencedError: it is another's.
        """
        self._database.write(
            None, lambda tx: self._fenced(tx.run(KEEP_LEASE, fence=self._fence, expires=at + LEASE_MS))
        )

    def drop(self) -> None:
        """Hold it no longer, as far as this process goes."""
        self._fence = 0

    def release(self) -> None:
        """Let another process take the lease at once, if it is still this one's."""
        if self._fence:
            self._database.write(None, lambda tx: tx.run(KEEP_LEASE, fence=self._fence, expires=0))
            self._fence = 0

    def gather(self, limit: int) -> Gathered:
        """About `limit` committed entries without an index, of whole acts, and not many more than 32 MiB of them."""
        return self._database.read(None, lambda tx: self._gather(tx, limit))

    def number(self, head: Head, gathered: Gathered, at: int) -> Head:
        """Give the entries the indexes from `head.size` on, and move the head.

        Raises:
            FencedError: another process numbers now; nothing has changed.
        """
        size = head.size + len(gathered.ids)
        rows = list(zip(gathered.ids, repeat(head.log), range(head.size, size)))

        def work(tx: Transaction) -> None:
            self._fenced(
                tx.run(
                    MOVE_HEAD,
                    size=size,
                    settled=gathered.settled,
                    expires=at + LEASE_MS,
                    fence=self._fence,
                    before=head.size,
                )
            )
            tx.put(INSERT_LEAVES, rows)

        self._database.write(None, work)
        self._settled = gathered.settled
        return head._replace(size=size, settled=gathered.settled)

    def store_checkpoint(self, head: Head, note: bytes, at: int) -> None:
        """Store a signed checkpoint of the head's size, before anybody sees it.

        Raises:
            FencedError: another process numbers now.
        """

        def work(tx: Transaction) -> None:
            self._fenced(tx.run(KEEP_LEASE, fence=self._fence, expires=at + LEASE_MS))
            tx.put(INSERT_CHECKPOINTS, [(head.log, head.size, note, at)])

        self._database.write(None, work)

    def mark_published(self, head: Head, note: bytes) -> None:
        """Remember the checkpoint as it was published, for directories elsewhere.

        Raises:
            FencedError: another process numbers now.
        """

        def work(tx: Transaction) -> None:
            self._fenced(tx.run(MARK_PUBLISHED, log=head.log, size=head.size, published=note))

        self._database.write(None, work)

    def _fenced(self, matched: int) -> None:
        if not matched or not self._fence:
            self._fence = 0
            raise FencedError

    def _gather(self, tx: Transaction, limit: int) -> Gathered:
        ended = self._ended(tx) if tx.dialect == "postgresql" else None
        entries: list[Row] = []
        held = 0
        after = self._settled
        complete = False
        while len(entries) < limit and held < BYTES_AT_ONCE and not complete:
            wanted = min(_affordable(held, len(entries)), limit - len(entries))
            found = tx.all(UNNUMBERED, after=after, limit=wanted)
            complete = len(found) < wanted
            entries += found
            held += sum([len(body) for _, body, _ in found])
            after = found[-1][0] if found else after
        settled = self._settles(after, ended, complete=complete)
        if not complete and (rest := list(_rest_of_acts(tx, entries))):
            entries = sorted([*entries, *rest])
        ids, bodies, leaves = ([row[column] for row in entries] for column in range(3))
        return Gathered(ids, bodies, leaves, settled)

    def _settles(self, last: int, ended: int | None, *, complete: bool) -> int:
        if ended is None:
            return last
        return max(self._settled, ended if complete else min(ended, last))

    def _ended(self, tx: Transaction) -> int:
        """The id up to which every transaction had ended when this snapshot was taken."""
        row = tx.one(ALLOCATED)
        if row is None:
            return self._settled
        xmin, xmax, high, _ = row
        ended = self._settled
        if self._waiting is not None and xmin >= self._waiting[1]:
            ended = self._waiting[0]
            self._waiting = None
        if self._waiting is None and self._high is not None and self._high > ended:
            self._waiting = (self._high, xmax)
            if xmin >= xmax:
                ended = self._high
                self._waiting = None
        self._high = high
        return ended


def _affordable(held: int, entries: int) -> int:
    """How many more entries of the size of those that were read are within the bytes to read at once."""
    return max(_PAGE, (BYTES_AT_ONCE - held) * entries // (2 * held)) if held else _PAGE


def _rest_of_acts(tx: Transaction, gathered: Sequence[Row]) -> Iterator[Row]:
    """The entries after the last gathered one that belong to an act with a gathered one."""
    lacking: dict[tuple[int, bytes], int] = {}
    for _, body, _ in gathered:
        if _ALONE not in body:
            with suppress(ValueError, KeyError):  # a row that was changed; its leaf will say so
                fields = orjson.loads(body)
                named = (fields["tenant"], UUID(fields["act"]).bytes)
                lacking[named] = lacking.get(named, fields["parts"]) - 1
    for (tenant, act), count in lacking.items():
        if count:
            yield from tx.all(REST_OF_ACT, tenant=tenant, act=act, after=gathered[-1][0])
