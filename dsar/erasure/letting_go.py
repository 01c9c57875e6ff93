"""What erasures let go of when a person's key is destroyed, by them or by anybody."""

from database.transaction import Transaction
from dsar.erasure import store


class LettingGo:
    """Hears of a person whose key was destroyed: no erasure names them any more by the vault's number, but for one that is under
    way, which does so when it ends."""

    def erased(self, tx: Transaction, tenant: int, subject_number: int, at: int) -> None:  # noqa: ARG002 - as the port has it
        """In the destroying transaction."""
        tx.run(store.LET_GO, tenant=tenant, number=subject_number)
