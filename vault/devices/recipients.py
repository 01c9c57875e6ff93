"""For which device a value may be sealed: one that is registered to the very person who is acted for."""

from audit.entry import Reason
from database.transaction import Transaction
from vault.devices import store
from vault.devices.device import Device
from vault.devices.public_key import PublicKey
from vault.devices.sealing import sealing_for
from vault.item import Sealing


class DeviceRecipients:
    """Finds whose a key is."""

    def sealing(self, tx: Transaction, tenant: int, person: int | None, key: bytes, at: int) -> Sealing | Reason:
        """How to seal for `key`, or why nothing is: it is no live key of this person, or there is no person. Which of these it
        is, the answer does not tell."""
        row = tx.one(store.DEVICE_OF_KEY, tenant=tenant, key=key)
        device = None if row is None else Device(*row)
        if device is None or not device.live(at) or device.subject != person:
            return Reason.UNKNOWN_DEVICE
        return sealing_for(PublicKey(key), tenant=tenant, at=at)
