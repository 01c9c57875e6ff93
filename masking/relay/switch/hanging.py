"""Ending calls that are under way, by telling the switch.

The switch answers `POST /hangup/<leg>` with 204 once both sides are told, 404 where it knows no such call in which both speak,
403 for a wrong secret. It is asked again for a short bounded time, for somebody waits for the answer."""

from collections.abc import Callable, Sequence
from enum import StrEnum
from time import sleep
from typing import Final, Protocol

from masking.relay.ports import HungUp, Reach

PAUSES: Final = (0.2, 0.5)
"""Seconds between attempts; there is one attempt more than pauses."""

_ENDED, _UNKNOWN, _REFUSED = 204, 404, 403


class Fate(StrEnum):
    """What became of a call that the switch was told to end."""

    ENDED = "ended"
    UNKNOWN = "unknown"
    REFUSED = "refused"
    AWAY = "away"


class UnderWay(Protocol):
    """Which calls there are."""

    def legs_of(self, tenant: int, binding: int) -> Sequence[str]:
        """The legs of a binding whose end is not known."""


Post = Callable[[str], int]
"""Posts to a path of the switch with its secret; the status. Raises OSError where no answer came."""


class SwitchLines:
    """Calls under way in the operator's switch. `told` hears of each call what became of it."""

    def __init__(
        self,
        under_way: UnderWay,
        post: Post,
        told: Callable[[Fate], None],
        pause: Callable[[float], None] = sleep,
    ) -> None:
        self._under_way = under_way
        self._post = post
        self._told = told
        self._pause = pause

    def hang_up(self, tenant: int, binding: int) -> HungUp:
        """End the calls of a binding, outside any transaction. A switch that does not answer for one call is not
        asked for the next."""
        ended = 0
        for leg in self._under_way.legs_of(tenant, binding):
            fate = self._end(leg)
            self._told(fate)
            if fate in {Fate.REFUSED, Fate.AWAY}:
                return HungUp(ended, Reach.FAILED)
            ended += fate is Fate.ENDED
        return HungUp(ended, Reach.TOLD)

    def _end(self, leg: str) -> Fate:
        fate = self._once(leg)
        for wait in PAUSES:
            if fate is not Fate.AWAY:
                break
            self._pause(wait)
            fate = self._once(leg)
        return fate

    def _once(self, leg: str) -> Fate:
        try:
            status = self._post(f"/hangup/{leg}")
        except OSError:
            return Fate.AWAY
        known = {_ENDED: Fate.ENDED, _UNKNOWN: Fate.UNKNOWN, _REFUSED: Fate.REFUSED}
        return known.get(status, Fate.AWAY)
