"""What erasures need of others, as they need it. The composition root wires them.

A port that touches the database takes the caller's transaction and neither begins nor commits. Names, keys that sign and the
withdrawal of consents are never asked for inside one.
"""

from collections.abc import Collection, Mapping, Sequence
from typing import NamedTuple, Protocol

from audit.entry import ObjectRef, SubjectRef
from database.transaction import Transaction
from dsar.holders.holder import Errand, Person


class Names(Protocol):
    """Pseudonyms of the log."""

    def person(self, tenant: int, number: int) -> SubjectRef | None:
        """Of a person; None of whoever is not there, or erased."""

    def refs(self, tenant: int, refs: Collection[str]) -> Mapping[str, ObjectRef]:
        """Of refs such as `order:o-1`."""


class Events(Protocol):
    """What is known of the life of orders."""

    def starts(
        self, tx: Transaction, tenant: int, refs: Collection[str], events: Collection[str]
    ) -> Mapping[str, Mapping[str, int]]:
        """When which of these events came to these refs, in milliseconds since the epoch."""

    def running(self, tx: Transaction, tenant: int, refs: Collection[str], at: int) -> Collection[str]:
        """Those of the refs that are orders under way at `at`."""


class Withdrawal(Protocol):
    """Withdraws consents in the name of their person."""

    def withdraw(self, person: Person, errand: Errand) -> Collection[str]:
        """Withdraw all that are in force, and tell to which purposes. Doing it twice is doing it once."""


class DestroyedKey(NamedTuple):
    """That a person's key was destroyed: when (milliseconds since the epoch), the version of the KEK that had wrapped it, and the
    line of the shred ledger that says so, with the SHA-256 of the line."""

    at: int
    kek: int
    ledger: bytes
    line: int
    digest: bytes


class Complete(NamedTuple):
    """The date D from which on no copy can be read, in milliseconds since the epoch, and the rule that gave it."""

    at: int
    rule: str


class Keys(Protocol):
    """What became of keys."""

    def destroyed(self, tx: Transaction, tenant: int, number: int) -> DestroyedKey | None:
        """The destruction of a person's key; None where it was not."""

    def complete(self, tx: Transaction, tenant: int, key: DestroyedKey) -> Complete:
        """From when on nobody can read what the key had sealed, as far as it is known now."""


class Signer(Protocol):
    """A key that signs certificates."""

    @property
    def public(self) -> bytes: ...

    def sign(self, message: bytes) -> bytes: ...


class SigningKeys(Protocol):
    """The keys that sign certificates."""

    def signers(self) -> Sequence[Signer]: ...


class Proved(NamedTuple):
    """That the log has an entry: which log, as which leaf, and the octets of the proof (c2sp.org/tlog-proof)."""

    origin: str
    leaf: int
    proof: bytes


class Proofs(Protocol):
    """The published log."""

    def of(self, log: int, leaf: int) -> Proved | None:
        """The proof of an entry; None until this host has published it."""
