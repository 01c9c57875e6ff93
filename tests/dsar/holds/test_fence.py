"""A hold that is placed while somebody is about to destroy: what was destroyed was so before the answer, on both databases."""

import threading
import time

from database.engine import Database
from database.statement import Statement
from database.transaction import Transaction
from dsar.holds import store
from dsar.holds.asking import Holds
from dsar.holds.hold import Use
from tests.support.vault import TENANT

WAITED_AT_MOST_SECONDS = 30.0
_WAITING = Statement("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted")
_USE = Use(7, "phone", "delivery", "order:o-1")


def test_a_hold_waits_for_whoever_has_looked_already_and_is_seen_by_whoever_looks_after(
    database: Database, dialect: str
) -> None:
    happened: list[str] = []
    looked, asked = threading.Event(), threading.Event()

    def destroy(tx: Transaction) -> None:
        assert Holds().which(tx, TENANT, [_USE]) == [None]
        looked.set()
        assert asked.wait(WAITED_AT_MOST_SECONDS)
        if dialect == "postgresql":
            _wait_for_somebody_at_the_fence(database)
        happened.append("destroyed")

    def place(tx: Transaction) -> None:
        store.close_fence(tx)
        row = (1, TENANT, 0, "", "order:o-1", "litigation", "case-1", 1, 1_000, 2_000, 0)
        tx.insert(store.INSERT_HOLDS, [row])
        happened.append("held")

    def hold() -> None:
        asked.set()
        database.write(TENANT, place)

    destroying = threading.Thread(target=database.write, args=(TENANT, destroy))
    destroying.start()
    assert looked.wait(WAITED_AT_MOST_SECONDS)
    holding = threading.Thread(target=hold)
    holding.start()
    for thread in (destroying, holding):
        thread.join(WAITED_AT_MOST_SECONDS)
    assert happened == ["destroyed", "held"]
    (found,) = database.write(TENANT, lambda tx: Holds().which(tx, TENANT, [_USE]))
    assert found is not None


def _wait_for_somebody_at_the_fence(database: Database) -> None:
    until = time.monotonic() + WAITED_AT_MOST_SECONDS
    while not database.read(None, lambda tx: tx.one(_WAITING) or (0,))[0]:
        assert time.monotonic() < until, "nobody waits at the fence"
        time.sleep(0.01)
