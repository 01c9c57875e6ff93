"""What stands in for the parts around disclosure: a desk, holders, a log that publishes at once, people and receivers."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from uuid import UUID

from nacl.signing import SigningKey

from audit.checkpoint import Checkpoint, Note, sign
from audit.entry import SubjectRef
from audit.merkle import leaf_hash
from audit.proof import EntryProof
from audit.reader import entries_of_act
from database.engine import Database
from database.transaction import Transaction
from dsar.desk.errors import RequestNotFoundError, RequestStateError
from dsar.disclosure.ports import Answered, Proved, Rule, Rules
from dsar.holders.holder import Act, Disposal, Errand, Holding, Person, Piece, Receipt
from dsar.request import Request, RequestState
from tests.support.audit_log import LOG

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
