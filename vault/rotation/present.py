"""The keys of a tenant as they are now, whatever this process has kept."""

from database.transaction import Transaction
from vault import store
from vault.errors import KeysChangedError
from vault.keyring import TenantKeys
from vault.means import Means


def present_keys(means: Means, tenant: int) -> TenantKeys:
    """The tenant's keys of the keyring's present epoch.

    Raises:
        KeysUnavailableError: they are not in memory and their provider does not answer.
    """
    keys = means.keyring.of(tenant)
    row = means.database.read(tenant, lambda tx: tx.one(store.EPOCH, tenant=tenant))
    return keys if row == (keys.epoch,) else means.keyring.refresh(tenant)


def require_present(tx: Transaction, tenant: int, keys: TenantKeys) -> None:
    """Make sure, in the transaction that writes under them, that these still are the tenant's keys.

    Raises:
        KeysChangedError: they moved on.
    """
    if tx.one(store.EPOCH, tenant=tenant) != (keys.epoch,):
        raise KeysChangedError


def tenant_of(tx: Transaction) -> int:
    """The tenant of a transaction that is of one."""
    if tx.tenant is None:
        raise ValueError("a rotation is of one tenant")
    return tx.tenant
