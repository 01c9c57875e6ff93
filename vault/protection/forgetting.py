"""What freezes let go of with a person's key: whom they froze."""

from database.transaction import Transaction
from vault.protection import store


class FreezeErasure:
    """Hears of erasures."""

    def erased(self, tx: Transaction, tenant: int, subject_number: int, at: int) -> None:
        """Called in the destroying transaction."""
        tx.run(store.FORGET_FROZEN, tenant=tenant, subject=subject_number, at=at)
