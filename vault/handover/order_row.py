"""Orders as they are stored."""

from collections.abc import Sequence
from typing import Any, NamedTuple

from database.transaction import Row, Transaction
from vault.handover import store
from vault.handover.moving import Order
from vault.handover.stage import Stage


class Placed(NamedTuple):
    """An order, by its ref, as it stands from the moment `at` on (milliseconds since the epoch)."""

    ref: str
    order: Order
    at: int


def order_of(row: Row | None) -> Order | None:
    """The order of a stored row."""
    if row is None:
        return None
    courier, stage, version, stage_at, customer, merchant, alias, nonce, tries = row
    held = None if nonce is None else bytes(nonce)
    return Order(courier, Stage(stage), version, stage_at, customer, merchant, alias, held, tries)


def put_new(tx: Transaction, tenant: int, orders: Sequence[Placed]) -> None:
    """Store orders that were not there. Whoever has stored one of them meanwhile makes the transaction run again."""
    tx.put(store.INSERT_ORDERS, [(tenant, *_columns(one).values()) for one in orders])


def put_changed(tx: Transaction, tenant: int, changed: Placed) -> None:
    """Store what has become of an order whose row the transaction holds, with the statement after it."""
    tx.later(store.CHANGE_ORDER, tenant=tenant, **_columns(changed))


def _columns(placed: Placed) -> dict[str, Any]:
    """In the order of the columns of `store.INSERT_ORDERS`, behind the tenant."""
    order = placed.order
    return {
        "ref": placed.ref,
        "updated_at": placed.at,
        "courier": order.courier,
        "stage": order.stage.value,
        "version": order.version,
        "stage_at": order.stage_at,
        "customer": order.customer,
        "merchant": order.merchant,
        "alias": order.alias,
        "nonce": order.nonce,
        "tries": order.tries,
    }
