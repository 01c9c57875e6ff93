"""What every holder of personal data can be asked, whether it is a part of this service or a system beside it."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Protocol
from uuid import UUID

_KEY = re.compile(r"[a-z0-9_-]{1,40}")


class Act(StrEnum):
    """What can be asked of a holder; `release` ends a restriction."""

    INVENTORY = "inventory"
    DISCLOSE = "disclose"
    RECTIFY = "rectify"
    RESTRICT = "restrict"
    RELEASE = "release"
    DISPOSE = "dispose"


@dataclass(frozen=True, slots=True)
class Person:
    """Whom a holder is asked about: the tenant, and the vault's number of the person."""

    tenant: int
    number: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Errand:
    """For what a holder is asked: the request or the run, and among what it asks of the holder a code such as `plan` or `verify`
    that is the same when the same is asked for again. It stands in the log and in tables, and must not say who anybody is.

    Raises:
        ValueError: the key is not a code of at most 40 small letters, digits, `_` and `-`.
    """

    request: UUID
    key: str

    def __post_init__(self) -> None:
        if not _KEY.fullmatch(self.key):
            raise ValueError("the key of an errand is a code")


@dataclass(frozen=True, slots=True, kw_only=True)
class Holding:
    """So many values of a category that are held for a purpose, for a ref such as `order:o-1` if there is one. A value that is
    held for two purposes counts for both. Where something keeps them, `kept_by` is its code and `kept_until` is the end in
    milliseconds since the epoch, None for a hold without one."""

    holder: str
    category: str
    purpose: str
    ref: str
    count: int
    since: int
    kept_by: str | None = None
    kept_until: int | None = None

    @property
    def use(self) -> "Use":
        """What names it in a disposal."""
        return self.category, self.purpose, self.ref


Use = tuple[str, str, str]
"""A category, a purpose and a ref, of which the last two may be empty."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Disposal:
    """What of a person a holder is to destroy: everything, or everything but what `keep` names. `reason` is why, as a code of
    `vault.shredding.ShredReason`."""

    reason: str
    keep: frozenset[Use] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class Receipt:
    """What a holder did: how many values, how (`cryptographic_erase`, `delete`, `anonymise`, `restrict`, `rectify`, `none`), when
    in milliseconds since the epoch, and the SHA-256 of its signed answer where it is a system beside this one."""

    holder: str
    method: str
    count: int
    at: int
    evidence: bytes | None = None


Piece = tuple[str, Mapping[str, Any]]
"""Something that is held: its category, and its fields as JSON has them."""


class Holder(Protocol):
    """Holds data of people. No member is called inside a transaction, and asking twice with one errand is asking once.

    Every member raises HolderAwayError where it is not done yet, to be asked again with the same errand, and HolderRefusedError
    where it will not be done: `not_supported` for what is not among `acts`.
    """

    @property
    def name(self) -> str: ...

    @property
    def acts(self) -> frozenset[Act]:
        """What it can be asked."""

    def inventory(self, person: Person, errand: Errand) -> Sequence[Holding]:
        """What is held of the person now, counted, never the values."""

    def disclose(self, person: Person, errand: Errand) -> Iterator[Piece]:
        """Everything that is held, a piece at a time. What it raises, it raises before the first piece or instead of one."""

    def rectify(self, person: Person, corrections: Mapping[str, str], errand: Errand) -> Receipt:
        """Put new values in the place of old ones, by category. What is held for an order stays as the order was made."""

    def restrict(self, person: Person, errand: Errand, *, on: bool) -> Receipt:
        """Store, but do not use; or use again."""

    def dispose(self, person: Person, disposal: Disposal, errand: Errand) -> Receipt:
        """Destroy. Raises HolderHeldError where a hold keeps what would be destroyed: nothing was changed then."""


class Holders(Protocol):
    """All holders of a tenant."""

    def of(self, tenant: int) -> Sequence[Holder]:
        """In the order in which a person is disposed of: systems beside this one first and the vault last, which alone can name
        the person to them."""
