"""Whether credentials that were looked up a moment ago still work, asked in the transaction that does what they are for."""

from collections.abc import Callable, Collection

from database.transaction import Transaction
from web import store


def in_force(tx: Transaction, secrets: Collection[bytes], at: int) -> Callable[[], frozenset[bytes]]:
    """Which of the credentials, by the digests under which they are stored, work at `at` (milliseconds since the epoch). What is
    returned tells, and is best called once the next statement has been answered."""
    if not secrets:
        return frozenset
    answer = tx.later_all(store.IN_FORCE, rows=[(one,) for one in secrets], at=at)
    return lambda: frozenset(bytes(digest) for (digest,) in answer())
