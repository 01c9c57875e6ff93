"""Runs the three labellers over texts: one thread, in batches of about the same length.

Their files are data: the operations are those of onnxruntime, the SHA-256 is checked before one is opened.
"""

import hashlib
import re
from collections.abc import Sequence
from importlib.resources import files
from itertools import pairwise
from typing import Final

import numpy as np
import onnxruntime

from masking.detection.normal import visible
from masking.names.chain import Beliefs, Chain, Floats, Integers

DIGESTS: Final = (
    "f0c7451ae2c9134f775da5e34f1fc4c0229b4df295e7c76a8ad5936a2b9dc4e3",
    "af2f025434ba7b8cab8b90df3999cf73c16204b0f62f2e3aedddf540d85163ad",
    "5e3f3772bc9023dd1d11795b62e01827f9083e2945da91b62cd42e95773159f6",
)
Stretches = dict[tuple[int, int], tuple[float, ...]]
"""Stretches of a text, and what each labeller believes of them."""
LABELS: Final = {"name": ("PER", "nr"), "place": ("LOC", "ns")}
"""Kinds, and the labels of their names as entities and as words; the large LAC has the former only."""
_BATCH: Final = 4096
"""Code points that go through at once."""
_PIECE: Final = 256
_BREAK: Final = re.compile(r"[。！？!?；;\n]+|[，,、 ]")


class DamagedModelError(Exception):
    """The file of the model is not the one that was built."""


class _Labeller:
    def __init__(self, place: int) -> None:
        octets = files("masking.names").joinpath(f"labeller_{place}.onnx").read_bytes()
        if hashlib.sha256(octets).hexdigest() != DIGESTS[place]:
            raise DamagedModelError
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        self._session = onnxruntime.InferenceSession(octets, options, providers=["CPUExecutionProvider"])
        self.told: dict[str, str] = self._session.get_modelmeta().custom_metadata_map
        nothing = {"characters": np.zeros((1, 1), np.int32), "lengths": np.ones(1, np.int32)}
        self._chain = _chain(self._session.run(["chain"], nothing)[0], self.told["tags"].split(" "))

    def stretches(self, characters: Integers, lengths: Integers) -> list[Beliefs]:
        """What it believes of each piece."""
        inputs = {"characters": characters, "lengths": lengths}
        emissions: Floats = self._session.run(["emissions"], inputs)[0]
        return self._chain.stretches(emissions, lengths)


class Labellers:
    """Not to be shared between threads while in use: each process has its own."""

    def __init__(self) -> None:
        """Raises DamagedModelError."""
        self._first, *self._others = (_Labeller(place) for place in range(len(DIGESTS)))
        told = self._first.told
        rows = {character: row for row, character in enumerate(told["characters"], start=1)}
        folded = dict(zip(told["folded"], told["into"], strict=True))
        self._fold = str.maketrans(folded)
        self._rows = rows | {one: rows[other] for one, other in folded.items() if other in rows}

    def folded(self, text: str) -> str:
        """The text in simplified characters, code point by code point."""
        return text.translate(self._fold)

    def stretches(self, texts: Sequence[str]) -> list[dict[str, Stretches]]:
        """What the labellers believe of each text by kind, in code points of it."""
        found: list[dict[str, Stretches]] = [{kind: {} for kind in LABELS} for _ in texts]
        seen = [visible(text) for text in texts]
        pieces = [
            (text, first, normal.text[first:last])
            for text, normal in enumerate(seen)
            for first, last in pairwise(_cuts(normal.text))
        ]
        pieces.sort(key=lambda piece: len(piece[2]))
        while pieces:
            batch = pieces[-max(1, _BATCH // len(pieces[-1][2])) :]
            del pieces[-len(batch) :]
            for (text, first, _), believed in zip(batch, self._labelled([piece for *_, piece in batch]), strict=True):
                for kind, stretches in believed.items():
                    for (start, end), beliefs in stretches.items():
                        found[text][kind][seen[text].original(first + start, first + end)] = beliefs
        return found

    def _labelled(self, pieces: list[str]) -> list[dict[str, Stretches]]:
        lengths = np.array([len(piece) for piece in pieces], np.int32)
        characters = np.zeros((int(lengths.max()), len(pieces)), np.int32)
        for place, piece in enumerate(pieces):
            characters[: len(piece), place] = [self._rows.get(one, 0) for one in piece]
        first = self._first.stretches(characters, lengths)
        # A piece that says nothing to the first is done: no name that the others would find is lost, and most of the work saved.
        further = [place for place, one in enumerate(first) if any(one.values())]
        found: list[dict[str, Stretches]] = [{} for _ in pieces]
        if not further:
            return found
        kept, longest = lengths[further], int(lengths[further].max())
        others = [labeller.stretches(characters[:longest, further], kept) for labeller in self._others]
        for place, *votes in zip(further, [first[place] for place in further], *others, strict=True):
            found[place] = {kind: _together([one[kind] for one in votes]) for kind in LABELS}
        return found


def _together(votes: list[dict[tuple[int, int], float]]) -> Stretches:
    return {span: tuple(one.get(span, 0.0) for one in votes) for span in set().union(*votes)}


def _chain(moves: Floats, tags: list[str]) -> Chain:
    factors = np.exp(moves)
    heads = {
        kind: tuple((tags.index(f"{tag}-B"), tags.index(f"{tag}-I")) for tag in labels if f"{tag}-B" in tags)
        for kind, labels in LABELS.items()
    }
    return Chain(factors[0], factors[1], factors[2:], heads)


def _cuts(text: str) -> list[int]:
    """Where a text is cut into pieces of at most 256 code points, after the last mark of punctuation that fits."""
    cuts = [0]
    while len(text) - cuts[-1] > _PIECE:
        window = text[cuts[-1] : cuts[-1] + _PIECE]
        ends = [match.end() for match in _BREAK.finditer(window) if match.end() > _PIECE // 2]
        cuts.append(cuts[-1] + (ends[-1] if ends else _PIECE))
    return [*cuts, len(text)] if len(text) > cuts[-1] else cuts
