"""What other packages ask of a person's row and records, in their own transactions."""

from collections.abc import Sequence
from typing import Protocol

from database.transaction import Transaction
from vault import store
from vault.identifier import KIND_BY_CODE


class RestrictionListener(Protocol):
    """Whoever keeps something of people that is not to be kept while its use is restricted."""

    def restricted(self, tx: Transaction, tenant: int, subject: int) -> None:
        """Called in the transaction that restricts the person's data."""


class PersonRow:
    """The row of a person by the internal number, and why values of theirs are kept. `listeners` hear of restrictions."""

    def __init__(self, listeners: Sequence[RestrictionListener] = ()) -> None:
        self._listeners = listeners

    def mark(self, tx: Transaction, tenant: int, subject: int, *, restricted: bool) -> None:
        """Say whether some use of the person's data is restricted. Whoever uses it reads this in the same statement as the data.
        The row stays locked against other changes until the transaction ends."""
        tx.run(store.MARK_RESTRICTED, tenant=tenant, subject=subject, restricted=int(restricted))
        for listener in self._listeners if restricted else ():
            listener.restricted(tx, tenant, subject)

    def kept(self, tx: Transaction, tenant: int, subject: int) -> list[tuple[str, str]]:
        """The different (kind, ref) of everything that is kept of the person; the ref is empty where there is none."""
        rows = tx.all(store.KEPT_USES, tenant=tenant, subject=subject)
        return [(KIND_BY_CODE[kind].name, ref) for kind, ref in rows]
