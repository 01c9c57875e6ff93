"""The officer's console of a deployment."""

from dataclasses import dataclass

from audit.tallying import Tallying
from composition.foundation import Foundation
from composition.part import Part
from composition.requests import STEPS
from composition.rights import Rights
from composition.rotation import RotationOf
from composition.staff import Staff
from composition.vault import VaultOf
from consent.catalogues.reading import CatalogueReader
from dsar.retention.http import UseCases as RetentionOperations
from masking.relay.calls.http import CallDesks
from masking.relay.stocking import Stocking
from pages.officer.calls import CallUseCases
from pages.officer.case import CaseUseCases
from pages.officer.desk import OfficerUseCases, blueprint, places
from pages.officer.retention import RetentionUseCases
from pages.shell.site import Site
from web.tenancy import TenantDesk
from work.decisions import Decisions


@dataclass(frozen=True, slots=True)
class Governance:
    """What officers look after beside requests: values, what is kept how long, keys, what people are told, calls, and
    counts of the log."""

    vault: VaultOf
    retention: RetentionOperations
    rotation: RotationOf
    catalogue: CatalogueReader
    calls: CallDesks
    tallying: Tallying


def officer_part(
    base: Foundation,
    site: Site,
    staff: Staff,
    answering: Rights,
    tenants: TenantDesk,
    governance: Governance,
) -> Part:
    """Its pages, which staff find among their places by what they may."""
    asked = answering.asked.use
    case = CaseUseCases(
        reading=asked.reading,
        deciding=asked.deciding,
        verifying=answering.verifying,
        planning=answering.erased.planning,
        laws=answering.erased.laws,
        clocks=asked.clocks,
        steps=STEPS,
    )
    vault, kept = governance.vault, governance.retention
    staff.places.extend(places())
    use = OfficerUseCases(
        case=case,
        statistics=asked.statistics,
        tallying=governance.tallying,
        stocking=Stocking(base.database, base.log),
        calls=CallUseCases(governance.calls.reading, governance.calls.cases, governance.calls.statistics),
        holds=answering.holds,
        retention=RetentionUseCases(desk=kept.desk, reading=kept.reading, policies=kept.policies, mac_of=kept.mac_of),
        catalogue=governance.catalogue,
        rotation=governance.rotation.desk,
        keys=governance.rotation.status,
        search=vault.use.search,
        profiles=vault.use.profiles,
        detokenization=vault.use.detokenization,
        region_of=tenants.region_of,
        jobs=base.jobs,
        decisions=Decisions(base.database, base.log, base.jobs),
    )
    return Part(pages=[blueprint(site, staff.door, use)])
