"""What retention needs of others, as it needs it. The composition root wires them.

A port that touches the database takes the caller's transaction and neither begins nor commits.
"""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple, Protocol, TypeVar

from database.transaction import Transaction
from dsar.retention.due import KeptUse
from work.replay import Mac

Answer = TypeVar("Answer")

Place = tuple[int, str, str]
"""The number of a record, a purpose and a ref: what names a use, and by which uses are in order."""


class PlacedUse(KeptUse, Protocol):
    """A use and what names it."""

    @property
    def place(self) -> Place: ...


class Uses(Protocol):
    """Why records, and whatever else is kept of people, are kept."""

    def page(self, tx: Transaction, tenant: int, after: Place, limit: int) -> Sequence[PlacedUse]:
        """The uses that come next after a place."""

    def present(self, tx: Transaction, tenant: int, places: Sequence[Place]) -> Mapping[Place, PlacedUse]:
        """Those of these uses that are there."""

    def passed(self, tx: Transaction, tenant: int, place: Place) -> tuple[int, int]:
        """How far a place is on the way through all uses, and how long that is."""

    def last_activity(self, tx: Transaction, tenant: int, subjects: Iterable[int]) -> Mapping[int, int]:
        """When each of these people last got a use, in milliseconds since the epoch."""

    def hold(self, tx: Transaction, tenant: int, subjects: Iterable[int]) -> None:
        """Keep writers away from these people until the transaction ends."""

    def end(self, tx: Transaction, tenant: int, places: Sequence[Place]) -> int:
        """End uses; a record goes with its last one. Tells how many records went."""

    def restrict(self, tx: Transaction, tenant: int, places: Sequence[Place], at: int) -> None:
        """Have uses stored and not used any more."""

    def tenants(self, tx: Transaction) -> Mapping[int, int]:
        """The tenants that have ever stored anything, and since when in milliseconds since the epoch, in a transaction of the
        system's scope."""


class RecordUses(Protocol):
    """The uses of the vault's records alone, as `Uses` has them."""

    def page(self, tx: Transaction, tenant: int, after: Place, limit: int) -> Sequence[PlacedUse]: ...

    def present(self, tx: Transaction, tenant: int, places: Sequence[Place]) -> Mapping[Place, PlacedUse]: ...

    def last_record(self, tx: Transaction, tenant: int) -> int:
        """The highest number of a record that has a use; 0 where there is none."""

    def last_activity(self, tx: Transaction, tenant: int, subjects: Iterable[int]) -> Mapping[int, int]: ...

    def hold(self, tx: Transaction, tenant: int, subjects: Iterable[int]) -> None: ...

    def end(self, tx: Transaction, tenant: int, places: Sequence[Place]) -> int: ...

    def restrict(self, tx: Transaction, tenant: int, places: Sequence[Place], at: int) -> None: ...

    def tenants(self, tx: Transaction) -> Mapping[int, int]: ...


class Keeper(Protocol):
    """What is kept of people beside the vault's records, such as tracks, pictures, messages and calls: each thing is a use by
    itself, and is gone when that ends. Numbers are the keeper's own, positive and below 2^48, and need not be dense."""

    @property
    def kinds(self) -> Collection[str]:
        """What policies and holds call them."""

    def page(self, tx: Transaction, tenant: int, after: Place, limit: int) -> Sequence[PlacedUse]:
        """Those that come next after a place, in the order of their places."""

    def present(self, tx: Transaction, tenant: int, places: Sequence[Place]) -> Mapping[Place, PlacedUse]:
        """Those of these that are there."""

    def end(self, tx: Transaction, tenant: int, places: Sequence[Place]) -> int:
        """Destroy these; tells how many there were."""


class Leaving(Protocol):
    """Destroys the keys of people of whom no record is left."""

    def intend(self, tx: Transaction, tenant: int, subjects: Iterable[int], at: int) -> int:
        """Settle that the keys of those of these people who have no record left, and whom no hold keeps, are destroyed; tells how
        many those are."""

    def finish(self, tenant: int) -> int:
        """Destroy the keys of some for whom it is settled, outside any transaction; tells how many, 0 when none is left."""


class Directory(Protocol):
    """The people of one tenant, by the platform's ids, with the tenant's keys at hand."""

    @property
    def mac(self) -> Mac:
        """The tenant's key for fingerprints of repeated calls."""

    def numbers(self, tx: Transaction, platform_ids: Sequence[str]) -> Mapping[str, int]:
        """The internal numbers of those who are known and not erased."""


class Subjects(Protocol):
    """Opens directories. Keys may have to be fetched from afar, which happens before `attempt`, never inside its transaction."""

    def using(self, tenant: int, attempt: Callable[[Directory], Answer]) -> Answer:
        """What `attempt` returns. It runs again with fresh keys when those at hand have moved on."""


@dataclass(frozen=True, slots=True)
class ToldPurpose:
    """What people are told of a purpose: the kinds it needs, whether it rests on consent, and for how many days at most data are
    kept, where a number says it."""

    kinds: Collection[str]
    rests_on_consent: bool
    days: int | None


class Catalogue(Protocol):
    """The purposes in force."""

    def purposes(self, tx: Transaction, tenant: int) -> Mapping[str, ToldPurpose]:
        """The tenant's purposes by their ids."""


class Vocabulary(NamedTuple):
    """The kinds that there are, and what tells whether an id reads as personal data."""

    kinds: Collection[str]
    reads_as_personal: Callable[[str], bool]
