"""Scores of findings against labels, each with an interval that holds 95 % of the scores of texts drawn anew.

- exact: a finding counts if both its ends are right; overlap: if it touches a value of its kind
- characters: of those that are personal, how many were found, and of those found, how many are personal
- F2 = 5PR / (4P + R): what leaks weighs four times what is hidden for nothing
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from masking.detection.span import Span

DRAWS = 500
_SEED = 20_260_701
Counts = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Score:
    """One figure and the interval of its draws."""

    value: float
    low: float
    high: float


def f2(precision: float, recall: float) -> float:
    """F-measure in which recall weighs four times as much."""
    return 5 * precision * recall / (4 * precision + recall) if precision + recall else 0.0


def exact(gold: Sequence[Span], found: Sequence[Span]) -> tuple[int, int, int, int]:
    """Findings that are right, findings, values that were found, values."""
    places, others = {span[1:3] for span in gold}, {span[1:3] for span in found}
    return len(places & others), len(others), len(places & others), len(places)


def overlap(gold: Sequence[Span], found: Sequence[Span]) -> tuple[int, int, int, int]:
    """The same, where touching is enough."""
    return _touching(found, gold), len(found), _touching(gold, found), len(gold)


def characters(gold: Sequence[Span], found: Sequence[Span]) -> tuple[int, int, int, int]:
    """The same, in characters."""
    personal, hidden = _covered(gold), _covered(found)
    both = len(personal & hidden)
    return both, len(hidden), both, len(personal)


def _touching(some: Sequence[Span], others: Sequence[Span]) -> int:
    return sum(any(one.start < other.end and other.start < one.end for other in others) for one in some)


def _covered(spans: Sequence[Span]) -> set[int]:
    return {place for span in spans for place in range(span.start, span.end)}


def scored(counts: Sequence[tuple[int, int, int, int]]) -> dict[str, Score]:
    """Precision, recall and F2 over texts, of which each gave its counts."""
    table = np.array(counts, np.float64).reshape(len(counts), 4)

    def of(rows: Counts) -> tuple[float, float, float]:
        right, found, hit, gold = (int(total) for total in rows.sum(axis=0))
        precision, recall = right / found if found else 0.0, hit / gold if gold else 0.0
        return precision, recall, f2(precision, recall)

    return dict(zip(("precision", "recall", "f2"), _drawn(table, of), strict=True))


def rate(happened: Sequence[float], per: float = 1.0) -> Score:
    """How often something happens per text, times `per`."""
    table = np.array(happened, np.float64)[:, None]
    (score,) = _drawn(table, lambda rows: (float(rows.mean()) * per,))
    return score


def _drawn(table: Counts, of: Callable[[Counts], tuple[float, ...]]) -> list[Score]:
    """The figures of all texts, between those of the 2.5th and the 97.5th of a hundred draws with replacement."""
    numbers = np.random.default_rng(_SEED)
    draws = [of(table[numbers.integers(0, len(table), len(table))]) for _ in range(DRAWS)]
    low, high = np.percentile(np.array(draws), [2.5, 97.5], axis=0)
    return [Score(*(round(float(one), 4) for one in three)) for three in zip(of(table), low, high, strict=True)]
