"""Telling people that the notice they consented under has changed (PIPL art. 17).

Asked for as a job, for one version of one notice. Whoever has a live consent to an older version and was not told yet is told, in
the language of their consent. The address is looked up by the messenger at the moment of sending and kept nowhere; what is kept
is that they were told, when and by which channel.
"""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from audit.entry import Act, Action, Group, Outcome
from audit.log import AuditLog
from consent.catalogues.occasion import Occasion
from consent.catalogues.source import CatalogueSource
from consent.errors import CatalogueError, NoticeNotFoundError
from database.engine import Database
from database.transaction import Transaction
from work.desk import JobDesk
from work.job import Params

KIND = "notice_tell"


@dataclass(frozen=True, slots=True)
class Telling:
    """Which version of which notice people are told of."""

    purpose: str
    version: int

    def params(self) -> Params:
        """As a job holds it."""
        return {"purpose": self.purpose, "version": self.version}

    @classmethod
    def of(cls, params: Params) -> "Telling":
        """Of a job's parameters."""
        stored: dict[str, Any] = dict(params)
        return cls(str(stored["purpose"]), int(stored["version"]))


class TellingDesk:
    """Asking for it."""

    def __init__(self, database: Database, log: AuditLog, jobs: JobDesk, source: CatalogueSource) -> None:
        self._database = database
        self._log = log
        self._jobs = jobs
        self._source = source

    def ask(self, purpose: str, occasion: Occasion) -> UUID:
        """Have people told of the present version of a purpose's notice; gives the job.

        Raises:
            NoticeNotFoundError: the catalogue in force has no such purpose, or none is on record.
            CatalogueError: its controller has no address to which the message could lead.
        """
        tenant = occasion.tenant

        def work(tx: Transaction) -> UUID:
            edition = self._source.latest(tx, tenant)
            if edition is None or not edition.catalogue.knows(purpose):
                raise NoticeNotFoundError
            if edition.catalogue.controller.url is None:
                raise CatalogueError("controller.url: needed, because the message leads there to the new notice")
            telling = Telling(purpose, edition.catalogue.notice(purpose).version)
            group = Group(Outcome.DONE, purpose=purpose, rows=[telling.version])
            self._log.append(
                tx, Act(Action.NOTICE_TELL, occasion.actor, tenant, occasion.at, occasion.request, [group])
            )
            return self._jobs.submit(tx, tenant, KIND, telling.params(), occasion.at, asked_by=occasion.actor)

        job = self._database.write(tenant, work)
        self._jobs.nudge()
        return job
