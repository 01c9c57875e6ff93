"""The catalogues of a deployment's tenants: what is in force, and how it is read."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import click

import settings
from audit.entry import Actor, ActorKind
from audit.event_id import uuid7
from audit.log import AuditLog
from composition.clock import utc_now
from composition.foundation import Foundation
from composition.part import Part
from consent.catalogue import Catalogue
from consent.catalogue_text import parse_source, read_source, starter_catalogue
from consent.catalogues.host import CatalogueHost
from consent.catalogues.http import PROBLEMS, CatalogueApi
from consent.catalogues.jobs import TellingTask
from consent.catalogues.known import KnownPurposes
from consent.catalogues.occasion import Occasion
from consent.catalogues.publication import Publication
from consent.catalogues.reading import CatalogueReader
from consent.catalogues.source import CatalogueSource
from consent.catalogues.telling import TellingDesk
from consent.errors import CatalogueError
from consent.ports import Editions, Messenger
from consent.ropa.http import RecordApi
from consent.sharing.http import SharingApi
from consent.sharing.reading import SharedWith
from database.columns import millis
from database.engine import Database
from vault.holdings import Holdings
from vault.identifier import Sensitivity
from vault.judged_kind import JUDGED
from vault.means import Means
from vault.subject_lookup import SubjectLookup
from web.tenancy import TenantDesk
from work.desk import JobDesk

_SENSITIVE = {kind.name: kind.sensitivity is Sensitivity.SENSITIVE for kind in JUDGED.values()}


def catalogue_at(path: Path | None) -> Catalogue:
    """The catalogue of a file or directory; the starter without one.

    Raises:
        click.ClickException: it may not be used, in one line.
    """
    if path is None:
        return starter_catalogue()
    try:
        return parse_source(read_source([path]))
    except CatalogueError as error:
        raise click.ClickException(str(error)) from None


def catalogue_source(base: Foundation) -> CatalogueSource:
    """What tells which catalogue is in force."""
    return CatalogueSource(base.database)


def known_purposes(base: Foundation) -> KnownPurposes:
    """What policies may name."""
    return KnownPurposes(base.database)


def publication(base: Foundation) -> Publication:
    """What publishes catalogues."""
    return Publication(base.database, base.log, _SENSITIVE)


class _NobodyToSend:
    """Stands in for a messenger where none is configured: the job fails, and nobody is noted as told."""

    def send(self, tenant: int, subject: int, *, template: str, locale: str, values: Mapping[str, str]) -> str | None:  # noqa: ARG002 - the port's signature
        """Raises OSError."""
        raise OSError("no messenger is configured")


def catalogue_reader(base: Foundation, source: CatalogueSource, known: Editions) -> CatalogueReader:
    """What reads catalogues that are on record."""
    return CatalogueReader(base.database, source, known.settle, base.now)


def catalogue_part(
    base: Foundation, means: Means, source: CatalogueSource, known: Editions, messenger: Messenger
) -> Part:
    """What people are told, who gets their data, the record of it all, and telling people when it changes."""
    reader = catalogue_reader(base, source, known)
    subjects = SubjectLookup(means)
    shared = SharedWith(
        base.database,
        subjects,
        editions=known,
        holdings=Holdings(means),
        log=base.log,
        now=base.now,
    )
    return Part(
        blueprints=[
            CatalogueApi(reader).blueprint(),
            RecordApi(reader, base.now).blueprint(),
            SharingApi(shared).blueprint(),
        ],
        tables=[PROBLEMS],
        tasks=[
            TellingTask(
                base.database,
                subjects,
                _NobodyToSend() if base.chosen.messenger == "none" else messenger,
                source=source,
                log=base.log,
                now=base.now,
            )
        ],
    )


@contextmanager
def opened_catalogues(*, data: Path | None, database: str | None) -> Iterator[CatalogueHost]:
    """The catalogues of a deployment, for an operator on its host."""
    chosen = settings.load(data=data, database=database)
    opened, log = Database(chosen.database_url, pool_size=2), AuditLog()
    tenants, source = TenantDesk(opened, log), CatalogueSource(opened)
    publishing = Publication(opened, log, _SENSITIVE)

    def occasion(name: str) -> Occasion:
        tenant, at = tenants.number_of(name), millis(utc_now())
        if tenant is None:
            raise LookupError(name)
        return Occasion(tenant=tenant, actor=Actor(ActorKind.OPERATOR), request=str(uuid7(at)), at=at)

    try:
        yield CatalogueHost(
            publication=publishing,
            reader=CatalogueReader(opened, source, publishing.ensure, utc_now),
            telling=TellingDesk(opened, log, JobDesk(opened), source),
            occasion=occasion,
        )
    finally:
        opened.dispose()
