"""The officer's console of a deployment."""

from composition.part import Part
from composition.requests import STEPS
from composition.rights import Rights
from composition.staff import Staff
from pages.officer.case import CaseUseCases
from pages.officer.desk import OfficerUseCases, blueprint, places
from pages.shell.site import Site


def officer_part(site: Site, staff: Staff, answering: Rights) -> Part:
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
    return Part(pages=[blueprint(site, staff.door, OfficerUseCases(case=case))])
