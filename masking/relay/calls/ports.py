"""What the book of calls needs of others, as it needs it. The composition root wires them.

A port that touches the database takes the caller's transaction and neither begins nor commits.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Protocol, TypeVar

from audit.entry import ObjectRef, SubjectRef
from database.transaction import Transaction

Answer = TypeVar("Answer")

Suppression = Callable[[Mapping[str, Mapping[str, int]], Sequence[str]], Mapping[str, Mapping[str, int | None]]]
"""Hides small cells of a table of counts, by rows and columns, whose totals it adds: None for what is hidden."""


class Consenting(Protocol):
    """The decisions of people."""

    def all_agree(self, tx: Transaction, tenant: int, people: Sequence[int], purpose: str, at: int) -> bool:
        """Whether each of the people, by the vault's numbers, has consented to a purpose by its notice in force."""


class Subject(Protocol):
    """A person as the vault knows them: the internal number, and the pseudonym in the log."""

    @property
    def number(self) -> int: ...

    @property
    def ref(self) -> SubjectRef | None: ...


class Directory(Protocol):
    """The people and orders of one tenant, with its keys at hand."""

    def find(self, tx: Transaction, platform_ids: Sequence[str], at: int) -> Mapping[str, Subject]:
        """Those who are known and not erased, by the platform's ids."""

    def by_number(self, tx: Transaction, numbers: Sequence[int], at: int) -> Mapping[int, Subject]:
        """People by their internal numbers; one whose row does not open, or was erased, is without a pseudonym."""

    def object_ref(self, ref: str) -> ObjectRef:
        """The pseudonym under which the log knows a ref."""


class Directories(Protocol):
    """Opens directories. Keys may have to be fetched from afar, which happens before `attempt`, never inside its
    transaction."""

    def using(self, tenant: int, attempt: Callable[[Directory], Answer]) -> Answer:
        """What `attempt` returns. It runs again with fresh keys when those at hand have moved on."""


class Names(Protocol):
    """The platform's ids of people."""

    def names(self, tenant: int, numbers: Collection[int]) -> Mapping[int, str]:
        """Of those who are there and not erased, by their numbers."""


def pseudonyms(tx: Transaction, directory: Directory, people: Collection[int], at: int) -> list[SubjectRef]:
    """Under which the log knows people by their numbers, without those who were erased."""
    found = directory.by_number(tx, sorted(people), at) if people else {}
    return sorted({one.ref for one in found.values() if one.ref is not None})
