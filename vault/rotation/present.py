"""The keys of a tenant as they are now, whatever this process has kept."""

from vault import store
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
