"""What others ask of an order, in their own transactions: who its parties are, and whether it is under way."""

from collections.abc import Collection
from typing import NamedTuple

from database.transaction import Transaction
from vault.handover import store
from vault.handover.stage import RUNNING, Stage, ref_of

REFS_AT_ONCE = 2_000
UNDER_WAY_MS = 7 * 86_400_000
"""An order of which nobody has said anything for so long is not under way any more, whatever was said last."""


class Parties(NamedTuple):
    """The people of an order by the vault's numbers, as the platform last named them; None for whoever it did not name, or who
    was erased since. `since` is when the stage began, in milliseconds since the epoch.

    Whether somebody is frozen or restricted is not looked at here.
    """

    courier: int | None
    customer: int | None
    merchant: int | None
    stage: Stage
    since: int

    @property
    def running(self) -> bool:
        """Whether the order has not ended."""
        return self.stage in RUNNING


def parties(tx: Transaction, tenant: int, order: str, *, lock: bool = False) -> Parties | None:
    """The parties of an order; None where no courier was ever assigned. With `lock` nobody changes the assignment until the
    transaction ends."""
    statement = store.PARTIES_TO_HOLD if lock else store.PARTIES
    row = tx.one(statement, tenant=tenant, ref=ref_of(order))
    if row is None:
        return None
    courier, customer, merchant, stage, since = row
    return Parties(courier, customer, merchant, Stage(stage), since)


def under_way(tx: Transaction, tenant: int, refs: Collection[str], at: int) -> frozenset[str]:
    """Those of the refs that are orders which a courier has at `at`, in milliseconds since the epoch."""
    asked, found = sorted(refs), set[str]()
    for start in range(0, len(asked), REFS_AT_ONCE):
        rows = [(ref,) for ref in asked[start : start + REFS_AT_ONCE]]
        found |= {row[0] for row in tx.all(store.ORDERS_UNDER_WAY, rows=rows, tenant=tenant, since=at - UNDER_WAY_MS)}
    return frozenset(found)
