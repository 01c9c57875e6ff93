"""What a recognizer is: a pattern in RE2's language, what may stand beside a match, and what makes it surer.

RE2 takes time linear in the text, whatever the text is. It knows no look-around, and `\\b` is of no use beside Chinese, so
that neighbours are looked at here, on the characters at a match's edges.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

SHAPE: Final = 0.4
"""The score of a shape that little else has. A recognizer with a lower one is believed in its context only."""
CONTEXT: Final = 0.75
CHECKED: Final = 1.0
BEFORE: Final = 12
AFTER: Final = 6

Neighbours = Callable[[str, int, int], bool]
"""Whether a match may stand at [start, end) of a text."""
Judge = Callable[[str], float | None]
"""The score of a match by itself; None where the match is something else."""
Trim = Callable[[str, int, int], int | None]
"""Where the value of a match at [start, end) of a text starts; None where there is none in it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Recognizer:
    """Finds one kind. `cues` within 12 code points before or 6 after a match make it surer; group 1 of the pattern, where there
    is one, is the value. `numerals` also searches the writing in which digits in disguise are digits. `gate` is a cheaper pattern
    that every text with a match has; `trim` finds where within a match the value starts."""

    kind: str
    pattern: str
    score: float = SHAPE
    judge: Judge | None = None
    cues: tuple[str, ...] = ()
    neighbours: Neighbours | None = None
    numerals: bool = False
    gate: str | None = None
    trim: Trim | None = None

    def scored(self, text: str, start: int, end: int) -> float | None:
        """How sure a match at [start, end) is; None where it is none."""
        if self.neighbours is not None and not self.neighbours(text, start, end):
            return None
        score: float | None = self.score
        if self.judge is not None:
            score = self.judge(text[start:end])
        if score is None or score >= CONTEXT or not self.cues:
            return score
        around = text[max(0, start - BEFORE) : start].lower() + "\x00" + text[end : end + AFTER].lower()
        return CONTEXT if any(cue in around for cue in self.cues) else score


def apart_from_digits(text: str, start: int, end: int) -> bool:
    """No digit touches the match: it is no part of a longer number."""
    return not (start and text[start - 1].isdigit()) and not (end < len(text) and text[end].isdigit())


def apart_from_words(text: str, start: int, end: int) -> bool:
    """Neither an ASCII letter nor a digit touches the match; Chinese may."""
    before, after = text[start - 1 : start], text[end : end + 1]
    return not (before.isascii() and before.isalnum()) and not (after.isascii() and after.isalnum())
