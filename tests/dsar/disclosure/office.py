"""Disclosure over a test's database as one process has it: with a desk, holders and a published log that do as a test says."""

import io
import os
import pty
import subprocess
import zipfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any
from uuid import UUID

from nacl.signing import SigningKey
from pyrage import passphrase

from audit.checkpoint import Checkpoint, Note, VerifierKey, sign
from audit.entry import Actor, ActorKind, SubjectRef
from audit.event_id import uuid7
from audit.log import AuditLog
from audit.merkle import leaf_hash
from audit.proof import EntryProof
from audit.reader import entries_of_act
from database.columns import millis
from database.engine import Database
from database.transaction import Transaction
from dsar.desk.errors import RequestNotFoundError, RequestStateError
from dsar.disclosure.choosing import Choosing
from dsar.disclosure.fetching import Around, Fetching
from dsar.disclosure.jobs import EXECUTE, ExecuteTask
from dsar.disclosure.keeping import Keeping
from dsar.disclosure.making import Maker, Sources, Terms
from dsar.disclosure.manifest import verifier_key
from dsar.disclosure.ports import Answered, Proved, Rule, Rules, Visitor
from dsar.disclosure.receiver import Receivers
from dsar.disclosure.shelf import Shelf
from dsar.disclosure.stored import Stored
from dsar.disclosure.telling import Telling
from dsar.disclosure.transfer import Transfer, Way
from dsar.holders.holder import Act, Disposal, Errand, Holding, Person, Piece, Receipt
from dsar.request import By, Level, Request, RequestState
from dsar.right import Requester, Right
from tests.support.audit_log import LOG
from tests.support.clock import Clock
from vault.tenant_seal import TenantSeal
from work.desk import JobDesk
from work.job import Job, JobState

TENANT = 1
SUBJECT = 7
REF = SubjectRef("A" * 22)
ISSUER = LOG.name


class Key:
    """A signing key made of a seed."""

    def __init__(self) -> None:
        self._key = SigningKey(b"\x11" * 32)

    @property
    def public(self) -> bytes:
        return bytes(self._key.verify_key)

    def sign(self, message: bytes) -> bytes:
        return self._key.sign(message).signature

    def signers(self) -> Sequence["Key"]:
        return [self]


@dataclass
class FakeHolder:
    """A system that holds what a test puts in."""

    name: str
    pieces: Callable[[], Iterator[Piece]] = lambda: iter(())
    holdings: Sequence[Holding] = ()
    acts: frozenset[Act] = frozenset({Act.INVENTORY, Act.DISCLOSE})
    away: Exception | None = None
    asked: int = 0

    def inventory(self, person: Person, errand: Errand) -> Sequence[Holding]:
        if self.away is not None:
            raise self.away
        return self.holdings

    def disclose(self, person: Person, errand: Errand) -> Iterator[Piece]:
        self.asked += 1
        return self.pieces()

    def rectify(self, person: Person, corrections: Mapping[str, str], errand: Errand) -> Receipt:
        raise NotImplementedError

    def restrict(self, person: Person, errand: Errand, *, on: bool) -> Receipt:
        raise NotImplementedError

    def dispose(self, person: Person, disposal: Disposal, errand: Errand) -> Receipt:
        raise NotImplementedError


class FakeDesk:
    """Requests in memory."""

    def __init__(self) -> None:
        self.requests: dict[UUID, Request] = {}
        self.completions: list[UUID] = []

    def find(self, tx: Transaction, tenant: int, request: UUID) -> Request:
        found = self.requests.get(request)
        if found is None or found.tenant != tenant:
            raise RequestNotFoundError
        return found

    def prepared(self, tx: Transaction, request: Request, needs_approval: bool, at: int) -> None:
        state = RequestState.REVIEW if needs_approval else RequestState.EXECUTING
        self.requests[request.id] = replace(request, state=state)

    def completed(self, tx: Transaction, request: Request, at: int) -> None:
        if request.ended:
            raise RequestStateError
        self.completions.append(request.id)
        self.requests[request.id] = replace(request, state=RequestState.COMPLETED)


class PublishedAtOnce:
    """A log that publishes each act as a log of its own first entry."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self.behind = False

    def of(self, tenant: int, act: UUID) -> Proved | None:
        found = self._database.read(tenant, lambda tx: entries_of_act(tx, tenant, act))
        if self.behind or not found:
            return None
        entry = found[0].body
        text = Checkpoint(LOG.name, 1, leaf_hash(entry)).text
        note = Note(text, (sign(text, LOG.name, LOG.seed),))
        return Proved(entry, bytes(EntryProof(0, (), bytes(note))))


@dataclass
class Outbox:
    """Messages to people."""

    sent: list[Mapping[str, str]] = field(default_factory=list)

    def send(self, tenant: int, subject: int, *, template: str, locale: str, values: Mapping[str, str]) -> str | None:
        self.sent.append({"template": template, "locale": locale, **values})
        return "sms"


@dataclass
class Outside:
    """A receiver of transfers."""

    calls: list[tuple[str, str, Mapping[str, str], bytes]] = field(default_factory=list)
    statuses: list[int] = field(default_factory=list)

    def call(self, method: str, url: str, headers: Mapping[str, str], body: bytes) -> Answered:
        self.calls.append((method, url, headers, body))
        return Answered(self.statuses.pop(0) if self.statuses else 200, b'{"receipt":"r-1"}')


class NoMac:
    """Fingerprints of nothing."""

    def digest(self, message: bytes, *, label: bytes) -> bytes:
        return message


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


RULES = Rules(
    controller="Moat Delivery",
    contact="Privacy office",
    address="1 Harbour Road",
    email="privacy@moat.example",
    phone="",
    url="",
    security="Everything is encrypted.",
    version=1,
    rules=tuple(
        Rule(
            purpose=purpose,
            title=purpose.title(),
            description=f"For {purpose}",
            ground=ground,
            kinds=("Phone",),
            recipients=("Courier company",),
            transfers=(),
            retention="30 days",
            given=given,
        )
        for purpose, ground, given in (
            ("delivery", "contract", True),
            ("recommendation", "consent", True),
            ("fraud_control", "legal duty", False),
        )
    ),
)


def age_opens(path: Path, identity: Path) -> bytes:
    """What Debian's age makes of a file with an identity."""
    command = ["age", "--decrypt", "-i", str(identity), str(path)]
    return subprocess.run(command, capture_output=True, check=True).stdout


def age_opens_by_passphrase(path: Path, told: str, place: Path) -> bytes:
    """What Debian's age makes of a file with a passphrase, typed at a terminal of its own."""
    out = place / "opened"
    pid, terminal = pty.fork()
    if pid == 0:
        os.execvp("age", ["age", "--decrypt", "-o", str(out), str(path)])
    heard = b""
    while b"passphrase" not in heard:
        heard += os.read(terminal, 1024)
    os.write(terminal, f"{told}\n".encode())
    with suppress(OSError):
        while os.read(terminal, 1024):
            pass
    _, status = os.waitpid(pid, 0)
    os.close(terminal)
    assert status == 0, heard
    return out.read_bytes()
