"""What the rights of people need of others. The composition root wires them."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from database.transaction import Transaction

Use = tuple[str, str, str]
"""A kind, or `account` or `assignment`; a purpose and a ref, of which both may be empty."""


Piece = tuple[str, Mapping[str, Any]]
"""A kind, or what else is held, and the fields of one value."""


@dataclass(frozen=True, slots=True)
class Counted:
    """So many things of one use, the oldest of them since then (milliseconds since the epoch)."""

    use: Use
    count: int
    since: int


class Beside(Protocol):
    """What is held of people beside their records."""

    def held(self, tx: Transaction, tenant: int, subject: int) -> Sequence[Counted]:
        """What there is, counted, in the caller's transaction."""

    def pieces(self, tenant: int, subject: int) -> Iterator[Piece]:
        """All of it, opened piece by piece in transactions of its own. What does not open is reported and told of without its
        value."""

    def delete(self, tx: Transaction, tenant: int, subject: int, going: Collection[Use]) -> None:
        """Delete what is held for these uses, in the caller's transaction."""


class UseHolds(Protocol):
    """Which uses of a person's records a legal hold keeps."""

    def held(self, tx: Transaction, tenant: int, subject: int, uses: Collection[Use]) -> Collection[Use]:
        """Those among `uses` that are kept, in the caller's transaction."""
