"""Publishing a catalogue: once, whole, with its notices and its audit entry, and never to be changed.

Whatever a notice says is stored as the exact text that was made of the catalogue then, so that a later version of this program
cannot change what people have read. The digests of the texts stand in the audit entry, too.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import orjson

from audit.entry import Act, Action, Actor, ActorKind, Group, Outcome
from audit.event_id import uuid7
from audit.log import AuditLog
from consent.catalogue import Catalogue
from consent.catalogue_text import parse_source, source_digest, source_text, starter_source
from consent.catalogues import store
from consent.catalogues.change import Change, changes, material_versions, refuse_unannounced
from consent.catalogues.occasion import Occasion
from consent.errors import CatalogueConflictError, CatalogueError
from consent.notice import Notice
from database.engine import Database
from database.transaction import Row, Transaction


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """What applying a catalogue would change or has changed. `was` is the version before, None where there was none; `affected`
    is, for each purpose whose consents go stale, how many people have a live one."""

    catalogue: Catalogue
    was: int | None
    changes: Sequence[Change]
    affected: Mapping[str, int]

    @property
    def news(self) -> bool:
        """Whether this is another version than the one in force."""
        return self.was != self.catalogue.version


class Publication:
    """The use cases of publishing. `kinds` are all that the vault stores, and whether each is sensitive."""

    def __init__(self, database: Database, log: AuditLog, kinds: Mapping[str, bool]) -> None:
        self._database = database
        self._log = log
        self._kinds = kinds

    def apply(self, source: Mapping[str, Any], occasion: Occasion) -> Comparison:
        """Put a catalogue in force. The one that is in force already stays as it is.

        Raises:
            CatalogueError: it may not be used; the field is named.
            CatalogueConflictError: it contradicts what was published; the field is named.
        """
        catalogue = self._parsed(source)

        def work(tx: Transaction) -> Comparison:
            store.lock_catalogue(tx, occasion.tenant)
            comparison, material = self._compared(tx, source, catalogue, occasion)
            if comparison.news:
                self._publish(tx, source, catalogue, occasion, material=material, starter=False)
            return comparison

        return self._database.write(occasion.tenant, work)

    def compare(self, source: Mapping[str, Any], occasion: Occasion) -> Comparison:
        """What `apply` would do, done to nothing. Raises what it raises."""
        catalogue = self._parsed(source)
        return self._database.read(occasion.tenant, lambda tx: self._compared(tx, source, catalogue, occasion)[0])

    def ensure(self, tenant: int, at: int) -> None:
        """Record the starter as the tenant's first catalogue, if it has none."""
        if self._database.read(tenant, lambda tx: tx.one(store.HEAD, tenant=tenant)) is not None:
            return
        occasion = Occasion(tenant=tenant, actor=Actor(ActorKind.SYSTEM), request=str(uuid7(at)), at=at)
        source = starter_source()
        catalogue = parse_source(source)
        material = material_versions({}, None, catalogue)

        def work(tx: Transaction) -> None:
            store.lock_catalogue(tx, tenant)
            if tx.one(store.HEAD, tenant=tenant) is None:
                self._publish(tx, source, catalogue, occasion, material=material, starter=True)

        self._database.write(tenant, work)

    def _parsed(self, source: Mapping[str, Any]) -> Catalogue:
        catalogue = parse_source(source)
        for group, kinds in catalogue.groups.items():
            for kind in kinds:
                if kind not in self._kinds:
                    raise CatalogueError(f"groups.{group}: the vault has no kind {kind}")
                if self._kinds[kind] and kind not in catalogue.sensitive:
                    raise CatalogueError(f"sensitive: {kind} is missing, which the vault calls so")
        return catalogue

    def _compared(
        self, tx: Transaction, source: Mapping[str, Any], catalogue: Catalogue, occasion: Occasion
    ) -> tuple[Comparison, Mapping[str, int]]:
        tenant = occasion.tenant
        row = tx.one(store.LAST_EDITION, tenant=tenant)
        if row is None:
            first = Comparison(catalogue=catalogue, was=None, changes=(), affected={})
            return first, material_versions({}, None, catalogue)
        before = parse_source(orjson.loads(row[2]))
        _refuse_version(before, catalogue, same=row[1] == source_digest(source_text(source)))
        latest = {str(purpose): int(version) for purpose, version in tx.all(store.LATEST_NOTICES, tenant=tenant)}
        refuse_unannounced(before, catalogue, latest)
        found = changes(before, catalogue)
        live: dict[str, int] = dict(tx.all(store.LIVE_CONSENTS, tenant=tenant, at=occasion.at))
        affected = {one.purpose: int(live.get(one.purpose, 0)) for one in found if one.asks_again}
        material = material_versions(orjson.loads(row[3]), before, catalogue)
        return Comparison(catalogue=catalogue, was=before.version, changes=found, affected=affected), material

    def _publish(
        self,
        tx: Transaction,
        source: Mapping[str, Any],
        catalogue: Catalogue,
        occasion: Occasion,
        *,
        material: Mapping[str, int],
        starter: bool,
    ) -> None:
        tenant, version, at = occasion.tenant, catalogue.version, occasion.at
        text, latest = source_text(source), orjson.dumps(dict(material)).decode()
        tx.insert(store.INSERT_CATALOGUE, [(tenant, version, source_digest(text), text, latest, starter, at)])
        known = {(row[0], int(row[1])) for row in tx.all(store.LATEST_NOTICES, tenant=tenant)}
        new = [one for one in catalogue.notices.values() if (one.purpose, one.version) not in known]
        tx.insert(
            store.INSERT_NOTICES,
            [(tenant, one.purpose, one.version, version, one.material, one.change, at) for one in new],
        )
        tx.insert(store.INSERT_TEXTS, [row for one in new for row in _texts(tenant, one)])
        groups = [Group(Outcome.DONE, rows=[version]), *(group for one in new for group in _groups(one))]
        act = Act(Action.CATALOGUE_APPLY, occasion.actor, tenant, at, occasion.request, groups)
        self._log.append(tx, act)


def _refuse_version(before: Catalogue, after: Catalogue, *, same: bool) -> None:
    if after.version == before.version and not same:
        raise CatalogueConflictError(
            f"version: {before.version} is published with other content; take {before.version + 1}"
        )
    if after.version < before.version:
        raise CatalogueConflictError(f"version: {before.version} is in force; take {before.version + 1}")


def _texts(tenant: int, notice: Notice) -> list[Row]:
    return [
        (tenant, notice.purpose, notice.version, locale.value, text.title, text.text, text.digest)
        for locale, text in notice.texts.items()
    ]


def _groups(notice: Notice) -> list[Group]:
    """A published notice in the audit log: an item for each language, with the digest of its text."""
    return [
        Group(Outcome.DONE, purpose=notice.purpose, rows=[notice.version], wording=text.digest)
        for text in notice.texts.values()
    ]
