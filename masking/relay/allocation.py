"""Choosing a number for a new binding, by masks of bits: bit i of a mask is the i-th number of the pool.

Two bindings may share a number only if no person is in both, for a number and its caller are all that a call says. So a person
must not get a number on which they are bound already, or were not long ago. Choosing the first that is free needs no more numbers
than the busiest person has bindings, in practice (study of the problem as edge colouring: docs/flows/relay.md). Masks only
propose: the primary key of routes is what keeps pairs apart.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from enum import StrEnum


class Match(StrEnum):
    """Which numbers will do for a wished area: only those; those first, then the province's, then any; or areas in the order that
    the wish names."""

    STRICT = "strict"
    PREFER = "prefer"
    LIST = "list"


class Sticky(StrEnum):
    """Whether the same two people should get the number again that they had."""

    PREFER = "prefer"
    AVOID = "avoid"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class Held:
    """The numbers of a person: where a route is theirs or cooling, and when those that have cooled were last theirs, by bit."""

    taken: int = 0
    cooled: dict[int, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Areas:
    """The masks of a pool's numbers by area and by province, and of all."""

    by_area: dict[str, int]
    by_province: dict[str, int]
    everywhere: int

    def tiers(self, wish: Sequence[str], match: Match) -> list[int]:
        """Masks to try in order. No tier repeats numbers of an earlier one. Without a wish all numbers are one tier."""
        if not wish:
            return [self.everywhere]
        named = wish if match is Match.LIST else wish[:1]
        tiers = [self.by_area.get(area, 0) | self.by_province.get(area, 0) for area in named]
        if match is Match.PREFER:
            tiers += [self.by_province.get(province, 0) for province in self._provinces(tiers[0])]
            tiers.append(self.everywhere)
        seen = 0
        distinct = []
        for tier in tiers:
            distinct.append(tier & ~seen)
            seen |= tier
        return distinct

    def _provinces(self, mask: int) -> list[str]:
        return [province for province, numbers in self.by_province.items() if numbers & mask]


def candidates(tier: int, people: Sequence[Held], *, last: int | None, sticky: Sticky) -> Iterator[int]:
    """Bits of numbers that may be tried, the best first: the pair's last number if it is wanted again, then the lowest that none
    of the people ever had, then the one that they had longest ago. `last` is the bit of the pair's last number."""
    taken = 0
    used: dict[int, int] = {}
    for person in people:
        taken |= person.taken
        for bit, at in person.cooled.items():
            used[bit] = max(at, used.get(bit, at))
    free = tier & ~taken
    wanted = last is not None and bool(free >> last & 1)
    if wanted and sticky is Sticky.PREFER and last is not None:
        yield last
    fresh = free
    for bit in used:
        fresh &= ~(1 << bit)
    again = sorted((at, bit) for bit, at in used.items() if free >> bit & 1)
    for bit in [*bits(fresh), *(bit for _, bit in again)]:
        if bit != last:
            yield bit
    if wanted and sticky is not Sticky.PREFER and last is not None:
        yield last


def bits(mask: int) -> Iterator[int]:
    """The places of the bits that are set, the lowest first."""
    while mask:
        lowest = mask & -mask
        yield lowest.bit_length() - 1
        mask ^= lowest
