"""Which catalogue is in force: read from the database at most once a second, and shared by all threads of a process.

A published catalogue never changes, so that what has been read stays right; what has to be looked at again is only whether a
later one has been applied. A tenant to which nothing was applied has the starter.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from time import monotonic
from typing import Any

import orjson

from consent.catalogue import Catalogue, Edition
from consent.catalogue_text import parse_source, source_digest, source_text, starter_catalogue, starter_source
from consent.catalogues import store
from database.engine import Database
from database.transaction import Row, Transaction

CHECKED_EVERY_SECONDS = 1.0
KEPT = 256
"""Editions that stay in memory."""

Ask = Callable[..., Row | None]


@dataclass(frozen=True, slots=True)
class _Seen:
    """The edition in force, and by when that has to be looked at again."""

    edition: Edition
    until: float


@cache
def starter_edition() -> Edition:
    """The starter catalogue, as it is in force where nothing was applied."""
    catalogue = starter_catalogue()
    return Edition(
        catalogue=catalogue,
        digest=source_digest(source_text(starter_source())),
        applied_at=0,
        material={name: catalogue.notice(name).version for name in catalogue.purposes()},
    )


class CatalogueSource:
    """The editions of all tenants. `clock` counts seconds."""

    def __init__(self, database: Database, clock: Callable[[], float] = monotonic) -> None:
        self._database = database
        self._clock = clock
        self._in_force: dict[int, _Seen] = {}
        self._editions: dict[tuple[int, int], Edition] = {}
        self._catalogues: dict[str, Catalogue] = {}

    def recent(self, tenant: int) -> Edition | None:
        """The edition in force, from memory, if it was looked for within the last second."""
        seen = self._in_force.get(tenant)
        return seen.edition if seen is not None and self._clock() < seen.until else None

    def in_force(self, tx: Transaction, tenant: int) -> Edition:
        """The edition in force, as it was at most a second ago, in the caller's transaction."""
        return self._present(tx.one, tenant)

    def at(self, tx: Transaction, tenant: int, at: int) -> Edition | None:
        """The edition that was in force at a moment (milliseconds since the epoch); None before the first."""
        row = tx.one(store.VERSION_AT, tenant=tenant, at=at)
        return None if row is None else self._edition(tx.one, tenant, int(row[0]))

    def latest(self, tx: Transaction, tenant: int) -> Edition | None:
        """The edition in force as the caller's transaction sees it; None where nothing is on record."""
        row = tx.one(store.HEAD, tenant=tenant)
        return None if row is None else self._edition(tx.one, tenant, int(row[0]))

    def of(self, tenant: int) -> Catalogue:
        """The catalogue in force, as it was at most a second ago, for askers without a transaction: whatever has to be read is
        one row by one statement of its own."""
        return self._present(self._database.look, tenant).catalogue

    def published(self, tx: Transaction, tenant: int, version: int) -> Edition | None:
        """A version that was applied, whether it is still in force or not."""
        return self._edition(tx.one, tenant, version)

    def _present(self, ask: Ask, tenant: int) -> Edition:
        now = self._clock()
        seen = self._in_force.get(tenant)
        if seen is not None and now < seen.until:
            return seen.edition
        row = ask(store.HEAD, tenant=tenant)
        found = None if row is None else self._edition(ask, tenant, int(row[0]))
        edition = starter_edition() if found is None else found
        self._in_force[tenant] = _Seen(edition, now + CHECKED_EVERY_SECONDS)
        return edition

    def _edition(self, ask: Ask, tenant: int, version: int) -> Edition | None:
        known = self._editions.get((tenant, version))
        if known is not None:
            return known
        row = ask(store.EDITION, tenant=tenant, version=version)
        if row is None:
            return None
        edition = self.edition_of(row)
        if len(self._editions) >= KEPT:
            self._editions.clear()
            self._catalogues.clear()
        self._editions[tenant, version] = edition
        return edition

    def edition_of(self, row: Row) -> Edition:
        """The edition of a row of EDITION. Tenants with the same text share the catalogue."""
        _, digest, source, material, applied_at, _ = row
        catalogue = self._catalogues.get(digest)
        if catalogue is None:
            catalogue = self._catalogues[digest] = parse_source(orjson.loads(source))
        versions: dict[str, Any] = orjson.loads(material)
        return Edition(catalogue=catalogue, digest=digest, applied_at=applied_at, material=versions)
