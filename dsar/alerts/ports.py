"""What alerts need of others, as they need it. The composition root wires them."""

from collections.abc import Collection, Mapping
from typing import Protocol

from database.transaction import Transaction


class Languages(Protocol):
    """In which language people have dealt with us last."""

    def spoken(self, tx: Transaction, tenant: int, subjects: Collection[int]) -> Mapping[int, str]:
        """The language of each of these people of whom one is known, in the caller's transaction."""


class Offices(Protocol):
    """Who answers questions of people."""

    def contact(self, tenant: int) -> str:
        """The address that people may write to."""
