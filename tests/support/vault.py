"""The vault as the composition root would put it together, with a clock that is moved and gates that a test closes."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

import orjson

from audit.entry import Reason
from audit.event_id import uuid7
from audit.log import AuditLog
from consent.catalogue_text import starter_catalogue
from database.columns import metadata, millis
from database.engine import Database
from database.statement import Statement
from database.transaction import Row, Transaction
from masking.detection.scanning import Scanner
from masking.finding import Finder
from masking.mask import mask
from masking.notes import Notes
from tests.support.clock import Clock
from vault import policy
from vault.access import Access, Acting, Caller
from vault.budget import Budget
from vault.completing import Certifier, Completing
from vault.custody.roots import Roots
from vault.destruction import Destruction
from vault.detokenization import Answer as Detokenized
from vault.detokenization import Detokenization, Presented
from vault.disclosure import Decision
from vault.handover.assigning import Handover
from vault.handover.declaring import Declaring
from vault.handover.forgetting import HandoverErasure
from vault.handover.gate import Gate, Tables
from vault.handover.picking_up import PickingUp
from vault.handover.preferences import Preferences
from vault.handover.stage import Stage
from vault.handover.statement import Assigned
from vault.handover.statement import Statement as Said
from vault.issued_token import IssuedTokens
from vault.item import Issued, ItemError, Revealed, Submitted
from vault.keyring import Keyring
from vault.log_key import ERASURE_SIGNING, LogKeyring
from vault.means import Means
from vault.open_gates import NoOrderRelay
from vault.person_row import PersonRow
from vault.policy import ROLES, PolicyEngine, View, load_policies
from vault.ports import ErasureListener, OrderRelay, Reveal
from vault.profile import Profiles
from vault.protection.forgetting import FreezeErasure
from vault.protection.freezing import Freezing
from vault.protection.honey import HoneyTokens, Trap
from vault.providers.file import FileKeyProvider, create_root_key
from vault.recording import Recording
from vault.search import Search
from vault.shred_ledger import ShredLedger
from vault.shredding import Shredding
from vault.subject import SubjectDirectory
from vault.tokenization import Answer as Tokenized
from vault.tokenization import Tokenization
from web.freezing import CredentialFreezing
from work.replay import Replay

NOTES = Notes(Finder(Scanner()))
TENANT = 1
OTHER_TENANT = 2
ISSUER = "test.example/moat"
SNAPSHOTS_MS = 86_400_000


@dataclass
class Gates:
    """All three gates of the vault. Subjects are internal numbers; what is put in here is refused. Who is restricted is marked by
    `Vault.restrict`, for the gate is asked about nobody else."""

    without_consent: set[str] = field(default_factory=set)
    restricted_subjects: set[int] = field(default_factory=set)
    held_subjects: set[int] = field(default_factory=set)
    asked: list[Reveal] = field(default_factory=list)
    listeners: list[ErasureListener] = field(default_factory=lambda: [HandoverErasure(), FreezeErasure()])
    relay: OrderRelay = field(default_factory=NoOrderRelay)
    alarms: list[int] = field(default_factory=list)

    def refusals(self, tx: Transaction, reveals: Sequence[Reveal], at: int) -> Sequence[Reason | None]:
        self.asked.extend(reveals)
        return [Reason.NO_CONSENT if reveal.purpose in self.without_consent else None for reveal in reveals]

    def restricted(self, tx: Transaction, reveals: Sequence[Reveal]) -> Sequence[bool]:
        return [reveal.subject in self.restricted_subjects for reveal in reveals]

    def note(self, tx: Transaction, tenant: int, credential: int, count: int, at: int) -> None:
        pass

    def sound(self, count: int) -> None:
        self.alarms.append(count)

    def held(self, tx: Transaction, subject: int) -> bool:
        return subject in self.held_subjects


def file_roots(database: Database, keys: Path, clock: Clock) -> Roots:
    """The root keys of a directory, proved as a start does it."""
    roots = Roots(database, [FileKeyProvider(keys)], clock)
    roots.open()
    roots.seal.proved()
    return roots


@cache
def engine() -> PolicyEngine:
    """The shipped policies over the starter catalogue; immutable, so one serves all tests."""
    return PolicyEngine(load_policies(None), starter_catalogue())


class Vault:
    """The use cases of one process. A second one over the same database is another process, with caches of its own."""

    def __init__(self, database: Database, keys: Path, clock: Clock, gates: Gates) -> None:
        if not (keys / "root.key").exists():
            create_root_key(keys)
        self.database = database
        self.keys = keys
        self.clock = clock
        self.gates = gates
        self.damaged = 0
        self.roots = file_roots(database, keys, clock)
        self.keyring = Keyring(database, self.roots, AuditLog(), clock)
        subjects = SubjectDirectory()
        access = Access(engine(), gates, gates)
        self.budget = Budget(database)
        self.means = means = Means(database, self.keyring, subjects, access, AuditLog(), clock, self._count_damage)
        recording = Recording(subjects, NOTES)

        gate = Gate(subjects, Tables())

        def decision(action: policy.Action) -> Decision:
            return Decision(action, access, gate, self.budget)

        freezing = CredentialFreezing()
        trap = Trap(means, freezing, gates)
        self.freezing = Freezing(means, freezing, gates.relay)
        self.honey = HoneyTokens(means)
        self.tokenization = Tokenization(means, recording)
        self.detokenization = Detokenization(means, decision(policy.Action.DETOKENIZE), NOTES.mask, building, trap)
        self.searching = Search(means, decision(policy.Action.SEARCH))
        self.profiles = Profiles(means, recording, decision(policy.Action.SUBJECT_READ), NOTES.mask)
        self.ledger = ShredLedger(keys, keys)
        self.destruction = Destruction(database, self.ledger, AuditLog(), clock, gates.listeners)
        self.destruction.catch_up()
        signing = LogKeyring(database, self.roots, AuditLog(), clock, usage=ERASURE_SIGNING)
        self.completing = Completing(self.ledger, SNAPSHOTS_MS)
        self.certifier = Certifier(self.completing, self.ledger, signing, ISSUER)
        self.shredding = Shredding(means, gates, self.destruction, self.certifier)
        self.tokens = IssuedTokens(means, trap)
        self.handover = Handover(means, gates.relay)
        self.picking_up = PickingUp(means)
        self.preferences = Preferences(means)
        self.declaring = Declaring(means)

    def another_process(self, database: Database | None = None) -> "Vault":
        """The same deployment seen by a process that has nothing in memory yet."""
        return Vault(database or self.database, self.keys, self.clock, self.gates)

    def caller(
        self, role: str = "service", *, tenant: int = TENANT, courier: str | None = None, preserving: bool = False
    ) -> Caller:
        """A caller with a request of its own. Each role has one credential; with `courier` it acts for that courier."""
        acting = None if courier is None else Acting("courier", courier)
        request = str(uuid7(millis(self.clock())))
        return Caller(tenant, ROLES.index(role) + 1, role, request, acting=acting, preserving=preserving)

    def assign(
        self, order: str, courier: str, stage: Stage = Stage.ASSIGNED, *, caller: Caller | None = None, **said: Any
    ) -> Assigned:
        """Say of an order who has it, and how far it is."""
        statement = Said(order=order, courier=courier, stage=stage, **said)
        return self.handover.assign(caller or self.caller(), statement)

    def tokenize(
        self,
        *items: Submitted,
        caller: Caller | None = None,
        atomic: bool = False,
        replay: Replay | None = None,
    ) -> list[Tokenized]:
        return self.tokenization.tokenize(caller or self.caller(), items, atomic=atomic, replay=replay)

    def token(self, item: Submitted | None = None, *, caller: Caller | None = None) -> str:
        """The token of one value, which must be stored."""
        (answer,) = self.tokenize(item or submitted(), caller=caller)
        assert isinstance(answer, Issued), answer
        return answer.token

    def detokenize(
        self,
        *tokens: str,
        purpose: str = "delivery",
        ref: str = "order:o-1",
        view: View = View.PLAIN,
        caller: Caller | None = None,
        normal: bool = False,
        replay: Replay | None = None,
    ) -> list[Detokenized]:
        items = [Presented(token, purpose, ref) for token in tokens]
        return self.detokenization.detokenize(caller or self.caller(), items, view, normal=normal, replay=replay)

    def seen(self, *tokens: str, **options: Any) -> list[str]:
        """What each token answers in one word: the value, or the reason or code of the refusal."""
        answers = self.detokenize(*tokens, **options)
        return [a.value if isinstance(a, Revealed) else _refusal(a) for a in answers]

    def restrict(self, number: int) -> None:
        """Restrict the use of a person's data."""
        self.gates.restricted_subjects.add(number)
        self.database.write(TENANT, lambda tx: PersonRow().mark(tx, TENANT, number, restricted=True))

    def entries(
        self, tenant: int = TENANT, *, request: str | None = None, action: str | None = None
    ) -> list[dict[str, Any]]:
        """The log's entries in order, all of a tenant, or those of a request or an action."""
        found = [orjson.loads(body) for (body,) in self.sql("SELECT body FROM audit_entry ORDER BY id")]
        return [
            entry
            for entry in found
            if entry["tenant"] == tenant and request in (None, entry["request"]) and action in (None, entry["action"])
        ]

    def sql(self, text: str, *, many: Any = None, rows: Any = (), **parameters: Any) -> list[Row]:
        """The rows of a query in the system's scope, on SQLite and PostgreSQL alike."""
        return self.database.read(None, lambda tx: tx.all(Statement(text, many=many), rows=rows, **parameters))

    def damage(self, text: str, **parameters: Any) -> int:
        """Change rows behind the program's back and tell how many were changed."""
        return self.database.write(None, lambda tx: tx.run(Statement(text), **parameters))

    def dump(self) -> dict[str, list[Row]]:
        """Every row of every table."""
        return {name: self.sql(f"SELECT * FROM {name}") for name in sorted(metadata.tables)}

    def _count_damage(self, count: int) -> None:
        self.damaged += count


def _refusal(answer: Detokenized) -> str:
    assert isinstance(answer, ItemError), answer
    return str(answer.reason or answer.code)


def building(address: str) -> str:
    """An address down to its building."""
    return mask("address", address, "waybill")


def submitted(value: str = "13812345678", kind: str = "phone", **options: Any) -> Submitted:
    """A value of customer cust-1001 for the delivery of order o-1, unless told otherwise."""
    stated = {"subject": "cust-1001", "purpose": "delivery", "ref": "order:o-1", **options}
    return Submitted(kind=kind, value=value, **stated)
