"""Notes that people write: what is personal in them is counted on the way in, and masked in masked views."""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Final

from masking.finding import Finder
from masking.mask import mask
from masking.redaction import Mode, Redactor

NOTE: Final = "note"
UNKNOWN: Final = "unknown"
"""What a note with more values than are looked at one by one is counted as."""


class Notes:
    """Asks no labellers: views are made inside transactions. Names are found where they announce themselves."""

    def __init__(self, finder: Finder) -> None:
        self._finder = finder
        self._redactor = Redactor(finder)

    def mask(self, kind: str, value: str) -> str:
        """The masked view of a value; of a note, its text with what is personal in it masked."""
        if kind != NOTE:
            return mask(kind, value)
        (redacted,) = self._redactor.redact([value], Mode.MASK, names=False)
        return redacted.text

    def kinds(self, notes: Sequence[str]) -> list[Mapping[str, int]]:
        """How many values of which kinds are in each note."""
        found = self._finder.find(notes, names=False)
        return [Counter(span.kind for span in spans) if spans is not None else {UNKNOWN: 1} for spans in found]
