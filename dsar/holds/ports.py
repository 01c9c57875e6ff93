"""What holds and restrictions need of others, as they need it. The composition root wires them.

A port that touches the database takes the caller's transaction and neither begins nor commits.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from typing import NamedTuple, Protocol, TypeVar

from audit.entry import ObjectRef, SubjectRef
from database.transaction import Transaction
from dsar.holds.hold import Hold
from work.replay import Mac

Answer = TypeVar("Answer")


class Subject(Protocol):
    """A person as the vault knows them: the internal number, and the pseudonym in the log."""

    @property
    def number(self) -> int: ...

    @property
    def ref(self) -> SubjectRef | None: ...


class Directory(Protocol):
    """The people of one tenant, by the platform's ids, with the tenant's keys at hand."""

    @property
    def mac(self) -> Mac:
        """The tenant's key for fingerprints of repeated calls."""

    def find(self, tx: Transaction, platform_ids: Sequence[str], at: int) -> Mapping[str, Subject]:
        """Those who are known and not erased."""

    def by_number(self, tx: Transaction, numbers: Sequence[int], at: int) -> Mapping[int, Subject]:
        """People by their internal numbers; one whose row does not open, or was erased, is without a pseudonym."""

    def being_erased(self, tx: Transaction, number: int) -> bool:
        """Whether the destruction of the person's key has begun: it cannot be called back."""

    def object_ref(self, ref: str) -> ObjectRef:
        """The pseudonym under which the log knows a ref."""


class Subjects(Protocol):
    """Opens directories. Keys may have to be fetched from afar, which happens before `attempt`, never inside its transaction."""

    def using(self, tenant: int, attempt: Callable[[Directory], Answer]) -> Answer:
        """What `attempt` returns. It runs again with fresh keys when those at hand have moved on."""


class Names(Protocol):
    """The platform's ids of people."""

    def names(self, tenant: int, numbers: Collection[int]) -> Mapping[int, str]:
        """Of those who are there and not erased, by their numbers."""


class Vocabulary(NamedTuple):
    """The words that a scope may use: the kinds that there are, and what tells whether an id reads as personal data."""

    kinds: Collection[str]
    reads_as_personal: Callable[[str], bool]


class ReleaseListener(Protocol):
    """Whoever keeps something waiting for holds to be released."""

    def released(self, tx: Transaction, tenant: int, hold: Hold, at: int) -> None:
        """Called in the transaction that releases the hold. Other holds may still keep what waits."""


class KeptUses(Protocol):
    """Why values of a person are kept by the vault."""

    def kept(self, tx: Transaction, tenant: int, subject: int) -> Sequence[tuple[str, str]]:
        """The different (kind, ref) of everything that is kept of the person; the ref is empty where there is none."""


class RestrictedMark(Protocol):
    """The mark in the vault's row of a person that makes it ask about restrictions at every use."""

    def mark(self, tx: Transaction, tenant: int, subject: int, *, restricted: bool) -> None:
        """Set the mark or take it away. The person's row stays locked against other changes until the transaction ends."""
