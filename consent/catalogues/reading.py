"""Reading catalogues and notices: what is in force, what was, and the exact words that people were shown."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import orjson

from consent.catalogue import Edition
from consent.catalogues import store
from consent.catalogues.source import CatalogueSource
from consent.errors import CatalogueNotFoundError, NoticeNotFoundError
from consent.locale import Locale
from database.columns import millis
from database.engine import Database
from database.transaction import Row, Transaction

Settle = Callable[[int, int], None]
"""Makes sure that the catalogue in force for a tenant is on record, at a time in milliseconds since the epoch."""


@dataclass(frozen=True, slots=True)
class Applied:
    """One version of a tenant's catalogue. `starter` is one that nobody applied; `applied_at` is in milliseconds."""

    version: int
    digest: str
    starter: bool
    applied_at: int


@dataclass(frozen=True, slots=True)
class NoticeVersion:
    """One version of a notice. Consents to versions before a material one are stale."""

    version: int
    material: bool
    change: str
    published_at: int


@dataclass(frozen=True, slots=True)
class PublishedNotice:
    """A notice as it was published in one language. `digest` is the SHA-256 of the UTF-8 octets of `text`, in hexadecimal."""

    locale: str
    title: str
    text: str
    digest: str
    material: bool
    published_at: int


class CatalogueReader:
    """What anybody of a tenant may read of its catalogue: nothing of it is about a person."""

    def __init__(
        self, database: Database, source: CatalogueSource, settle: Settle, now: Callable[[], datetime]
    ) -> None:
        self._database = database
        self._source = source
        self._settle = settle
        self._now = now

    def edition(self, tenant: int, version: int | None = None) -> Edition:
        """A version of the tenant's catalogue, the one in force unless told otherwise.

        Raises:
            CatalogueNotFoundError: the tenant has no such version.
        """
        self._settle(tenant, millis(self._now()))
        if version is None and (recent := self._source.recent(tenant)) is not None:
            return recent

        def work(tx: Transaction) -> Edition | None:
            if version is None:
                return self._source.in_force(tx, tenant)
            return self._source.published(tx, tenant, version)

        found = self._database.read(tenant, work)
        if found is None:
            raise CatalogueNotFoundError
        return found

    def source(self, tenant: int, version: int | None = None) -> dict[str, Any]:
        """The tree of a version, as it was applied; of the one in force unless told otherwise.

        Raises:
            CatalogueNotFoundError: the tenant has no such version.
        """
        self._settle(tenant, millis(self._now()))

        def work(tx: Transaction) -> Row | None:
            if version is None:
                return tx.one(store.LAST_EDITION, tenant=tenant)
            return tx.one(store.EDITION, tenant=tenant, version=version)

        row = self._database.read(tenant, work)
        if row is None:
            raise CatalogueNotFoundError
        source: dict[str, Any] = orjson.loads(row[2])
        return source

    def versions(self, tenant: int) -> Sequence[Applied]:
        """Every version that the tenant has had, in order."""
        self._settle(tenant, millis(self._now()))
        rows = self._database.read(tenant, lambda tx: tx.all(store.VERSIONS, tenant=tenant))
        return [Applied(version, digest, bool(starter), at) for version, digest, starter, at in rows]

    def notice_versions(self, tenant: int, purpose: str) -> Sequence[NoticeVersion]:
        """Every version of a purpose's notice, in order.

        Raises:
            NoticeNotFoundError: the purpose never had one.
        """
        self._settle(tenant, millis(self._now()))
        rows = self._database.read(tenant, lambda tx: tx.all(store.NOTICE_VERSIONS, tenant=tenant, purpose=purpose))
        if not rows:
            raise NoticeNotFoundError
        return [NoticeVersion(version, bool(material), change, at) for version, material, change, at in rows]

    def notice(self, tenant: int, purpose: str, version: int, locale: Locale | None) -> PublishedNotice:
        """A notice in one language, that of the catalogue's first language unless told otherwise, to the byte.

        Raises:
            NoticeNotFoundError: no such version was published, or not in this language.
        """
        self._settle(tenant, millis(self._now()))

        def work(tx: Transaction) -> list[PublishedNotice]:
            rows = tx.all(store.TEXTS_OF_NOTICE, tenant=tenant, purpose=purpose, version=version)
            wanted = locale or self._source.in_force(tx, tenant).catalogue.locales[0]
            return [
                PublishedNotice(row[0], row[1], row[2], row[3], bool(row[4]), row[5])
                for row in rows
                if row[0] == wanted
            ]

        found = self._database.read(tenant, work)
        if not found:
            raise NoticeNotFoundError
        return found[0]
