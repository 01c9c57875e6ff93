"""What the rights of people need of others. The composition root wires them."""

from collections.abc import Collection
from typing import Protocol

from database.transaction import Transaction

Use = tuple[str, str, str]
"""A kind, or `account` or `assignment`; a purpose and a ref, of which both may be empty."""


class UseHolds(Protocol):
    """Which uses of a person's records a legal hold keeps."""

    def held(self, tx: Transaction, tenant: int, subject: int, uses: Collection[Use]) -> Collection[Use]:
        """Those among `uses` that are kept, in the caller's transaction."""
