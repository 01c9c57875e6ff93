"""What is let go of with a person's key: what they chose, and freezes of them. Assignments go with the key itself."""

from database.transaction import Transaction
from vault.handover import store


class HandoverErasure:
    """Hears of erasures."""

    def erased(self, tx: Transaction, tenant: int, subject_number: int, at: int) -> None:  # noqa: ARG002 - the listener's signature
        """Called in the destroying transaction."""
        tx.run(store.FORGET_PREFERENCES, tenant=tenant, subject=subject_number)
