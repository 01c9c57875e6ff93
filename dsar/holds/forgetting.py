"""What holds and restrictions let go of when a person's key is destroyed."""

from database.transaction import Transaction
from dsar.holds import store


class HoldErasure:
    """Restrictions go. Holds that named the person stay, for the case may ask what was held and when, but say no more whom. One
    that is still in force kept nothing, or was brought back by an old copy of the database; it ends."""

    def erased(self, tx: Transaction, tenant: int, subject_number: int, at: int) -> None:
        """Called in the transaction that destroys the person's key."""
        tx.run(store.DELETE_RESTRICTIONS_OF, tenant=tenant, subject=subject_number)
        tx.run(store.FORGET_HELD, tenant=tenant, subject=subject_number, at=at)
