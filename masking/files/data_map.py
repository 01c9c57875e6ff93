"""Which columns of a file or a database hold which kinds of personal values, how many, and how sensitive they are.

A column holds a kind when one cell in a hundred does; what is found less often is told as stray. Names and addresses fill their
cells, and are known by how most cells of a column look; numbers are known by their own shape wherever they stand.
"""

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from masking.address import Level, mask_address
from masking.finding import Finder
from masking.names.words import SURNAMES
from masking.writing import HIDDEN

SENSITIVE: Final = frozenset({"id_card", "passport", "travel_permit", "bank_card", "geo", "secret"})
"""PIPL article 28 and GB/T 35273 appendix B: what harms a person when it leaks."""
_HELD: Final = 0.01
_MOSTLY: Final = 0.6
_NAME: Final = re.compile("[\u3400-\u9fff]{2,4}|[\u3400-\u9fff]{2,8}·[\u3400-\u9fff]{2,8}")


@dataclass(frozen=True, slots=True)
class Holding:
    """What a column has of one kind: in how many of its cells that are not empty. `stray` is for less than one in a hundred."""

    column: str
    kind: str
    sensitive: bool
    cells: int
    of: int
    stray: bool


class DataMap:
    """Counts what is in columns, batch by batch."""

    def __init__(self, finder: Finder) -> None:
        self._finder = finder
        self._cells: Counter[str] = Counter()
        self._kinds: dict[str, Counter[str]] = {}

    def add(self, cells: Iterable[tuple[str, str]]) -> None:
        """Take cells, each with its column, into account."""
        some = [(column, text) for column, text in cells if text]
        found = self._finder.find([text for _, text in some], names=False)
        for (column, text), spans in zip(some, found, strict=True):
            self._cells[column] += 1
            kinds = self._kinds.setdefault(column, Counter())
            kinds.update({span.kind for span in spans} if spans is not None else {"unknown"})
            if _looks_like_name(text):
                kinds["names alone"] += 1
            elif _looks_like_address(text):
                kinds["addresses alone"] += 1

    def holdings(self) -> list[Holding]:
        """What the columns hold, in order of columns, the most frequent kind first."""
        return [
            Holding(column, kind, kind in SENSITIVE, count, of, stray=count < _HELD * of)
            for column, of in self._cells.items()
            for kind, count in _settled(self._kinds[column], of).most_common()
        ]


def _settled(counted: Mapping[str, int], of: int) -> Counter[str]:
    kinds = Counter(counted)
    for alone, kind in (("names alone", "name"), ("addresses alone", "address")):
        count = kinds.pop(alone, 0)
        if count >= _MOSTLY * of:
            kinds[kind] = max(kinds[kind], count)
    return kinds


def _looks_like_name(text: str) -> bool:
    return text[0] in SURNAMES and _NAME.fullmatch(text) is not None


def _looks_like_address(text: str) -> bool:
    return 6 <= len(text) <= 200 and mask_address(text, Level.ESTATE) != HIDDEN


def table(holdings: Sequence[Holding]) -> list[tuple[str, ...]]:
    """Rows to print."""
    return [
        (
            one.column,
            one.kind,
            "sensitive" if one.sensitive else "",
            f"{one.cells} of {one.of}",
            "stray" if one.stray else "",
        )
        for one in holdings
    ]
