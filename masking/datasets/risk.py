"""How well a data set hides the people in it: crowds of rows that look alike in what others may know.

- k-anonymity (Sweeney 2002): the smallest crowd
- l-diversity (Machanavajjhala 2007, distinct): the fewest values of a sensitive column in one
- prosecutor risk, of picking the right row of somebody known to be in the data: one over their crowd; its worst and its mean
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

Crowd = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Risk:
    """What a release says of itself."""

    rows: int
    crowds: int
    k: int
    alone: int
    worst: float
    mean: float
    l: Mapping[str, int] = field(default_factory=dict)  # noqa: E741 - what the literature calls it


class Crowds:
    """Counts rows by what they show."""

    def __init__(self, quasi: Sequence[str], sensitive: Sequence[str]) -> None:
        self._quasi, self._sensitive = quasi, sensitive
        self._sizes: Counter[Crowd] = Counter()
        self._values: dict[str, dict[Crowd, set[str]]] = {name: defaultdict(set) for name in sensitive}

    def of(self, row: Mapping[str, str]) -> Crowd:
        """The crowd that a treated row stands in."""
        return tuple(row.get(name, "") for name in self._quasi)

    def add(self, row: Mapping[str, str]) -> None:
        """Count a treated row."""
        crowd = self.of(row)
        self._sizes[crowd] += 1
        for name in self._sensitive:
            self._values[name][crowd].add(row.get(name, ""))

    def too_small(self, k: int, fewest: int) -> frozenset[Crowd]:
        """Crowds of fewer than `k` rows, or with fewer than `fewest` values of a sensitive column."""
        return frozenset(
            crowd
            for crowd, size in self._sizes.items()
            if size < k or any(len(values[crowd]) < fewest for values in self._values.values())
        )

    def risk(self, without: Iterable[Crowd] = ()) -> Risk:
        """Of the rows whose crowd is none of `without`."""
        left_out = frozenset(without)
        sizes = {crowd: size for crowd, size in self._sizes.items() if crowd not in left_out}
        rows = sum(sizes.values())
        return Risk(
            rows=rows,
            crowds=len(sizes),
            k=min(sizes.values(), default=0),
            alone=sum(size == 1 for size in sizes.values()),
            worst=round(1 / min(sizes.values()), 4) if sizes else 0.0,
            mean=round(len(sizes) / rows, 4) if rows else 0.0,
            l={name: min((len(seen[crowd]) for crowd in sizes), default=0) for name, seen in self._values.items()},
        )
