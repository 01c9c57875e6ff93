"""The handover of orders: assignments, pick-up codes, what people choose, and the table of who sees what."""

from collections.abc import Callable, Sequence

from composition.part import Part
from vault.handover.assigning import Handover
from vault.handover.declaring import SHIFT_RULES, Declaring
from vault.handover.picking_up import PickingUp
from vault.handover.preferences import Preferences
from vault.handover_http import FURTHER, PROBLEMS, HandoverApi, HandoverUses
from vault.means import Means
from vault.ports import OrderEnd, OrderRelay


def handover_part(means: Means, relay: OrderRelay, region_of: Callable[[int], str], ends: Sequence[OrderEnd]) -> Part:
    """The operations of the handover, with the relay that gives orders their numbers, and with what ends with an order."""
    use = HandoverUses(
        handover=Handover(means, relay, ends),
        picking_up=PickingUp(means),
        preferences=Preferences(means),
        declaring=Declaring(means),
        shift_rules=Declaring(means, SHIFT_RULES),
    )
    return Part(blueprints=[HandoverApi(use, region_of).blueprint()], tables=[PROBLEMS], problems=FURTHER)
