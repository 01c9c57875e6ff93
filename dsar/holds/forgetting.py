"""What holds and restrictions let go of when a person's key is destroyed."""

from database.transaction import Transaction
from dsar.holds import store


class HoldErasure:
    """Restrictions go. Holds that named the person stay, for the case may ask what was held and when, but not whom: none of them
    is in force then, unless an old copy of the database brought it back."""

    def erased(self, tx: Transaction, tenant: int, subject_number: int, at: int) -> None:
        """Called in the transaction that destroys the person's key."""
        tx.run(store.DELETE_RESTRICTIONS_OF, tenant=tenant, subject=subject_number)
        tx.run(store.FORGET_HELD, tenant=tenant, subject=subject_number, at=at)
