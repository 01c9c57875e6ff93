"""The officer's console of a deployment."""

from dataclasses import dataclass
from uuid import UUID

from audit.tallying import Tallying
from composition.foundation import Foundation
from composition.holds import PlatformIds
from composition.part import Part
from composition.relay_calls import Calls
from composition.requests import STEPS
from composition.rights import Rights
from composition.rotation import RotationOf
from composition.staff import Staff
from composition.vault import VaultOf
from consent.catalogues.reading import CatalogueReader
from dsar.desk.errors import RequestNotFoundError
from dsar.desk.reading import Reading
from dsar.request import By
from dsar.retention.http import UseCases as RetentionOperations
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
    calls: Calls
    tallying: Tallying


class OwnRequests:
    """Whether a request is open and of a person."""

    def __init__(self, reading: Reading, names: PlatformIds) -> None:
        self._reading = reading
        self._names = names

    def __call__(self, tenant: int, number: UUID, subject: str, by: By) -> bool:
        """Whether the person with this id of the platform has made the request, and it has not ended."""
        try:
            record, _ = self._reading.one(tenant, number, by)
        except RequestNotFoundError:
            return False
        if record.subject is None or record.request.ended:
            return False
        return self._names.names(tenant, {record.subject}).get(record.subject) == subject


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
    vault, kept, calls = governance.vault, governance.retention, governance.calls.desks
    staff.places.extend(places())
    use = OfficerUseCases(
        case=case,
        statistics=asked.statistics,
        tallying=governance.tallying,
        stocking=Stocking(base.database, base.log),
        calls=CallUseCases(calls.reading, calls.cases, calls.statistics),
        holds=answering.holds,
        retention=RetentionUseCases(desk=kept.desk, reading=kept.reading, policies=kept.policies, mac_of=kept.mac_of),
        catalogue=governance.catalogue,
        rotation=governance.rotation.desk,
        keys=governance.rotation.status,
        search=vault.use.search,
        profiles=vault.use.profiles,
        detokenization=vault.use.detokenization,
        tokens=vault.use.tokens,
        asks=OwnRequests(asked.reading, governance.calls.names),
        region_of=tenants.region_of,
        jobs=base.jobs,
        decisions=Decisions(base.database, base.log, base.jobs),
    )
    return Part(pages=[blueprint(site, staff.door, use)])
