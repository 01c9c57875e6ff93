"""How many numbers bindings need, at the least and in practice.

Of two bindings of one person each needs a number of its own, from when it begins until it has cooled. So nobody can do with fewer
numbers than the busiest person has bindings at a time; and no more than `capacity` live bindings stand on a number. Choosing the
first number that is free needs that many in practice, though less lucky orders of events could need nearly twice as many
(docs/adr/0028). With two numbers a binding (AXYB) the busiest person's count always suffices.
"""

import csv
import heapq
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from math import ceil

from masking.relay.errors import ImportFileError

_COLUMNS = ("a", "b", "from", "to")


@dataclass(frozen=True, slots=True)
class Span:
    """A binding of the past: who, in whatever words, and from when until when (milliseconds since the epoch)."""

    a: str
    b: str
    begins: int
    ends: int


@dataclass(frozen=True, slots=True)
class Need:
    """What a span of time needed. `busiest` is the most bindings that one person had at a time, those that cooled with them;
    `live` the most that there were at a time at all; `bound` the fewest numbers that can do, `used` those that the first that is
    free took."""

    bindings: int
    busiest: int
    live: int
    bound: int
    used: int


def need(spans: Iterable[Span], *, cool: int, capacity: int) -> Need:
    """What bindings need that cool for `cool` milliseconds, with at most `capacity` live ones on a number. Each takes the lowest
    number that is free for both of its people."""
    ordered = sorted(spans, key=lambda one: (one.begins, one.ends))
    masks: Counter[str] = Counter()
    held: Counter[str] = Counter()
    load: Counter[int] = Counter()
    cooling: list[tuple[int, str, str, int]] = []
    ending: list[tuple[int, int]] = []
    busiest = most = used = full = 0
    for one in ordered:
        while ending and ending[0][0] <= one.begins:
            _, number = heapq.heappop(ending)
            load[number] -= 1
            full &= ~(1 << number)
        while cooling and cooling[0][0] <= one.begins:
            _, a, b, number = heapq.heappop(cooling)
            for person in (a, b):
                masks[person] &= ~(1 << number)
                held[person] -= 1
        taken = masks[one.a] | masks[one.b] | full
        number = (~taken & (taken + 1)).bit_length() - 1
        load[number] += 1
        if load[number] >= capacity:
            full |= 1 << number
        heapq.heappush(ending, (one.ends, number))
        heapq.heappush(cooling, (one.ends + cool, one.a, one.b, number))
        for person in (one.a, one.b):
            masks[person] |= 1 << number
            held[person] += 1
        busiest, used = max(busiest, held[one.a], held[one.b]), max(used, number + 1)
        most = max(most, len(ending))
    return Need(len(ordered), busiest, most, max(busiest, ceil(most / capacity)), used)


def read_log(lines: Iterable[str]) -> Iterator[Span]:
    """The bindings of a CSV file with the columns a, b, from and to (RFC 3339 with a zone); others are passed over. People may be
    anything that tells them apart, and better nothing that says who they are.

    Raises:
        ImportFileError: it is no such file; `line` is where.
    """
    reader = csv.DictReader(lines, strict=True)
    try:
        if not set(_COLUMNS) <= set(reader.fieldnames or ()):
            raise ImportFileError(1)
        for row in reader:
            a, b, begins, ends = ((row[name] or "").strip() for name in _COLUMNS)
            span = Span(a, b, _millis(begins), _millis(ends))
            if not a or not b or a == b or span.ends <= span.begins:
                raise ImportFileError(reader.line_num)
            yield span
    except (csv.Error, ValueError):
        raise ImportFileError(reader.line_num) from None


def _millis(text: str) -> int:
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        raise ValueError("a moment needs a zone")
    return int(moment.timestamp() * 1_000)
