"""The relay with its real book of calls, over a database and people who are made up."""

import hashlib
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar

import orjson

from audit.entry import ObjectRef, SubjectRef
from audit.log import AuditLog
from database.engine import Database
from database.statement import Statement
from database.transaction import Transaction
from dsar.desk.suppression import published
from masking.relay.binding import Bindings
from masking.relay.bound import By
from masking.relay.calls import store
from masking.relay.calls.book import CallBook
from masking.relay.calls.cases import CaseDesk
from masking.relay.calls.events import CallEvents
from masking.relay.calls.forgetting import CallSweep
from masking.relay.calls.holding import CallHolding
from masking.relay.calls.legal_keys import LegalKeys
from masking.relay.calls.legal_taking import LegalTaking
from masking.relay.calls.progress import Event, EventKind
from masking.relay.calls.reading import CallReading
from masking.relay.calls.recording import RecordingConsents
from masking.relay.calls.rule_book import RuleBook
from masking.relay.calls.rule_desk import RuleDesk
from masking.relay.calls.rules_text import default_text
from masking.relay.calls.sealed_stream import SealedStream
from masking.relay.calls.statistics import CallStatistics
from masking.relay.calls.watch import AbuseWatch
from masking.relay.exchange import Exchange
from masking.relay.routing import Answer, Books, Connected
from tests.support.clock import Clock
from tests.support.relay import TENANT, Relay, _id, all_in_force

Returned = TypeVar("Returned")


@dataclass(frozen=True)
class Somebody:
    number: int
    ref: SubjectRef | None


@dataclass
class Register:
    """People by name, as the vault knows them, and who agrees to be recorded."""

    erased: set[str] = field(default_factory=set)
    agreed: set[int] = field(default_factory=set)
    known: dict[int, str] = field(default_factory=dict)

    def using(self, tenant: int, attempt: Callable[["Register"], Returned]) -> Returned:
        return attempt(self)

    def find(self, tx: Transaction, platform_ids: Sequence[str], at: int) -> Mapping[str, Somebody]:
        return {name: Somebody(_id(name), SubjectRef("s" * 22)) for name in platform_ids if name not in self.erased}

    def by_number(self, tx: Transaction, numbers: Sequence[int], at: int) -> Mapping[int, Somebody]:
        return {number: Somebody(number, SubjectRef("s" * 22)) for number in numbers}

    def object_ref(self, ref: str) -> ObjectRef:
        return ObjectRef(hashlib.sha256(ref.encode()).hexdigest()[:22])

    def names(self, tenant: int, numbers: Collection[int]) -> Mapping[int, str]:
        return {number: f"person-{number}" for number in numbers}

    def all_agree(self, tx: Transaction, tenant: int, people: Sequence[int], purpose: str, at: int) -> bool:
        assert purpose == "call_recording"
        return set(people) <= self.agreed


class Calls(Relay):
    """The use cases of one process."""

    def __init__(self, database: Database, clock: Clock) -> None:
        super().__init__(database, clock)
        log, self.register = AuditLog(), Register()
        self.rules = RuleBook()
        self.stream = SealedStream()
        self.kept = CallBook(self.rules, self.stream)
        self.bindings = Bindings(database, self.town, log, clock, self.kept, self.book)
        self.routing = Exchange(
            database, self.town, Books(log, self.kept, RecordingConsents(self.register), all_in_force), lambda _: "CN"
        )
        self.events = CallEvents(database, self.stream, log, self.register)
        self.watch = AbuseWatch(database, log, self.rules, self.register)
        self.cases = CaseDesk(database, log, self.register, self.register)
        self.reading = CallReading(database, log, self.register, self.register)
        self.statistics = CallStatistics(database, log, self.rules, published)
        self.desk = RuleDesk(database, log, self.rules)
        self.keys = LegalKeys(database, log, self.rules, clock)
        self.taking = LegalTaking(database, log, str.isdecimal)
        self.sweep = CallSweep(database)
        self.holding = CallHolding(database)

    def rule(self, version: int = 1, /, **replaced: str) -> None:
        """Apply the rules that Moat ships with lines of them replaced, by the name that begins each."""
        lines = [f"version: {version}" if line.startswith("version:") else line for line in default_text().split("\n")]
        for name, text in replaced.items():
            (place,) = [place for place, line in enumerate(lines) if line.strip().startswith(f"{name}:")]
            indent = lines[place][: len(lines[place]) - len(lines[place].lstrip())]
            lines[place] = f"{indent}{name}: {text}"
        self.desk.apply(self.by(), "\n".join(lines))

    def call_as(self, of: "Calls", caller: str, called: int) -> Answer:
        """A call by way of this process of somebody whom another one knows."""
        return self.routing.route(self.by(), called=of.value(called), caller=of.town.number(caller))

    def short_call(self, caller: str, called: int, seconds: float = 2) -> Connected:
        """A call that is answered at once and over soon."""
        answer = self.call(caller, called)
        assert isinstance(answer, Connected)
        self.events.take(TENANT, [Event(leg=answer.leg, kind=EventKind.ANSWERED, at=self.at)], self.at)
        self.clock.advance(seconds=seconds)
        self.events.take(TENANT, [Event(leg=answer.leg, kind=EventKind.ENDED, at=self.at)], self.at)
        return answer

    def rows(self, table: str, columns: str = "*") -> list[tuple[Any, ...]]:
        return self.database.read(None, lambda tx: tx.all(Statement(f"SELECT {columns} FROM {table}")))

    def entries(self, action: str) -> list[dict[str, Any]]:
        rows = self.database.read(None, lambda tx: tx.all(Statement("SELECT body FROM audit_entry ORDER BY id")))
        return [entry for (body,) in rows if (entry := orjson.loads(body))["action"] == action]


__all__ = ["TENANT", "By", "Calls", "store"]
