"""Notes that people write: what is personal in them is counted on the way in, and masked in masked views.

Masked views are made inside transactions, where the labellers are not asked. So what they see is counted on the way in, too: a
note with a name that a masked view would still show, or that they did not read, is one to be hidden whole.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Final, NamedTuple

from masking.detection.language import language_of
from masking.detection.span import Span
from masking.finding import Finder, NamesBusyError
from masking.mask import mask
from masking.redaction import Mode, Redactor

NOTE: Final = "note"
UNKNOWN: Final = "unknown"
"""What a note with more values than are looked at one by one is counted as."""


_MASKED_IN: Final = {"name": {"name"}, "place": {"place", "address"}}
"""What the labellers find, and the kinds within which it is masked as well as by itself."""


class Reading(NamedTuple):
    """How many values of which kinds are in a note, and how many names of people or places a masked view of it would still show:
    None where the labellers did not read it."""

    kinds: Mapping[str, int]
    bare_names: int | None


class Notes:
    """`with_names` tells that the finder's labellers may be asked."""

    def __init__(self, finder: Finder, *, with_names: bool = False) -> None:
        self._finder = finder
        self._redactor = Redactor(finder)
        self._with_names = with_names

    def mask(self, kind: str, value: str) -> str:
        """The masked view of a value; of a note, its text with what is personal in it masked, but for bare names."""
        if kind != NOTE:
            return mask(kind, value)
        (redacted,) = self._redactor.redact([value], Mode.MASK, names=False)
        return redacted.text

    def read(self, notes: Sequence[str]) -> list[Reading]:
        """Each note. Those with stars or in unknown languages, and all while the labellers are busy, are skimmed."""
        skimmed = self._finder.find(notes, names=False)
        named = self._named(notes)
        return [
            _skimmed(spans) if spans is None or full is None else Reading(_kinds(full), _bare(note, full, spans))
            for note, spans, full in zip(notes, skimmed, named, strict=True)
        ]

    def skim(self, notes: Sequence[str]) -> list[Reading]:
        """Each note, without the labellers."""
        return [_skimmed(spans) for spans in self._finder.find(notes, names=False)]

    def _named(self, notes: Sequence[str]) -> list[list[Span] | None]:
        """The values of each note with names; None where the labellers did not read it."""
        unread: list[list[Span] | None] = [None] * len(notes)
        # What stands beside a star is taken for a mask already, which in somebody's note it need not be.
        known = [place for place, note in enumerate(notes) if language_of(note) == "zh" and "*" not in note]
        if not self._with_names or not known:
            return unread
        try:
            found = self._finder.find([notes[place] for place in known])
        except NamesBusyError:
            return unread
        for place, spans in zip(known, found, strict=True):
            unread[place] = spans
        return unread


def _kinds(spans: Sequence[Span]) -> Mapping[str, int]:
    return Counter(span.kind for span in spans)


def _skimmed(spans: Sequence[Span] | None) -> Reading:
    return Reading({UNKNOWN: 1} if spans is None else _kinds(spans), None)


def _bare(note: str, full: Sequence[Span], skimmed: Sequence[Span]) -> int:
    """How many names would be shown: their masks hide something, and they do not lie in what is masked without the labellers."""
    return sum(
        mask(span.kind, note[span.start : span.end]) != note[span.start : span.end]
        and not any(
            one.start <= span.start and span.end <= one.end for one in skimmed if one.kind in _MASKED_IN[span.kind]
        )
        for span in full
        if span.kind in _MASKED_IN
    )
