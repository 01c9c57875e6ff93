"""What sharing needs of others. The composition root wires it."""

from collections.abc import Mapping
from typing import Protocol

from database.transaction import Transaction


class Holdings(Protocol):
    """What is kept of people."""

    def kinds(self, tx: Transaction, tenant: int, subject: int) -> Mapping[str, frozenset[str]]:
        """The kinds of data that are kept of the person with this internal number, by the purposes for which they are."""
