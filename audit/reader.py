"""Reading the log of a tenant from the database: entries as they were written, by page and by request."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, NamedTuple
from uuid import UUID

import orjson

from audit.store import ENTRIES_OF_ACT, ENTRIES_OF_REQUEST, ENTRIES_PAGE, ENTRIES_PAGE_BACK, PLACE_OF_ENTRY
from database.engine import Database
from database.transaction import Transaction

SCANNED_AT_MOST = 10_000
_AT_ONCE = 500
_FIRST, _LAST = bytes(16), b"\xff" * 16


class FoundEntry(NamedTuple):
    """An entry, its number in this database, and which leaf of which log it is, once it is one."""

    number: int
    log: int | None
    leaf: int | None
    fields: dict[str, Any]


class StoredEntry(NamedTuple):
    """The octets of an entry, and which leaf of which log it is, once it is one."""

    body: bytes
    log: int | None
    leaf: int | None


class Page(NamedTuple):
    """Entries of a page, and the number of the entry to go on after; None where there are no more."""

    entries: list[FoundEntry]
    next: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Selection:
    """Which entries of a tenant: from `since` and before `until` (milliseconds), those that `meets` accepts."""

    tenant: int
    since: int | None = None
    until: int | None = None
    newest_first: bool = False
    meets: Callable[[dict[str, Any]], bool] = lambda _: True


class AuditReader:
    """Queries over stored entries. They hold pseudonyms and codes only, as they are in the log."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def page(self, selection: Selection, *, after: int | None, limit: int) -> Page:
        """At most `limit` entries in the order of their acts' times, from the one behind entry number `after` on.

        At most 10,000 entries are looked at, so that a page can be short, or empty, and still have a next one.
        """
        return self._database.read(selection.tenant, lambda tx: _page(tx, selection, after, limit))

    def of_request(self, tenant: int, request: str) -> list[dict[str, Any]]:
        """Every entry that a request of the tenant left, in order."""
        rows = self._database.read(tenant, lambda tx: tx.all(ENTRIES_OF_REQUEST, tenant=tenant, request=request))
        return [orjson.loads(body) for (body,) in rows]


def entries_of_act(tx: Transaction, tenant: int, act: UUID) -> list[StoredEntry]:
    """Every entry of an act of the tenant, in order, in the caller's transaction."""
    rows = tx.all(ENTRIES_OF_ACT, tenant=tenant, act=act.bytes)
    return [StoredEntry(bytes(body), log, leaf) for body, log, leaf in rows]


def _page(tx: Transaction, selection: Selection, after: int | None, limit: int) -> Page:
    first, last = _bound(selection.since, _FIRST), _bound(selection.until, _LAST)
    place: tuple[bytes, int] = (last, 0) if selection.newest_first else (first, 0)
    if after is not None:
        row = tx.one(PLACE_OF_ENTRY, tenant=selection.tenant, id=after)
        if row is None:
            return Page([], None)
        place = bytes(row[0]), row[1]
    statement = ENTRIES_PAGE_BACK if selection.newest_first else ENTRIES_PAGE
    edge = first if selection.newest_first else last
    found: list[FoundEntry] = []
    scanned = 0
    wanted = min(limit, _AT_ONCE)  # an entry can be long: more than a page is read only where few are accepted
    while scanned < SCANNED_AT_MOST:
        rows = tx.all(statement, tenant=selection.tenant, act=place[0], part=place[1], edge=edge, limit=wanted)
        for number, act, part, log, leaf, body in rows:
            place = bytes(act), part
            fields = orjson.loads(body)
            if selection.meets(fields):
                found.append(FoundEntry(number, log, leaf, fields))
                if len(found) == limit:
                    return Page(found, number)
        scanned += len(rows)
        if len(rows) < wanted:
            return Page(found, None)
        wanted = min(_AT_ONCE, SCANNED_AT_MOST - scanned)
    return Page(found, rows[-1][0])


def _bound(at: int | None, otherwise: bytes) -> bytes:
    """The smallest event id (UUIDv7) of a moment."""
    return otherwise if at is None else at.to_bytes(6, "big") + bytes(10)
