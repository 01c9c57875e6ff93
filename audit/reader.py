"""Reading the log of a tenant: entries as they were written, by page and by request."""

from typing import Any, NamedTuple

import orjson

from audit.store import ENTRIES_OF_REQUEST, ENTRIES_PAGE, ENTRIES_PAGE_BACK
from database.engine import Database

_BEYOND = 2**63 - 1


class NumberedEntry(NamedTuple):
    """An entry and its number in this database, which is not its log index."""

    number: int
    fields: dict[str, Any]


class AuditReader:
    """Queries over stored entries. They hold pseudonyms and codes only, as they are in the log."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def page(self, tenant: int, *, after: int, limit: int) -> list[NumberedEntry]:
        """At most `limit` entries with numbers above `after`, oldest first."""
        rows = self._database.read(tenant, lambda tx: tx.all(ENTRIES_PAGE, tenant=tenant, after=after, limit=limit))
        return [NumberedEntry(number, orjson.loads(body)) for number, body in rows]

    def latest(self, tenant: int, *, before: int | None, limit: int) -> list[NumberedEntry]:
        """At most `limit` entries with numbers below `before`, newest first."""
        below = _BEYOND if before is None else before
        rows = self._database.read(
            tenant, lambda tx: tx.all(ENTRIES_PAGE_BACK, tenant=tenant, before=below, limit=limit)
        )
        return [NumberedEntry(number, orjson.loads(body)) for number, body in rows]

    def of_request(self, tenant: int, request: str) -> list[dict[str, Any]]:
        """Every entry that a request of the tenant left, in order."""
        rows = self._database.read(tenant, lambda tx: tx.all(ENTRIES_OF_REQUEST, tenant=tenant, request=request))
        return [orjson.loads(body) for (body,) in rows]
