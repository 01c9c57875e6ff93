"""Telling a call that came before from one that did not."""

from hashlib import sha256

from database.engine import Database
from database.transaction import Transaction
from masking.relay.accounts import store

KEPT_MS = 3 * 24 * 3_600_000
"""Longer than anybody repeats: the last repetition comes after ten hours."""


def first_time(tx: Transaction, *, tenant: int, account: int, what: str, at: int) -> bool:
    """Whether this is the first call that the other side names so, in the caller's transaction, which notes it."""
    mark = sha256(what.encode()).digest()[:16]
    return tx.insert(store.INSERT_SEEN, [(tenant, account, mark, at)]) == 1


class Forgetting:
    """Deletes what nobody repeats any more."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def __call__(self, at: int) -> None:
        self._database.write(None, lambda tx: tx.run(store.FORGET_SEEN, before=at - KEPT_MS))
