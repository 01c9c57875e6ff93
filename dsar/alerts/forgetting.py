"""What alerts let go of when a person's key is destroyed."""

from database.transaction import Transaction
from dsar.alerts import store


class AlertErasure:
    """Whom a breach concerned, and who wanted to hear who saw their data."""

    def erased(self, tx: Transaction, tenant: int, subject_number: int, at: int) -> None:  # noqa: ARG002 - as the port has it
        """Called in the transaction that destroys the person's key."""
        tx.run(store.DELETE_CONCERNED, tenant=tenant, subject=subject_number)
        tx.run(store.DELETE_DIGEST, tenant=tenant, subject=subject_number)
