"""Devices, as people's requests ask for them."""

from collections.abc import Collection, Iterator, Sequence

from database.columns import rfc3339
from database.engine import Database
from database.transaction import Transaction
from vault.base64url import text_of
from vault.devices import store
from vault.devices.device import Device
from vault.rights.ports import Counted, Piece, Use

DEVICE = "device"
_USE: Use = (DEVICE, "", "")
_AT_MOST = 10_000


class DeviceHolding:
    """The keys of a person's devices."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def held(self, tx: Transaction, tenant: int, subject: int) -> Sequence[Counted]:
        """How many there are."""
        found = _devices(tx, tenant, subject)
        return [Counted(_USE, len(found), min(one.created_at for one in found))] if found else []

    def pieces(self, tenant: int, subject: int) -> Iterator[Piece]:
        """Each key, and for how long it serves."""
        found = self._database.read(tenant, lambda tx: _devices(tx, tenant, subject))
        for one in found:
            yield (
                DEVICE,
                {
                    "public_key": text_of(one.public_key),
                    "registered_at": rfc3339(one.created_at),
                    "expires_at": rfc3339(one.expires_at),
                    "revoked_at": None if one.revoked_at is None else rfc3339(one.revoked_at),
                },
            )

    def delete(self, tx: Transaction, tenant: int, subject: int, going: Collection[Use]) -> None:
        """Let go of all of them, and of what waits for them."""
        if _USE in going:
            tx.run(store.DELETE_DEVICES_OF, tenant=tenant, subject=subject)


def _devices(tx: Transaction, tenant: int, subject: int) -> list[Device]:
    rows = tx.all(store.DEVICES_OF, tenant=tenant, subject=subject, after=0, limit=_AT_MOST)
    return [Device(row[0], row[1], bytes(row[2]), *row[3:]) for row in rows]
