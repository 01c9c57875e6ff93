"""Who can be reached at a phone number or an e-mail address: people whose profile has it now. A number in an old order, or one
that a profile has had, names nobody: it may be somebody else's by now."""

from database.transaction import Transaction
from vault import store
from vault.errors import KeysChangedError
from vault.fingerprint import search_fingerprint
from vault.identifier import Kind
from vault.keyring import TenantKeys


def people_at(tx: Transaction, keys: TenantKeys, tenant: int, *, kind: Kind, normal: str) -> frozenset[int]:
    """The internal numbers of up to two people whose profile has this value, in normal form, of a searchable kind. The statements
    are the same whether there is anybody.

    Raises:
        KeysChangedError: the keys have moved on.
    """
    if tx.one(store.EPOCH, tenant=tenant) != (keys.epoch,):
        raise KeysChangedError  # a row of an epoch that another process has begun would not be found
    probes = [
        (kind.code, epoch, search_fingerprint(key, normal=normal)) for epoch, key in keys.search[kind.name].items()
    ]
    return frozenset(row[0] for row in tx.all(store.PEOPLE_AT, rows=probes, tenant=tenant, field=kind.name))
