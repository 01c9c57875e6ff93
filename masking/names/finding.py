"""Names in texts, as spans."""

from collections.abc import Sequence

from masking.detection.span import Span, resolve
from masking.names.judging import names_of
from masking.names.labelling import Labellers


class NamesHere:
    """Finds names in this process. Not to be shared between threads while in use."""

    def __init__(self) -> None:
        """Raises DamagedModelError."""
        self._labellers = Labellers()

    def names(self, texts: Sequence[str]) -> list[list[Span]]:
        """The names in each text, in order, none overlapping another."""
        return [
            resolve(
                Span("name", start, end, round(sure, 3))
                for start, end, sure in names_of(self._labellers.folded(text), stretches)
            )
            for text, stretches in zip(texts, self._labellers.stretches(texts), strict=True)
        ]
