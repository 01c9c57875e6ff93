"""Ending calls that are under way, ringing ones too, by telling the switches: each is asked, for any of them may have the call.

A switch answers `POST /hangup/<leg>` with 204 once both sides are told, 404 where it knows no such call, 403 for a wrong
secret. It is asked again for a short bounded time, for somebody waits for the answer."""

from collections.abc import Callable, Sequence
from enum import StrEnum
from time import sleep
from typing import Final, Protocol

from masking.relay.ports import HungUp, Left, Reach

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
    """Calls under way in the operator's switches, of which each has its `post`. `told` hears of each call what became of it."""

    def __init__(
        self,
        under_way: UnderWay,
        posts: Sequence[Post],
        told: Callable[[Fate], None],
        pause: Callable[[float], None] = sleep,
    ) -> None:
        self._under_way = under_way
        self._posts = posts
        self._told = told
        self._pause = pause

    def hang_up(self, tenant: int, binding: int) -> HungUp:
        """End the calls of a binding, outside any transaction."""
        legs = self._under_way.legs_of(tenant, binding)
        left = self.end(legs)
        ended = len(legs) - len(left.unknown) - len(left.away)
        return HungUp(ended, Reach.FAILED if left.away else Reach.TOLD)

    def end(self, legs: Sequence[str]) -> Left:
        """End calls by their legs, outside any transaction; those that were not ended. A switch that does not answer for one call
        is not asked for the next."""
        unknown: list[str] = []
        away: list[str] = []
        gone: dict[Post, Fate] = {}
        for leg in legs:
            fate = self._end(leg, gone)
            self._told(fate)
            if fate is Fate.UNKNOWN:
                unknown.append(leg)
            elif fate is not Fate.ENDED:
                away.append(leg)
        return Left(unknown, away)

    def _end(self, leg: str, gone: dict[Post, Fate]) -> Fate:
        fates = []
        for post in self._posts:
            fate = gone.get(post) or self._patiently(post, leg)
            if fate is Fate.ENDED:
                return fate
            if fate is not Fate.UNKNOWN:
                gone[post] = fate
            fates.append(fate)
        return next((fate for fate in fates if fate is not Fate.UNKNOWN), Fate.UNKNOWN)

    def _patiently(self, post: Post, leg: str) -> Fate:
        fate = _once(post, leg)
        for wait in PAUSES:
            if fate is not Fate.AWAY:
                break
            self._pause(wait)
            fate = _once(post, leg)
        return fate


def _once(post: Post, leg: str) -> Fate:
    try:
        status = post(f"/hangup/{leg}")
    except OSError:
        return Fate.AWAY
    known = {_ENDED: Fate.ENDED, _UNKNOWN: Fate.UNKNOWN, _REFUSED: Fate.REFUSED}
    return known.get(status, Fate.AWAY)
