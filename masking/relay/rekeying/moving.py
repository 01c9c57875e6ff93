"""Moving what is found by a number's fingerprint from an older version of the key to the newest, in the caller's transaction.

While two versions are live, whoever has a number in their hands moves it before they look for it: a caller, somebody who is bound
or blocked, the sender of a text. So a lookup by the newest version alone finds everybody at any moment, and two bindings of one
number never stand under two fingerprints. Records of calls keep the fingerprint that they have, for two days.
"""

from collections.abc import Iterable

from database.transaction import Transaction
from masking.relay.ports import Directory
from masking.relay.rekeying import store
from masking.relay.seat import PARTY

_OTHERS = (store.MOVE_BLOCKED_CALLERS, store.MOVE_BLOCKED_CALLEES, store.MOVE_BUCKET, store.MOVE_CASES)


def keep_up(tx: Transaction, directory: Directory, tenant: int, numbers: Iterable[str]) -> None:
    """Have these numbers, in E.164, found by the newest version. Without an older one there is nothing to do."""
    if not directory.older_fingerprints("+1"):
        return
    for number in sorted(set(numbers)):
        for old in directory.older_fingerprints(number):
            move(tx, tenant, old, directory.fingerprint(number), directory.key_version)


def move(tx: Transaction, tenant: int, old: bytes, new: bytes, version: int) -> None:
    """Move what is found by one fingerprint."""
    tx.run(store.MOVE_PARTIES, tenant=tenant, old=old, new=new, version=version)
    tx.run(store.MOVE_ROUTES, tenant=tenant, old_route=PARTY + old, new_route=PARTY + new)
    for statement in _OTHERS:
        tx.run(statement, tenant=tenant, old=old, new=new)
