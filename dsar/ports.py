"""What the dsar package needs of others, as it needs it. The composition root wires them.

A port that touches the database takes the caller's transaction and neither begins nor commits. A messenger and a seal are never
called inside one.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Protocol, TypeVar

from audit.entry import Reason, SubjectRef
from database.transaction import Transaction
from dsar.request import Level, Request
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
        """The tenant's key for fingerprints of repeated calls, and of names under which nobody may be known."""

    def numbers(self, tx: Transaction, platform_ids: Sequence[str]) -> Mapping[str, int]:
        """The internal numbers of those who are known and not erased."""

    def find(self, tx: Transaction, platform_ids: Sequence[str], at: int) -> Mapping[str, Subject]:
        """Those who are known and not erased. `at` is in milliseconds since the epoch."""

    def find_or_make(self, tx: Transaction, platform_ids: Sequence[str], at: int) -> Mapping[str, Subject | Reason]:
        """Everybody: found, or made now; a reason for whoever was erased or does not open. The found rows stay locked against
        erasure until the transaction ends."""

    def by_number(self, tx: Transaction, numbers: Sequence[int], at: int) -> Mapping[int, Subject]:
        """People by their internal numbers; one whose row does not open, or was erased, is without a pseudonym."""


class Subjects(Protocol):
    """Opens directories. Keys may have to be fetched from afar, which happens before `attempt`, never inside its
    transaction."""

    def using(self, tenant: int, attempt: Callable[[SubjectDirectory], Answer]) -> Answer:
        """What `attempt` returns. It runs again with fresh keys when those at hand have moved on."""


class Messenger(Protocol):
    """Sends a message to a person whose address the asker does not know."""

    def send(self, tenant: int, subject: int, *, template: str, locale: str, values: Mapping[str, str]) -> str | None:
        """Send the text of a template to the person with this internal number; the channel by which it left, None where the
        vault knows no address of theirs. `values` fill the template's places. The address is looked up now and kept nowhere.

        Raises:
            OSError: it did not leave. It may be tried again.
            ValueError: there is no such template or locale, or a place of it has no value.
        """


class Assurance(Protocol):
    """How surely a requester must be known for what they ask."""

    def needed(self, tx: Transaction, request: Request) -> Level:
        """The level without which the request is not accepted."""

    def entitled(self, tx: Transaction, request: Request) -> bool:
        """Whether who asks for another person has shown what entitles them: a guardian the relation, an agent the authority, next
        of kin the death and the kinship (PIPL 49). Whoever asks for themselves is."""


Sealed = tuple[int, bytes]
"""The version of the tenant's key that opens it, and the sealed octets."""


class Seal(Protocol):
    """Seals what belongs to a tenant under a key of the tenant's own, each in its place: `owner` and `row`."""

    def seal(self, tenant: int, octets: bytes, *, owner: int, row: int) -> Sealed: ...

    def open(self, tenant: int, sealed: Sealed, *, owner: int, row: int) -> bytes:
        """The octets that were sealed in this place."""
