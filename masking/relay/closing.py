"""The end of a binding: its routes cool, and its numbers have room again.

A route that cools has no target. Until it has cooled, its number is not given to that person again, and a call says that the
order has ended. What has expired cools from then on, whenever somebody comes to close it.
"""

from database.transaction import Transaction
from masking.relay import store
from masking.relay.bound import Bound, By
from masking.relay.pool import Pool

EXPIRED, UNBOUND, ERASED = "expired", "unbound", "erased"
CLOSED_AT_ONCE = 200


def close(tx: Transaction, tenant: int, pool: Pool, bound: Bound, at: int, reason: str) -> bool:
    """End a binding, locked by the caller; whether it was open still."""
    ended = min(at, bound.expires_at)
    if not tx.run(store.CLOSE_BINDING, tenant=tenant, id=bound.id, at=ended, reason=reason):
        return False
    exclusive = bound.mode.is_exclusive
    cool = pool.open_cool if exclusive else pool.cool
    tx.run(store.COOL, tenant=tenant, binding=bound.id, until=ended + cool)
    for number in sorted(bound.numbers):
        tx.run(store.UNLOAD, tenant=tenant, id=number, not_before=ended + pool.open_cool)
    return True


def close_expired(tx: Transaction, by: By, pool: Pool) -> int:
    """Close what has expired in a pool and nobody has swept yet; how many there were."""
    rows = tx.all(store.EXPIRED_OF_POOL, tenant=by.tenant, pool=pool.id, at=by.at, limit=CLOSED_AT_ONCE)
    closed = 0
    for (number,) in rows:
        bound = Bound.of(tx.one(store.BINDING_TO_CHANGE, tenant=by.tenant, id=number))
        closed += close(tx, by.tenant, pool, bound, by.at, EXPIRED)
    return closed
