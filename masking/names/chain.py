"""How likely each stretch of a text is to be a name, under a linear chain of labels: forwards and backwards, for a batch.

Probabilities instead of the one best path: what two of three labellers half believe is worth more than what one of them says.
Numbers are kept in range by dividing at every step, and taken together again for a stretch.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]
Integers = NDArray[np.int32]
Heads = tuple[tuple[int, int], ...]
Beliefs = dict[str, dict[tuple[int, int], float]]
"""By kind, how likely each [start, end) of a text is to be one name."""
LONGEST = 12
"""Code points of the longest name that is looked at."""
FLOOR = 0.03
"""The least probability that is worth keeping."""


@dataclass(frozen=True, slots=True)
class Chain:
    """A labeller's moves between labels, as factors. `heads` are, by kind, its labels for the first and any later character of a
    name."""

    begins: Floats
    ends: Floats
    moves: Floats
    heads: Mapping[str, Heads]

    def stretches(self, emissions: Floats, lengths: Integers) -> list[Beliefs]:
        """For each text of a batch (time, text, label), the probability that [start, end) is one name, by kind."""
        lattice = _Lattice(self, emissions, lengths)
        return [
            {kind: lattice.stretches(text, heads) for kind, heads in self.heads.items()} for text in range(len(lengths))
        ]


class _Lattice:
    def __init__(self, chain: Chain, emissions: Floats, lengths: Integers) -> None:
        self._chain, self._lengths = chain, lengths
        self._here = np.exp(emissions - emissions.max(axis=2, keepdims=True))
        time, texts, _ = emissions.shape
        self._before, self._after = np.empty_like(self._here), np.empty_like(self._here)
        self._scale = np.empty((time, texts), np.float32)
        arriving = chain.begins * self._here[0]
        for step in range(time):
            if step:
                arriving = (self._before[step - 1] @ chain.moves) * self._here[step]
            self._scale[step] = arriving.sum(axis=1)
            self._before[step] = arriving / self._scale[step][:, None]
        self._total = self._before[lengths - 1, np.arange(texts)] @ chain.ends
        self._after[time - 1] = chain.ends
        for step in range(time - 2, -1, -1):
            leaving = ((self._here[step + 1] * self._after[step + 1]) @ chain.moves.T) / self._scale[step + 1][:, None]
            self._after[step] = np.where((step + 1 < lengths)[:, None], leaving, chain.ends)

    def stretches(self, text: int, heads: Heads) -> dict[tuple[int, int], float]:
        found: dict[tuple[int, int], float] = {}
        length = int(self._lengths[text])
        for first, later in heads:
            starting = self._before[:length, text, first]
            likely = starting * self._after[:length, text, first] / self._total[text]
            for start in np.flatnonzero(likely > FLOOR).tolist():
                for end, probability in self._from(text, start, (first, later)):
                    found[start, end] = found.get((start, end), 0.0) + probability
        return found

    def _from(self, text: int, start: int, labels: tuple[int, int]) -> list[tuple[int, float]]:
        """The ends of names that start here, and how likely each is."""
        label, later = labels
        length, moves = int(self._lengths[text]), self._chain.moves
        weight = float(self._before[start, text, label] / self._total[text])
        ends: list[tuple[int, float]] = []
        for end in range(start + 1, min(length, start + LONGEST) + 1):
            if end == length:
                ends.append((end, weight * float(self._chain.ends[label])))
                break
            onward = moves[label] * self._here[end, text] * self._after[end, text] / self._scale[end, text]
            ends.append((end, weight * float(onward.sum() - onward[later])))
            if weight * float(onward[later]) < FLOOR:
                break
            weight *= float(moves[label, later] * self._here[end, text, later] / self._scale[end, text])
            label = later
        return [(end, probability) for end, probability in ends if probability > FLOOR]
