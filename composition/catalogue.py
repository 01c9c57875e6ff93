"""The catalogues of a deployment's tenants: what is in force, and how it is read."""

from composition.foundation import Foundation
from composition.part import Part
from consent.catalogues.http import PROBLEMS, CatalogueApi
from consent.catalogues.known import KnownPurposes
from consent.catalogues.publication import Publication
from consent.catalogues.reading import CatalogueReader
from consent.catalogues.source import CatalogueSource
from consent.ports import Editions
from consent.ropa.http import RecordApi
from consent.sharing.http import SharingApi
from consent.sharing.reading import SharedWith
from vault.holdings import Holdings
from vault.identifier import KINDS, Sensitivity
from vault.means import Means
from vault.subject_lookup import SubjectLookup

_SENSITIVE = {kind.name: kind.sensitivity is Sensitivity.SENSITIVE for kind in KINDS.values()}


def catalogue_source(base: Foundation) -> CatalogueSource:
    """What tells which catalogue is in force."""
    return CatalogueSource(base.database)


def known_purposes(base: Foundation) -> KnownPurposes:
    """What policies may name."""
    return KnownPurposes(base.database)


def publication(base: Foundation) -> Publication:
    """What publishes catalogues."""
    return Publication(base.database, base.log, _SENSITIVE)


def catalogue_part(base: Foundation, means: Means, source: CatalogueSource, known: Editions) -> Part:
    """What people are told, who gets their data, and the record of it all."""
    reader = CatalogueReader(base.database, source, known.settle, base.now)
    shared = SharedWith(
        base.database,
        SubjectLookup(means),
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
    )
