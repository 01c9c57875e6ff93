"""Where the officer's pages are, and what they stand on."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from flask import Blueprint

from audit.tallying import Tallying
from consent.catalogues.reading import CatalogueReader
from dsar.desk.statistics import Statistics
from dsar.holds.placing import HoldDesk
from masking.relay.stocking import Stocking
from pages.officer.around import PREFIX, Around
from pages.officer.calls import CallPages, CallUseCases
from pages.officer.case import CasePages, CaseUseCases
from pages.officer.catalogue import CataloguePages
from pages.officer.figures import FigurePages
from pages.officer.holds import HoldPages
from pages.officer.keys import KeyPages
from pages.officer.people import Asks, PeoplePages, PeopleUseCases
from pages.officer.queue import QueuePages
from pages.officer.relay import RelayPages
from pages.officer.retention import RetentionPages, RetentionUseCases
from pages.officer.trends import TrendPages
from pages.officer.versions import VersionPages
from pages.officer.work import WorkPages
from pages.shell.chrome import Place
from pages.shell.site import Site
from pages.staff.door import StaffDoor, StaffPlace
from vault.detokenization import Detokenization
from vault.issued_token import IssuedTokens
from vault.profile import Profiles
from vault.rotation.asking import RotationDesk
from vault.rotation.status import KeyStatus
from vault.search import Search
from web.principal import Scope
from work.decisions import Decisions
from work.desk import JobDesk


@dataclass(frozen=True, slots=True, kw_only=True)
class OfficerUseCases:
    """What the pages call."""

    case: CaseUseCases
    statistics: Statistics
    tallying: Tallying
    stocking: Stocking
    calls: CallUseCases
    holds: HoldDesk
    retention: RetentionUseCases
    catalogue: CatalogueReader
    rotation: RotationDesk
    keys: KeyStatus
    search: Search
    profiles: Profiles
    detokenization: Detokenization
    tokens: IssuedTokens
    asks: Asks
    region_of: Callable[[int], str]
    jobs: JobDesk
    decisions: Decisions


def places() -> Sequence[StaffPlace]:
    """What staff see of the console, by what they may."""
    return [
        StaffPlace(Scope.DSAR_READ, Place(url=f"{PREFIX}/today", name="officer.place.today", icon="home")),
        StaffPlace(Scope.DSAR_READ, Place(url=f"{PREFIX}/requests", name="officer.place.requests", icon="request")),
        StaffPlace(Scope.VAULT_SEARCH, Place(url=f"{PREFIX}/people", name="officer.place.people", icon="search")),
        StaffPlace(Scope.DSAR_HOLDS, Place(url=f"{PREFIX}/holds", name="officer.place.holds", icon="hold")),
        StaffPlace(
            Scope.RETENTION_READ, Place(url=f"{PREFIX}/retention", name="officer.place.retention", icon="trash")
        ),
        StaffPlace(Scope.JOBS_APPROVE, Place(url=f"{PREFIX}/jobs", name="officer.place.work", icon="clock")),
        StaffPlace(Scope.CONSENT_READ, Place(url=f"{PREFIX}/catalogue", name="officer.place.catalogue", icon="hand")),
        StaffPlace(
            Scope.CONSENT_READ, Place(url=f"{PREFIX}/recipients", name="officer.place.recipients", icon="globe")
        ),
        StaffPlace(Scope.AUDIT_READ, Place(url=f"{PREFIX}/records", name="officer.place.records", icon="box")),
        StaffPlace(
            Scope.AUDIT_READ, Place(url=f"{PREFIX}/disclosures", name="officer.place.disclosures", icon="chart")
        ),
        StaffPlace(Scope.RELAY_CALLS, Place(url=f"{PREFIX}/calls", name="officer.place.calls", icon="warn")),
        StaffPlace(Scope.RELAY_MANAGE, Place(url=f"{PREFIX}/relay", name="officer.place.relay", icon="phone")),
        StaffPlace(Scope.VAULT_ADMIN, Place(url=f"{PREFIX}/keys", name="officer.place.keys", icon="lock")),
    ]


def blueprint(site: Site, door: StaffDoor, use: OfficerUseCases) -> Blueprint:
    """All routes of the console."""
    pages = Blueprint("officer", __name__, url_prefix=PREFIX)
    around = Around(site, door)
    QueuePages(around, use.case.reading, use.case.clocks).add(pages)
    CasePages(around, use.case).add(pages)
    FigurePages(around, use.statistics).add(pages)
    TrendPages(around, use.tallying, use.catalogue).add(pages)
    PeoplePages(
        around, PeopleUseCases(use.search, use.profiles, use.detokenization, use.tokens, use.asks, use.region_of)
    ).add(pages)
    HoldPages(around, use.holds).add(pages)
    RetentionPages(around, use.retention, use.catalogue).add(pages)
    CataloguePages(around, use.catalogue).add(pages)
    VersionPages(around, use.catalogue).add(pages)
    KeyPages(around, use.rotation, use.keys).add(pages)
    RelayPages(around, use.stocking).add(pages)
    CallPages(around, use.calls).add(pages)
    WorkPages(around, use.jobs, use.decisions).add(pages)
    return pages
