"""What is kept of a person: kinds and purposes, never a value."""

from database.columns import millis
from database.transaction import Transaction
from vault import store
from vault.identifier import KIND_BY_CODE
from vault.means import Means


class Holdings:
    """Asked by those who have to say what is done with a person's data."""

    def __init__(self, means: Means) -> None:
        self._means = means

    def kinds(self, tx: Transaction, tenant: int, subject: int) -> dict[str, frozenset[str]]:
        """The kinds that are kept of the person with this internal number now, by the purposes for which they are."""
        found: dict[str, frozenset[str]] = {}
        for purpose, kind in tx.all(store.HELD_KINDS, tenant=tenant, subject=subject, at=millis(self._means.now())):
            found[purpose] = found.get(purpose, frozenset()) | {KIND_BY_CODE[kind].name}
        return found
