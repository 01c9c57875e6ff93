"""Names of people and places in texts, as spans."""

import re
from collections.abc import Mapping, Sequence
from typing import Final

from masking.detection.recognizer import SHAPE
from masking.detection.span import Span, resolve
from masking.names.judging import names_of, places_of
from masking.names.labelling import Labellers, Stretches

_MASKED: Final = re.compile(r"\w{0,80}\*{3}")
"""What follows a place within the mask of an address."""


class NamesHere:
    """Finds names in this process. Not to be shared between threads while in use."""

    def __init__(self) -> None:
        """Raises DamagedModelError."""
        self._labellers = Labellers()

    def names(self, texts: Sequence[str]) -> list[list[Span]]:
        """The names of people and places in each text, in order, none overlapping another."""
        return [
            _spans(self._labellers.folded(text), stretches)
            for text, stretches in zip(texts, self._labellers.stretches(texts), strict=True)
        ]


def _spans(text: str, stretches: Mapping[str, Stretches]) -> list[Span]:
    """A person's name goes before a place's, and so does all that is found by its shape: a place's score is below theirs."""
    people = resolve(Span("name", start, end, round(sure, 3)) for start, end, sure in names_of(text, stretches["name"]))
    places = resolve(
        Span("place", start, end, round(sure * SHAPE, 3)) for start, end, sure in places_of(text, stretches["place"])
    )
    taken = {point for name in people for point in range(name.start, name.end)}
    free = [one for one in places if taken.isdisjoint(range(one.start, one.end)) and not _MASKED.match(text, one.end)]
    return sorted([*people, *free], key=lambda one: one.start)
