"""A stretch of text that is, or may be, a personal value."""

from bisect import bisect
from collections.abc import Iterable
from operator import attrgetter
from typing import Final, NamedTuple


class Span(NamedTuple):
    """Where a value stands, in code points of the text as it came, the end exclusive. `score` is how sure it is, 0 to 1."""

    kind: str
    start: int
    end: int
    score: float


_START: Final = attrgetter("start")


def resolve(spans: Iterable[Span]) -> list[Span]:
    """Spans of which none overlaps another, in order: the surest first, then the longest, then the earliest."""
    taken: list[Span] = []
    for span in sorted(spans, key=lambda one: (-one.score, one.start - one.end, one.start)):
        place = bisect(taken, span.start, key=_START)
        free_before = place == 0 or taken[place - 1].end <= span.start
        if free_before and (place == len(taken) or span.end <= taken[place].start):
            taken.insert(place, span)
    return taken
