"""How far an order is."""

from enum import StrEnum


class Stage(StrEnum):
    """Where an order stands between being given to a courier and its end."""

    ASSIGNED = "assigned"
    PICKED_UP = "picked_up"
    DELIVERED = "delivered"
    CANCELLED = "cancelled"


RUNNING = frozenset({Stage.ASSIGNED, Stage.PICKED_UP})
ENDED = frozenset({Stage.DELIVERED, Stage.CANCELLED})

UNASSIGNED = "unassigned"
"""What a table calls an order that no courier has been given yet."""

ORDER_TYPE = "order"
"""What stands before the colon of an order's reference."""


def ref_of(order: str) -> str:
    """The reference under which an order is stored, such as `order:o-1`."""
    return f"{ORDER_TYPE}:{order}"
