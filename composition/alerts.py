"""What people of a deployment are told without asking: of breaches, and of who saw their data."""

from collections.abc import Collection, Mapping

from audit.directory import LogDirectory
from audit.published import PublishedLogs
from composition.disclosure_sources import LogAccesses, LogNames
from composition.foundation import Foundation
from composition.part import Part
from consent.ports import Editions
from consent.sharing.own import spoken
from database.engine import Database
from database.transaction import Transaction
from dsar.alerts.digest import DigestTask, DigestTimetable
from dsar.alerts.http import BreachApi
from dsar.alerts.problems import PROBLEMS
from dsar.alerts.reporting import Breaches
from dsar.alerts.telling import BreachTask
from dsar.ports import Messenger
from vault.errors import KeysUnavailableError
from vault.means import Means
from vault.subject_lookup import SubjectLookup


class ConsentLanguages:
    """The language in which people last said something of their consents."""

    def spoken(self, tx: Transaction, tenant: int, subjects: Collection[int]) -> Mapping[int, str]:
        """Of each of whom one is known."""
        return spoken(tx, tenant, subjects)


class Controllers:
    """The controllers of the catalogues, who answer questions of people."""

    def __init__(self, database: Database, editions: Editions) -> None:
        self._database = database
        self._editions = editions

    def contact(self, tenant: int) -> str:
        """The address that the catalogue in force tells people."""
        edition = self._database.read(tenant, lambda tx: self._editions.in_force(tx, tenant))
        return edition.catalogue.controller.email


def alerts_part(base: Foundation, means: Means, editions: Editions, messenger: Messenger) -> Part:
    """Breaches and summaries."""
    subjects, names = SubjectLookup(means), LogNames(means)
    accesses = LogAccesses(PublishedLogs(LogDirectory(base.chosen.audit_directory)))
    return Part(
        blueprints=[BreachApi(Breaches(base.database, subjects, base.log, base.jobs)).blueprint()],
        tables=[PROBLEMS],
        tasks=[
            BreachTask(
                base.database,
                subjects,
                messenger,
                languages=ConsentLanguages(),
                offices=Controllers(base.database, editions),
                log=base.log,
                now=base.now,
            ),
            DigestTask(base.database, messenger, base.now, names=names, accesses=accesses),
        ],
        transient=[KeysUnavailableError],
        timetables=[DigestTimetable()],
    )
