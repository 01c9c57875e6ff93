"""Sealing what belongs to a tenant and to nobody in particular, such as a secret that it shares with a subscriber.

Under a key of the tenant's own, of usage `seal`, in the format of `vault.envelope`: the subject is the owner's number and the
kind 0x0200, which no record of a person has.
"""

import threading

from database.engine import Database
from vault import store
from vault.custody.roots import ACTIVE, Held, Roots
from vault.envelope import open_sealed, seal
from vault.errors import IntegrityError
from vault.keyring import Keyring, wrapping_context
from vault.keys import DataKey

USAGE = "seal"
KIND = 0x0200


class TenantSeal:
    """Seals and opens. Keys that were opened stay in memory until the custody of the root keys closes."""

    def __init__(self, database: Database, roots: Roots, keyring: Keyring) -> None:
        self._database = database
        self._roots = roots
        self._keyring = keyring
        self._opened: dict[tuple[int, int], DataKey] = {}
        self._lock = threading.Lock()
        roots.seal.on_closing(self._opened.clear)

    def seal(self, tenant: int, octets: bytes, *, owner: int, row: int) -> tuple[int, bytes]:
        """Seal octets in their place; the version of the key, which opening needs, and what is sealed.

        Raises:
            KeysUnavailableError: the key provider does not answer.
        """
        version = self._active(tenant)
        key = self._key(tenant, version)
        return version, seal(key, octets, tenant=tenant, subject=owner, row=row, kind=KIND)

    def open(self, tenant: int, sealed: tuple[int, bytes], *, owner: int, row: int) -> bytes:
        """The octets that were sealed in this place.

        Raises:
            IntegrityError: they were not, or the key is gone.
            KeysUnavailableError: the key provider does not answer.
        """
        version, octets = sealed
        key = self._key(tenant, version)
        return open_sealed(key, octets, tenant=tenant, subject=owner, row=row, kind=KIND)

    def _active(self, tenant: int) -> int:
        """The version that seals now; the first is made when it is first asked for."""
        found = [row.version for row in self._rows(tenant) if row.state == ACTIVE]
        if not found:
            self._keyring.of(tenant)
            self._keyring.mint(tenant, USAGE, "")
            found = [row.version for row in self._rows(tenant) if row.state == ACTIVE]
        return max(found)

    def _key(self, tenant: int, version: int) -> DataKey:
        self._roots.seal.require()
        with self._lock:
            if (tenant, version) not in self._opened:
                rows = [row for row in self._rows(tenant) if row.version == version]
                if not rows:
                    raise IntegrityError
                context = wrapping_context(tenant, USAGE, "", version)
                (octets,) = self._roots.unwrap([Held(rows[0].root, bytes(rows[0].wrapped), context)])
                self._opened[tenant, version] = DataKey(octets)
            return self._opened[tenant, version]

    def _rows(self, tenant: int) -> list[store.KeyRow]:
        rows = self._database.read(tenant, lambda tx: tx.all(store.KEYS, tenant=tenant))
        return [found for row in rows if (found := store.KeyRow(*row)).usage == USAGE]
