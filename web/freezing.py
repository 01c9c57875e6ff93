"""Freezing credentials: no call with one is let in until it is thawed. In the transaction of whoever asks, whose entry it is."""

from database.transaction import Transaction
from web import store


class CredentialFreezing:
    """Freezes and thaws credentials of a tenant."""

    def freeze(self, tx: Transaction, tenant: int, credential: int, at: int) -> bool:
        """Let no call with the credential in any more, from the next one on; where a recent look-up will do, within a second. One
        that is frozen stays so. False where there is none, or it was revoked."""
        return tx.run(store.FREEZE, tenant=tenant, id=credential, at=at) > 0

    def thaw(self, tx: Transaction, tenant: int, credential: int) -> None:
        """Let calls with it in again."""
        tx.run(store.THAW, tenant=tenant, id=credential)
