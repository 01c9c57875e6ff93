"""The catalogues of a deployment's tenants: what is in force, and how it is read."""

from composition.foundation import Foundation
from consent.catalogues.known import KnownPurposes
from consent.catalogues.publication import Publication
from consent.catalogues.source import CatalogueSource
from vault.identifier import KINDS, Sensitivity

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
