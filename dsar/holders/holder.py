"""What every holder of personal data can be asked, whether it is a part of this service or a system beside it."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol


@dataclass(frozen=True, slots=True)
class Person:
    """Whom a holder is asked about: the tenant, and the vault's number of the person."""

    tenant: int
    number: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Holding:
    """So many values of a category that are held for a purpose, for a ref such as `order:o-1` if there is one. Where something
    keeps them, `kept_by` is its code and `kept_until` is the end in milliseconds since the epoch, None for a hold without one."""

    holder: str
    category: str
    purpose: str
    ref: str
    count: int
    since: int
    kept_by: str | None = None
    kept_until: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Disposal:
    """What of a person a holder is to destroy: everything, or everything but what `keep` names by (category, purpose, ref).
    `key` is the same when the same disposal is asked for again."""

    key: str
    keep: frozenset[tuple[str, str, str]] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class Receipt:
    """What a holder did: how many values, how (`cryptographic_erase`, `delete`, `anonymise`, `restrict`, `rectify`, `none`), when
    in milliseconds since the epoch, and the SHA-256 of its signed answer where it is a system beside this one."""

    holder: str
    method: str
    count: int
    at: int
    evidence: bytes | None = None


class Holder(Protocol):
    """Holds data of people. No member is called inside a transaction. A holder that does not answer now raises
    HolderAwayError, and is asked again with the same key."""

    @property
    def name(self) -> str: ...

    def inventory(self, person: Person) -> Sequence[Holding]:
        """What is held of the person, counted, never the values."""

    def disclose(self, person: Person) -> Iterator[tuple[str, Mapping[str, Any]]]:
        """Everything that is held, as (category, fields), a piece at a time."""

    def rectify(self, person: Person, corrections: Mapping[str, str], key: str) -> Receipt:
        """Put new values in the place of old ones, by category."""

    def restrict(self, person: Person, *, on: bool, key: str) -> Receipt:
        """Store, but do not use; or use again."""

    def dispose(self, person: Person, disposal: Disposal) -> Receipt:
        """Destroy. Asking twice is asking once."""
