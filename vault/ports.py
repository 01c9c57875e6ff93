"""What the vault needs of others, as it needs it. The composition root wires them.

A port that touches the database takes the caller's transaction and neither begins nor commits. The key provider is
never called inside one.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple, Protocol, TypeVar

from audit.entry import Actor, Reason
from database.transaction import Transaction
from vault.item import Sealing
from vault.keys import Bound, MacKey
from vault.policy import PurposeCatalogue

Answer = TypeVar("Answer")


class KeyProvider(Protocol):
    """Keeps root keys and wraps with them. The context of a key is authenticated with it and must be the same to unwrap.

    Every member raises KeysUnavailableError where the provider cannot be asked now, and RootKeyError where it has not the root,
    or refuses this service for good.
    """

    name: str

    def newest(self) -> str:
        """Id of the root key that was made last."""

    def wrap(self, root: str, keys: Sequence[Bound]) -> list[bytes]:
        """Each key wrapped in its context."""

    def unwrap(self, root: str, wrapped: Sequence[Bound]) -> list[bytes]:
        """Each key opened in its context. Raises IntegrityError where one was not wrapped by this root in this context."""

    def create_root(self) -> str:
        """Make a root key beside those that there are, durable before this returns, and give its id."""

    def destroy_root(self, root: str) -> None:
        """Destroy a root key for good; one that is not there is no error."""

    def close(self) -> None:
        """Let go of connections. Another call opens them again."""


class Reveal(NamedTuple):
    """A value about to be used: whose, of what kind, what for and in which view; `marked` where the person's row says that some
    use of their data is restricted, and this one is not the answer to their own request."""

    subject: int
    kind: str
    sensitive: bool
    purpose: str
    view: str
    marked: bool = False


class Catalogues(Protocol):
    """The purposes that are in force."""

    def of(self, tenant: int) -> PurposeCatalogue:
        """The tenant's catalogue: the same object until another is in force. Asked for each value, so that it mostly answers from
        memory; what it has to read it reads by single statements of its own, for it is asked outside transactions, too."""


class RevealGate(Protocol):
    """Consent: whether each use rests on a lawful basis at this moment, in order; None is yes."""

    def refusals(self, tx: Transaction, reveals: Sequence[Reveal], at: int) -> Sequence[Reason | None]: ...


class ConsentHistory(Protocol):
    """What stood in the way of uses that were refused for want of consent."""

    def causes(self, tx: Transaction, subjects: Sequence[int], purpose: str, at: int) -> Mapping[str, int]:
        """How many of these people stood how to the purpose at `at`, by codes such as `withdrawn` and `no_record`."""


class RestrictionGate(Protocol):
    """Whose data may be stored but not used (PIPL 44 and 47, GDPR 18)."""

    def restricted(self, tx: Transaction, reveals: Sequence[Reveal]) -> Sequence[bool]:
        """Whether each use is, in order. Asked about marked ones only."""


class LogGate(Protocol):
    """Whether the audit log lags so far behind that no more plain values may leave until it has caught up."""

    def behind(self) -> bool: ...


class HoldGate(Protocol):
    """Whose data must not be destroyed, because a case needs it."""

    def held(self, tx: Transaction, subject: int) -> bool: ...


class ErasureListener(Protocol):
    """Whoever keys rows of their own by the vault's number of a person, and must let go of them when the key is destroyed."""

    def erased(self, tx: Transaction, tenant: int, subject_number: int, at: int) -> None:
        """Called in the destroying transaction. It must work when nothing of the person is there, and may come again: after a
        crash, and when a restored backup brought back what had been erased."""


class Recipients(Protocol):
    """The devices for which values may be sealed."""

    def sealing(self, tx: Transaction, tenant: int, person: int | None, key: bytes, at: int) -> Sealing | Reason:
        """How to seal for the public key `key`, which must be a device of this person, or why nothing is sealed for it."""


class NoteReading(Protocol):
    """What is in a note: how many values of which kinds, and how many names of people a masked view of it would still show.
    `bare_names` is None where nobody who knows names has read it."""

    @property
    def kinds(self) -> Mapping[str, int]: ...

    @property
    def bare_names(self) -> int | None: ...


class NoteScanner(Protocol):
    """Looks for personal values that people wrote into notes. In memory only."""

    def read(self, notes: Sequence[str]) -> Sequence[NoteReading]:
        """Each note, in order. It may take its time, and is never asked inside transactions."""

    def skim(self, notes: Sequence[str]) -> Sequence[NoteReading]:
        """Each note, in order, quickly and without whoever knows names, for notes that are made inside transactions."""


class Masker(Protocol):
    """The masked view of a value of a kind. Total: what it cannot read it hides whole."""

    def __call__(self, kind: str, value: str) -> str: ...


class BuildingMask(Protocol):
    """An address down to its building. Total, like a masker."""

    def __call__(self, address: str) -> str: ...


class Credentials(Protocol):
    """The credentials of a tenant, as freezes need them."""

    def freeze(self, tx: Transaction, tenant: int, credential: int, at: int) -> bool:
        """Let no call with the credential in any more; False where there is none, or it was revoked."""

    def thaw(self, tx: Transaction, tenant: int, credential: int) -> None:
        """Let calls with it in again."""


class Alarm(Protocol):
    """Who is told that somebody presented a honey token."""

    def note(self, tx: Transaction, tenant: int, credential: int, count: int, at: int) -> None:
        """Called in the transaction that saw it."""

    def sound(self, count: int) -> None:
        """Called after its commit."""


class OrderEnd(Protocol):
    """Whoever keeps something of an order that ends with it."""

    def ended(self, tx: Transaction, refs: MacKey, *, tenant: int, order: str, at: int) -> None:
        """Called in the transaction that ends the order, or says its end again. `refs` is the tenant's key for fingerprints."""


class OrderLine(Protocol):
    """The relay numbers of orders, by the platform's ids of orders and people."""

    def open(self, tx: Transaction, *, order: str, courier: str, customer: str, at: int) -> str | None:
        """The number by which courier and customer of an order reach each other; the same again while it is open. None where
        there is none for them now, and then nothing was changed."""

    def close(self, tx: Transaction, *, order: str, at: int) -> None:
        """Let the order's number reach nobody any more. An order without one is no error."""


class OrderRelay(Protocol):
    """The relay, as orders need it."""

    def numbers(self, tx: Transaction, tenant: int) -> Callable[[], bool]:
        """Whether the tenant has relay numbers, so that orders may have some: asked with the statement after it."""

    def using(self, tenant: int, actor: Actor, request: str, attempt: Callable[[OrderLine], Answer]) -> Answer:
        """What `attempt` returns, which does its work in one transaction, for `actor` in a request. It runs again when the keys
        have moved on."""
