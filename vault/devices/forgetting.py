"""What becomes of devices by themselves: they go with the person, and some time after their end."""

from database.engine import Database
from database.transaction import Transaction
from vault.devices import store
from vault.devices.device import KEPT_ENDED_MS


class DeviceErasure:
    """Lets go of an erased person's devices."""

    def erased(self, tx: Transaction, tenant: int, subject_number: int, at: int) -> None:  # noqa: ARG002 - as the port has it
        """Called in the transaction that destroys the person's key."""
        tx.run(store.DELETE_DEVICES_OF, tenant=tenant, subject=subject_number)


class DeviceSweep:
    """Deletes keys that ended long ago."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def sweep(self, at: int) -> int:
        """Tells how many went."""
        return self._database.write(None, lambda tx: tx.run(store.DELETE_ENDED, before=at - KEPT_ENDED_MS))
