"""Waiting until nobody works any more with the keys of before.

A use case reads the keyring's epoch in its own transaction, so one that does so after a change sees it. One that had read the
epoch just before may still be about to write under the version that was active then. Before anything relies on a version being
written under no more, such transactions are waited for, much as PostgreSQL's own CREATE INDEX CONCURRENTLY waits: whoever has
read the epoch holds a lock on its table until the transaction ends, and those that hold one now are known by their virtual
transaction ids. SQLite has one writer at a time, which leaves nothing to wait for.
"""

from time import sleep

from database.engine import Database
from database.transaction import Transaction
from vault.rotation import store

LOOKED_EVERY_SECONDS = 0.02
LOOKS = 3_000
"""A minute. Only a use case that never ends takes that long, or a foreign transaction that reads all tables, such as a dump."""


class UnsettledError(TimeoutError):
    """A transaction of before is still open. It passes by itself, and the step is tried again."""


def settle(database: Database) -> None:
    """Return once every transaction that has read the keyring's epoch by now has ended. Never to be called inside one.

    Raises:
        UnsettledError: one of them took longer than a minute.
    """
    if database.dialect != "postgresql":
        return
    open_before = database.read(None, _open)
    for _ in range(LOOKS):
        if not open_before:
            return
        sleep(LOOKED_EVERY_SECONDS)
        open_before &= database.read(None, _open)
    raise UnsettledError


def _open(tx: Transaction) -> set[str]:
    return {name for (name,) in tx.all(store.UNDER_WAY)}
