"""Columns of a data set whose values become tokens of the vault, asked for through the service, as any other caller would."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Final

from masking.writing import HIDDEN

BATCH: Final = 500
"""Rows whose values are exchanged together."""
Row = dict[str, str]


@dataclass(frozen=True, slots=True)
class TokenColumn:
    """The kind of a column's values, and the column that names whose they are."""

    kind: str
    subject: str


@dataclass(frozen=True, slots=True, repr=False)
class Value:
    """What a token is asked for."""

    subject: str
    kind: str
    value: str


Exchange = Callable[[Sequence[Value]], Sequence[str | None]]
"""Gives a token for each value, or None for what the vault does not take."""


def with_tokens(
    pairs: Iterable[tuple[Row, Row]], columns: Mapping[str, TokenColumn], exchange: Exchange
) -> Iterator[Row]:
    """Each row of the release, made of (row, treated row) pairs, with tokens in its columns. What has no token is hidden."""
    taken = iter(pairs)
    while batch := list(islice(taken, BATCH)):
        places = [(number, name) for number, (row, _) in enumerate(batch) for name in columns if row[name]]
        values = [
            Value(batch[number][0][columns[name].subject], columns[name].kind, batch[number][0][name])
            for number, name in places
        ]
        tokens = dict(zip(places, exchange(values), strict=True)) if values else {}
        for number, (row, treated) in enumerate(batch):
            yield treated | {name: (tokens[number, name] or HIDDEN) if row[name] else "" for name in columns}
