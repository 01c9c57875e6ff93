"""What the consent package needs of others, as it needs it. The composition root wires them.

A port that touches the database takes the caller's transaction and neither begins nor commits. A messenger is never called
inside one.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple, Protocol, TypeVar

from audit.entry import Reason, SubjectRef
from consent.catalogue import Edition
from database.transaction import Transaction
from work.replay import Mac

Answer = TypeVar("Answer")


class Subject(Protocol):
    """A person as the vault knows them: the internal number, the pseudonym in the log, and whether their data is frozen. Of one
    whose row does not open there is no pseudonym."""

    @property
    def number(self) -> int: ...

    @property
    def ref(self) -> SubjectRef | None: ...

    @property
    def frozen(self) -> bool: ...


class SubjectDirectory(Protocol):
    """The people of one tenant, by the platform's ids, with the tenant's keys at hand."""

    @property
    def mac(self) -> Mac:
        """The tenant's key for fingerprints of repeated calls."""

    def numbers(self, tx: Transaction, platform_ids: Sequence[str]) -> Mapping[str, int]:
        """The internal numbers of those who are known and not erased."""

    def find(self, tx: Transaction, platform_ids: Sequence[str], at: int) -> Mapping[str, Subject]:
        """Those who are known and not erased. `at` is in milliseconds since the epoch."""

    def find_or_make(self, tx: Transaction, platform_ids: Sequence[str], at: int) -> Mapping[str, Subject | Reason]:
        """Everybody: found, or made now; a reason for whoever was erased or does not open. The found rows stay locked against
        erasure until the transaction ends."""

    def by_number(self, tx: Transaction, numbers: Sequence[int], at: int) -> Mapping[int, Subject]:
        """People by their internal numbers; one whose row does not open, or was erased, is without a pseudonym."""

    def children(self, tx: Transaction, numbers: Sequence[int], at: int) -> frozenset[int]:
        """Those whose birth date in the vault says that they are under 14 at `at`."""


class Subjects(Protocol):
    """Opens directories. Keys may have to be fetched from afar, which happens before `attempt`, never inside its
    transaction."""

    def using(self, tenant: int, attempt: Callable[[SubjectDirectory], Answer]) -> Answer:
        """What `attempt` returns. It runs again with fresh keys when those at hand have moved on."""


class Editions(Protocol):
    """The catalogues of tenants."""

    def settle(self, tenant: int, at: int) -> None:
        """Make sure that the catalogue in force is on record, with the wordings of its notices. Not called inside a
        transaction."""

    def recent(self, tenant: int) -> Edition | None:
        """The edition in force, from memory, if it was looked for within the last second."""

    def in_force(self, tx: Transaction, tenant: int) -> Edition:
        """The edition in force, as it was at most a second ago."""

    def at(self, tx: Transaction, tenant: int, at: int) -> Edition:
        """The edition that was in force at `at`, in milliseconds since the epoch; the first one for moments before it."""


class Signer(Protocol):
    """Signs presentations and knows its own signatures, those of earlier keys too. Never called inside a transaction."""

    def sign(self, message: bytes) -> bytes:
        """The Ed25519 signature of `message`, 64 octets."""

    def verifier(self) -> Callable[[bytes, bytes], bool]:
        """What tells whether a message has been signed here, for the length of one call."""


class Messenger(Protocol):
    """Sends a message to a person whose address the asker does not know."""

    def send(self, tenant: int, subject: int, *, template: str, locale: str, values: Mapping[str, str]) -> str | None:
        """Send the text of a template to the person with this internal number; the channel by which it left, None where the
        vault knows no address of theirs. `values` fill the template's places. The address is looked up now and kept nowhere.

        Raises:
            OSError: it did not leave. It may be tried again.
            ValueError: there is no such template or locale, or a place of it has no value.
        """


class ConsentChange(NamedTuple):
    """One event, as whoever follows changes hears of it. `event` is its number, `at` is in milliseconds since the epoch."""

    event: int
    subject: int
    purpose: str
    state: str
    epoch: int
    at: int
    notice_version: int | None


class ConsentListener(Protocol):
    """Whoever must act on every change of a consent."""

    def changed(self, tx: Transaction, tenant: int, changes: Sequence[ConsentChange], at: int) -> None:
        """Called in the transaction that records the changes."""

    def committed(self) -> None:
        """Called after it. That it was not is no harm: whoever listens finds what it noted."""
