"""Where the auditor's pages are, and what they stand on."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from flask import Blueprint

from audit.asking import Asking
from audit.checkpoint import VerifierKey
from audit.export_desk import ExportDesk
from audit.lag import LagWatch
from audit.published import PublishedLogs
from audit.reading import LogReading
from pages.auditor.checkpoints import CheckpointPages
from pages.auditor.entries import EntryPages
from pages.auditor.exports import ExportPages
from pages.shell.chrome import Place
from pages.shell.site import Site
from pages.staff.door import StaffDoor, StaffPlace
from web.principal import Scope
from work.desk import JobDesk

PREFIX = "/auditor"

PLACES = [
    StaffPlace(Scope.AUDIT_READ, Place(url=f"{PREFIX}/entries", name="auditor.place.entries", icon="log")),
    StaffPlace(Scope.AUDIT_READ, Place(url=f"{PREFIX}/exports", name="auditor.place.exports", icon="down")),
    StaffPlace(Scope.AUDIT_READ, Place(url=f"{PREFIX}/checkpoints", name="auditor.place.checkpoints", icon="good")),
]
"""What staff who read the log see among their places."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditorUseCases:
    """What the pages call. `keys` are the verifier keys of the present log, none before it has begun."""

    reading: LogReading
    published: PublishedLogs
    exports: ExportDesk
    jobs: JobDesk
    lag: LagWatch
    keys: Callable[[], Sequence[VerifierKey]]


def blueprint(site: Site, door: StaffDoor, use: AuditorUseCases, asking: Callable[[], Asking]) -> Blueprint:
    """All routes of the desk. `asking` tells who makes a request."""
    pages = Blueprint("auditor", __name__, url_prefix=PREFIX)
    EntryPages(site, use.reading, use.keys, asking).add(pages, door)
    ExportPages(site, use.exports, use.jobs, asking).add(pages, door)
    CheckpointPages(site, use.published, use.lag, use.keys).add(pages, door)
    return pages
