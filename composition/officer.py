"""The officer's console of a deployment."""

from composition.foundation import Foundation
from composition.part import Part
from composition.requests import STEPS
from composition.rights import Rights
from composition.staff import Staff
from composition.vault import VaultOf
from pages.officer.case import CaseUseCases
from pages.officer.desk import OfficerUseCases, blueprint, places
from pages.shell.site import Site
from web.tenancy import TenantDesk
from work.decisions import Decisions


def officer_part(
    base: Foundation, site: Site, staff: Staff, answering: Rights, vault: VaultOf, tenants: TenantDesk
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
    staff.places.extend(places())
    use = OfficerUseCases(
        case=case,
        holds=answering.holds,
        search=vault.use.search,
        profiles=vault.use.profiles,
        detokenization=vault.use.detokenization,
        region_of=tenants.region_of,
        jobs=base.jobs,
        decisions=Decisions(base.database, base.log, base.jobs),
    )
    return Part(pages=[blueprint(site, staff.door, use)])
