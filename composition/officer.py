"""The officer's console of a deployment."""

from composition.foundation import Foundation
from composition.part import Part
from composition.requests import STEPS
from composition.rights import Rights
from composition.staff import Staff
from pages.officer.case import CaseUseCases
from pages.officer.desk import OfficerUseCases, blueprint, places
from pages.shell.site import Site
from work.decisions import Decisions


def officer_part(base: Foundation, site: Site, staff: Staff, answering: Rights) -> Part:
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
        case=case, holds=answering.holds, jobs=base.jobs, decisions=Decisions(base.database, base.log, base.jobs)
    )
    return Part(pages=[blueprint(site, staff.door, use)])
