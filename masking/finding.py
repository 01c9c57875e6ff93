"""Personal values in texts: what the scanner finds by shape, and names by what labels them, none overlapping another."""

from collections.abc import Sequence
from typing import Protocol

from masking.detection.language import language_of
from masking.detection.scanning import Scanner, TooManyFindingsError
from masking.detection.span import Span, resolve


class Names(Protocol):
    """Whoever finds names of people and places."""

    def names(self, texts: Sequence[str]) -> list[list[Span]]:
        """The names in each text, in order.

        Raises:
            NamesBusyError: too many others ask already.
        """


class NamesBusyError(Exception):
    """Everybody who looks for names is at work, and nobody became free in time."""


class Finder:
    """Searches texts. Names are looked for in Chinese ones only, which the labellers know.

    Without `names`, the names that announce themselves are found all the same, by their cues.
    """

    def __init__(self, scanner: Scanner, names: Names | None = None) -> None:
        self._scanner = scanner
        self._names = names

    def find(self, texts: Sequence[str], *, names: bool = True) -> list[list[Span] | None]:
        """The values of each text, in order; None for a text with more candidates than are looked at one by one.

        Raises:
            NamesBusyError: `names`, and too many others ask already.
        """
        found = [self._scanned(text) for text in texts]
        if self._names is None or not names:
            return found
        open_ = [place for place, spans in enumerate(found) if spans is not None and language_of(texts[place]) == "zh"]
        named = self._names.names([texts[place] for place in open_]) if open_ else []
        for place, spans in zip(open_, named, strict=True):
            unmasked = [span for span in spans if "*" not in texts[place][span.start : span.end + 1]]
            if unmasked:
                found[place] = resolve([*(found[place] or ()), *unmasked])
        return found

    def _scanned(self, text: str) -> list[Span] | None:
        try:
            return self._scanner.scan(text)
        except TooManyFindingsError:
            return None
