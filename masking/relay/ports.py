"""What the relay needs of others, as it needs it. The composition root wires them.

A port that touches the database takes the caller's transaction and neither begins nor commits.
"""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import NamedTuple, Protocol, TypeVar

from audit.entry import ObjectRef, Reason, SubjectRef
from database.transaction import Transaction
from masking.relay.decision import CallKind, RefusalReason
from masking.relay.mode import Side
from work.replay import Mac

Answer = TypeVar("Answer")


class PartyName(NamedTuple):
    """Somebody as the platform names them: by the token of a phone number, or by a person whose profile has one."""

    token: str | None = None
    subject: str | None = None


class Person(Protocol):
    """Somebody who can be called: the vault's numbers of the person and of the record, the number in E.164, the pseudonym."""

    @property
    def subject(self) -> int: ...

    @property
    def record(self) -> int: ...

    @property
    def number(self) -> str: ...

    @property
    def ref(self) -> SubjectRef: ...


class Directory(Protocol):
    """The people of one tenant, with its keys at hand."""

    @property
    def mac(self) -> Mac:
        """The tenant's key for fingerprints of repeated calls."""

    @property
    def region(self) -> str:
        """Where national numbers of the tenant are from (ISO 3166-1)."""

    def fingerprint(self, number: str) -> bytes:
        """16 octets by which a number in E.164 is found again, under the tenant's key of the relay."""

    def older_fingerprints(self, number: str) -> Sequence[bytes]:
        """Those by which it may still stand, under versions of that key that are being given up; mostly none."""

    @property
    def key_version(self) -> int:
        """The version of that key by which numbers are found."""

    def settled(self, tx: Transaction) -> None:
        """Make sure, in a transaction that writes or has found nobody by these keys, that they still are the tenant's; it is
        begun anew with others where they are not."""

    def numbers_kept(self, tx: Transaction, wanted: Sequence[tuple[int, int]]) -> Sequence[str | None]:
        """The numbers of people, by the vault's numbers of each and of the record, whatever may be done with them now; None for
        what is not there any more. For nothing but to find them under another key."""

    def order_ref(self, order: str) -> ObjectRef:
        """The pseudonym of an order."""

    def people(self, tx: Transaction, names: Sequence[PartyName], at: int) -> Sequence[Person | Reason]:
        """Who can be called, with the number opened, in order; a reason for whoever is not known, erased, frozen or restricted.
        The rows stay locked against erasure until the transaction ends."""

    def number_of(self, tx: Transaction, subject: int, record: int, at: int) -> Person | Reason:
        """Somebody to be connected now, or why they cannot be. The row stays locked against erasure as in `people`."""

    def numbers_of(self, tx: Transaction, wanted: Sequence[tuple[int, int]], at: int) -> Sequence[Person | Reason]:
        """The same of several people, by the vault's numbers of each and of the record, in order."""


class Directories(Protocol):
    """Opens directories. Keys may have to be fetched from afar, which happens before `attempt`, never inside its
    transaction."""

    def using(self, tenant: int, attempt: Callable[[Directory], Answer]) -> Answer:
        """What `attempt` returns. It runs again with fresh keys when those at hand have moved on."""


class Asked(NamedTuple):
    """A call or text that came: the number dialled, its digits, what the caller has keyed in since, the caller's fingerprint
    (empty for an anonymous one). `binding` is that of the route that it would go by, None where its routes refuse it."""

    number: int
    dialled: str
    digits: str | None
    kind: CallKind
    caller: bytes
    binding: int | None
    at: int


class Restraint(StrEnum):
    """What holds a caller back: too many calls, how they call, or that they have to key in digits first."""

    LIMITED = "limited"
    FROZEN = "frozen"
    STEP_UP = "step_up"


class Weighed(NamedTuple):
    """What holds a caller back, if anything, and how many attempts in a row of theirs were over a limit, this one included."""

    restraint: Restraint | None
    over: int


STEP_UP_DIGITS = 4
"""How many digits somebody keys in who has to show that they are no machine: the last ones of the number that they dialled."""


class Recording(StrEnum):
    """Whether a call is recorded, and if not, why. Somebody who is no party of the relay has consented to nothing."""

    ON = "on"
    NOT_WANTED = "not_wanted"
    NO_CONSENT = "no_consent"
    UNKNOWN_CALLER = "unknown_caller"


@dataclass(frozen=True, slots=True, repr=False)
class RealNumbers:
    """Both numbers of a call in E.164 and the one that was dialled, for the stream that is sealed at once where a law asks
    for it. Never stored otherwise."""

    caller: str = field(repr=False)
    callee: str = field(repr=False)
    dialled: str


class Attempt(NamedTuple):
    """What became of a call or text that came to a relay number. `leg` names it in events that follow; `refused` is None
    where it was connected, `binding` None where the caller has none there. `number` is the relay number's, by `caller` nobody
    is found without the tenant's key. `over` is of `Weighed`."""

    tenant: int
    leg: str
    number: int
    kind: CallKind
    caller: bytes
    callee: bytes
    binding: int | None
    side: Side | None
    refused: RefusalReason | None
    recording: Recording
    at: int
    numbers: RealNumbers | None = None
    caller_subject: int | None = None
    callee_subject: int | None = None
    over: int = 0


class CallRecords(Protocol):
    """The book of calls, and how often somebody may call."""

    def weigh(self, tx: Transaction, tenant: int, asked: Sequence[Asked]) -> Sequence[Weighed]:
        """What holds the callers back, in order. Asking counts each as an attempt."""

    def attempted(self, tx: Transaction, tenant: int, attempts: Sequence[Attempt]) -> None:
        """Take note of attempts; with their `numbers` where they were connected.

        Raises:
            RelayError: one cannot be noted as a law asks for it, so that it must not be connected.
        """

    def ended(self, tx: Transaction, tenant: int, binding: int, at: int, *, by_itself: bool = False) -> None:
        """Take note that a binding is over. Calls that are under way go on where it has ended by itself, by its time; else as the
        tenant's rules say."""

    def blocked(self, tx: Transaction, tenant: int, between: tuple[bytes, bytes], number: int, at: int) -> None:
        """Take note that a caller and a callee (empty for anybody) are kept apart from now on, on a number or on all (0)."""


class Consents(Protocol):
    """Whether calls may be recorded."""

    def recording(self, tx: Transaction, tenant: int, people: Sequence[int | None], at: int) -> Recording:
        """Whether each of the people, by the vault's numbers, was told of it and agreed; None is somebody who is no party."""


class Standing(Protocol):
    """Whether credentials still work."""

    def __call__(self, tx: Transaction, secrets: Collection[bytes], at: int) -> Callable[[], frozenset[bytes]]:
        """Which of these credentials work, told once the next statement has been answered."""


class Follower(Protocol):
    """Somebody who keeps bindings elsewhere, as they are here."""

    def changed(self, tx: Transaction, tenant: int, pools: Sequence[int], bindings: Sequence[int], at: int) -> None:
        """Take note of bindings that were made, changed or ended, in the transaction that does so. `pools` are theirs."""


class Reach(StrEnum):
    """Whether the switch could be told to end calls: it was, it could not be reached or did not believe us, or the operator
    named none that can be told."""

    TOLD = "told"
    FAILED = "failed"
    NONE = "none"


class HungUp(NamedTuple):
    """How many calls were ended, and whether the switch could be told to."""

    calls: int
    switch: Reach


class Left(NamedTuple):
    """Calls that were not ended: those that no switch knows, and those of which a switch that may know them did not answer."""

    unknown: Sequence[str]
    away: Sequence[str]


class Lines(Protocol):
    """Calls that are under way in the switches."""

    def end(self, legs: Sequence[str]) -> Left:
        """End calls by their legs, outside any transaction; those that were not ended."""

    def hang_up(self, tenant: int, binding: int) -> HungUp:
        """End the calls of a binding, outside any transaction."""
