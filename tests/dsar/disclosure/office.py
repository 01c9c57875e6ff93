"""Disclosure over a test's database as one process has it: with a desk, holders and a published log that do as a test says."""

import io
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from pyrage import passphrase

from audit.checkpoint import VerifierKey
from audit.entry import Actor, ActorKind, SubjectRef
from audit.event_id import uuid7
from audit.log import AuditLog
from database.columns import millis
from database.engine import Database
from dsar.disclosure.choosing import Choosing
from dsar.disclosure.fetching import Around, Fetching
from dsar.disclosure.jobs import EXECUTE, ExecuteTask
from dsar.disclosure.keeping import Keeping
from dsar.disclosure.making import Maker, Sources, Terms
from dsar.disclosure.manifest import verifier_key
from dsar.disclosure.ports import Rules, Visitor
from dsar.disclosure.receiver import Receivers
from dsar.disclosure.shelf import Shelf
from dsar.disclosure.stored import Stored
from dsar.disclosure.telling import Telling
from dsar.disclosure.transfer import Transfer, Way
from dsar.request import By, Level, Request, RequestState
from dsar.right import Requester, Right
from tests.dsar.disclosure.age_of_debian import age_opens_by_passphrase
from tests.dsar.disclosure.stand_ins import (
    ISSUER,
    REF,
    RULES,
    SUBJECT,
    TENANT,
    FakeDesk,
    FakeHolder,
    Key,
    NoMac,
    Outbox,
    Outside,
    PublishedAtOnce,
)
from tests.support.clock import Clock
from vault.tenant_seal import TenantSeal
from work.desk import JobDesk
from work.job import Job, JobState


class Office:
    """Everything that disclosure consists of."""

    def __init__(
        self, database: Database, seal: TenantSeal, clock: Clock, place: Path, receivers: Receivers | None = None
    ) -> None:
        self.database, self.clock = database, clock
        self.shelf = Shelf(place / "packages")
        self.desk, self.key, self.outbox, self.outside = FakeDesk(), Key(), Outbox(), Outside()
        self.proofs = PublishedAtOnce(database)
        self.holders: list[FakeHolder] = []
        self.entries: list[dict[str, Any]] = []
        self.gone = False
        log, jobs = AuditLog(), JobDesk(database)
        self.receivers = receivers or Receivers()
        self.maker = Maker(
            database,
            log,
            clock,
            desk=self.desk,
            sources=Sources(
                holders=self,
                accesses=_Accesses(self),
                names=self,
                rule_book=self,
                proofs=self.proofs,
                keys=self.key,
                receivers=self.receivers,
                issuer=ISSUER,
            ),
            seal=seal,
            shelf=self.shelf,
            terms=Terms(patience_seconds=0.2),
        )
        around = Around(desk=self.desk, names=self)
        self.fetching = Fetching(database, log, clock, around=around, seal=seal, shelf=self.shelf)
        self.choosing = Choosing(database, log, desk=self.desk, seal=seal, receivers=self.receivers)
        self.keeping = Keeping(database, log, jobs, desk=self.desk, shelf=self.shelf, mac_of=lambda tenant: NoMac())
        self.telling = Telling(
            database,
            log,
            clock,
            desk=self.desk,
            messenger=self.outbox,
            address_of=lambda tenant, text: f"/{tenant}/{text}",
        )
        way = Way(outside=self.outside, receivers=self.receivers, keys=self.key, issuer=ISSUER)
        self.transfer = Transfer(database, log, clock, desk=self.desk, shelf=self.shelf, way=way)

    def of(self, tenant: int) -> Sequence[FakeHolder]:
        return self.holders

    def ref(self, tenant: int, subject: int) -> SubjectRef | None:
        return None if self.gone else REF

    def rules(self, tenant: int, locale: str, at: int) -> Rules:
        return RULES

    def request(self, right: Right = Right.ACCESS, *, subject: int = SUBJECT, **changes: Any) -> Request:
        """A request that is being executed."""
        at = millis(self.clock())
        stated: dict[str, Any] = {
            "tenant": TENANT,
            "id": uuid7(at),
            "right": right,
            "regime": "pipl",
            "requester": Requester.SELF,
            "subject": subject,
            "state": RequestState.EXECUTING,
            "level": Level.TWO_FACTORS,
            "locale": "en",
            "received_at": at,
            "due_at": at,
            **changes,
        }
        made = Request(**stated)
        self.desk.requests[made.id] = made
        return made

    def made(self, right: Right = Right.ACCESS, **changes: Any) -> Stored:
        """The package of a new request."""
        package = self.maker.make(TENANT, self.request(right, **changes).id)
        assert package is not None
        return package

    def task(self, right: Right = Right.ACCESS) -> ExecuteTask:
        return ExecuteTask(
            EXECUTE + right.value, self.clock, maker=self.maker, telling=self.telling, transfer=self.transfer
        )

    def run(self, task: ExecuteTask, request: Request) -> int:
        """Carry a job out to its end, and tell how many steps that were."""
        done, number = 0, 0
        while True:
            progress = task.step(self.job(task.kind, request, done), number)
            done, number = progress.done, number + 1
            if progress.finished:
                return number

    def job(self, kind: str, request: Request, done: int = 0) -> Job:
        params = {"request": request.id.hex}
        return Job(TENANT, uuid7(request.received_at), kind, JobState.RUNNING, params, done, 0, None, 0)

    def by(self) -> By:
        at = millis(self.clock())
        return By(Actor(ActorKind.PERSON), str(uuid7(at)), at)

    def visitor(self, **changes: Any) -> Visitor:
        return replace(Visitor(TENANT, SUBJECT, Level.TWO_FACTORS), **changes)

    def link(self, package: Stored) -> str:
        """A new link of the person's own."""
        return self.fetching.linked(self.visitor(), package.request, self.by()).text

    def passphrase(self, package: Stored) -> str:
        """Have it told to the person."""
        return self.fetching.told(self.link(package), self.visitor(), self.by())

    def opened(self, package: Stored) -> zipfile.ZipFile:
        """The archive of a package, opened with its passphrase as pyrage does it."""
        octets = self.shelf.path(package.id).read_bytes()
        return zipfile.ZipFile(io.BytesIO(passphrase.decrypt(octets, self.passphrase(package))))

    def opened_with_age(self, package: Stored, told: str, place: Path) -> list[str]:
        """The names of the members of what Debian's age opens with a passphrase, which it asks a terminal for."""
        return zipfile.ZipFile(io.BytesIO(age_opens_by_passphrase(self.shelf.path(package.id), told, place))).namelist()

    @property
    def vkey(self) -> VerifierKey:
        return verifier_key(ISSUER, self.key.public)


class _Accesses:
    def __init__(self, office: Office) -> None:
        self._office = office

    def of(self, tenant: int, ref: SubjectRef) -> Iterator[Mapping[str, Any]]:
        return iter(self._office.entries)
