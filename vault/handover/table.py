"""What a role may see of an order: stage × role × kind → view. Pure; the clock is a parameter of every question."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import IntEnum

from vault.policy import View

MINUTE_MS = 60_000

COURIER, MERCHANT, CUSTOMER = "courier", "merchant", "customer"
ROLES = (COURIER, MERCHANT, CUSTOMER)
"""The roles that see an order's data by its stage, and not otherwise. Staff and services are judged by the policies alone."""

NEVER_FULL = frozenset({"phone", "landline", "email", "wechat_id", "id_card", "passport", "bank_card"})
"""Kinds that no table shows in full: contact goes through the relay, and documents are none of a delivery's business."""

BY_BUILDING = frozenset({"address"})
"""Kinds that have a view of their own at building level."""


class Sight(IntEnum):
    """How much of a value is seen; each sees all that the one before it sees."""

    NONE = 0
    MASKED = 1
    BUILDING = 2
    FULL = 3


NEEDED: Mapping[View, Sight] = {View.MASKED: Sight.MASKED, View.BUILDING: Sight.BUILDING, View.PLAIN: Sight.FULL}
"""What must be allowed for a value of a kind by building to be shown in a view."""


@dataclass(frozen=True, slots=True)
class Scene:
    """One stage: what each role sees of each kind, and for how long from the stage's beginning (milliseconds); None is as long as
    the stage lasts."""

    lasts: int | None
    seen: Mapping[str, Mapping[str, Sight]]


@dataclass(frozen=True, slots=True)
class HandoverTable:
    """A tenant's table. Version 0 is the one that Moat ships."""

    version: int
    scenes: Mapping[str, Scene]

    def allows(self, stage: str, since: int, role: str, kind: str, at: int) -> Sight:
        """What `role` may see of a kind at `at` of an order whose `stage` began at `since`. At the very end of a stage's time
        nothing is allowed any more, and neither is before its beginning, for then some clock is wrong."""
        scene = self.scenes.get(stage)
        if scene is None or (scene.lasts is not None and not since <= at < since + scene.lasts):
            return Sight.NONE
        return scene.seen.get(role, {}).get(kind, Sight.NONE)

    def shows(self, stage: str, since: int, role: str, kind: str, view: View, at: int) -> bool:
        """Whether a value may be shown in a view. At building level a kind that has no such view is shown masked."""
        needed = NEEDED[view]
        if view is View.BUILDING and kind not in BY_BUILDING:
            needed = Sight.MASKED
        return self.allows(stage, since, role, kind, at) >= needed
