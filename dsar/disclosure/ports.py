"""What disclosure needs of others, as it needs it. The composition root wires them.

A port that takes a transaction neither begins nor commits. None of the others is called inside one.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, NamedTuple, Protocol
from uuid import UUID

from audit.entry import SubjectRef
from audit.ports import Signer
from database.transaction import Transaction
from dsar.request import Level, Request


class Desk(Protocol):
    """The request desk, in the caller's transaction. Each change is an entry in the log."""

    def find(self, tx: Transaction, tenant: int, request: UUID) -> Request:
        """The request. Raises RequestNotFoundError."""

    def prepared(self, tx: Transaction, request: Request, needs_approval: bool, at: int) -> object:
        """It can be carried out, or reviewed first."""

    def completed(self, tx: Transaction, request: Request, at: int) -> object:
        """It has been carried out. Raises RequestStateError where it has ended otherwise meanwhile."""


class PersonNames(Protocol):
    """Who the people behind the vault's numbers are for the log."""

    def ref(self, tenant: int, subject: int) -> SubjectRef | None:
        """The pseudonym of a person; None once they were erased."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """One purpose of the catalogue, in words of the person's language. `given` says that it rests on consent or a contract."""

    purpose: str
    title: str
    description: str
    ground: str
    kinds: tuple[str, ...]
    recipients: tuple[str, ...]
    transfers: tuple[str, ...]
    retention: str
    given: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """The rules of processing as the tenant's catalogue has them: who answers for the data, and what they are used for."""

    controller: str
    contact: str
    address: str
    email: str
    phone: str
    url: str
    security: str
    version: int
    rules: tuple[Rule, ...]

    def only(self, rules: tuple[Rule, ...]) -> "Rules":
        """The same, with these rules alone."""
        return replace(self, rules=rules)


class RuleBook(Protocol):
    """The catalogues."""

    def rules(self, tenant: int, locale: str, at: int) -> Rules:
        """What is in force for a tenant."""


class AccessEntries(Protocol):
    """The audit log's entries that name a person."""

    def of(self, tenant: int, ref: SubjectRef) -> Iterator[Mapping[str, Any]]:
        """Their fields, the newest first, with `items`, how many of the entry's items are the person's."""


class Proved(NamedTuple):
    """An entry of the log, and the octets of the proof that it is there."""

    entry: bytes
    proof: bytes


class Proofs(Protocol):
    """The published log."""

    def of(self, tenant: int, act: UUID) -> Proved | None:
        """The first entry of an act with its proof; None until this host has published it."""


class SigningKeys(Protocol):
    """The deployment's keys that sign packages."""

    def signers(self) -> Sequence[Signer]:
        """Those that sign now."""


@dataclass(frozen=True, slots=True)
class Visitor:
    """Somebody who has proved who they are, and how surely it is so at this moment."""

    tenant: int
    subject: int
    level: Level


class Visitors(Protocol):
    """The sessions of people."""

    def who(self, tenant: int, session: str, at: int) -> Visitor | None:
        """Whose session a text is; None for whatever is no session of the tenant that lives."""


class Answered(NamedTuple):
    """What a receiver of a transfer answered."""

    status: int
    body: bytes


class Outside(Protocol):
    """The way out, to origins that the operator allows."""

    def call(self, method: str, url: str, headers: Mapping[str, str], body: bytes) -> Answered:
        """Make one call. Raises ReceiverRefusedError where it is not allowed and ReceiverAwayError where no answer came."""
