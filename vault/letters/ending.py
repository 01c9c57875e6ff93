"""What becomes of messages by themselves: they end with the order, with either person, with a restriction, and by time."""

from database.engine import Database
from database.transaction import Transaction
from vault.handover.stage import ref_of
from vault.keys import MacKey
from vault.letters import store
from vault.letters.franking import order_fingerprint


class LettersOfOrders:
    """Has the messages of an order end. `after_ms` is how long they can be fetched after it."""

    def __init__(self, *, after_ms: int) -> None:
        self._after_ms = after_ms

    def ended(self, tx: Transaction, refs: MacKey, *, tenant: int, order: str, at: int) -> None:
        """Called in the transaction that ends the order."""
        fingerprint = order_fingerprint(refs, tenant=tenant, ref=ref_of(order))
        tx.run(store.END_LETTERS, tenant=tenant, order=fingerprint, at=at + self._after_ms)


class LetterErasure:
    """Lets go of what was sent by or to a person who is erased, or whose data is not to be used any more."""

    def erased(self, tx: Transaction, tenant: int, subject_number: int, at: int) -> None:  # noqa: ARG002 - as the port has it
        """Called in the transaction that destroys the person's key."""
        tx.run(store.DELETE_LETTERS_OF, tenant=tenant, subject=subject_number)

    def restricted(self, tx: Transaction, tenant: int, subject: int) -> None:
        """Called in the transaction that restricts the use of the person's data."""
        tx.run(store.DELETE_LETTERS_OF, tenant=tenant, subject=subject)


class LetterSweep:
    """Deletes what has ended."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def sweep(self, at: int) -> int:
        """Tells how many went."""
        return self._database.write(None, lambda tx: tx.run(store.DELETE_EXPIRED, at=at))
