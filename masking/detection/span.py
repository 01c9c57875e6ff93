"""A stretch of text that is, or may be, a personal value."""

from typing import NamedTuple


class Span(NamedTuple):
    """Where a value stands, in code points of the text as it came, the end exclusive. `score` is how sure it is, 0 to 1."""

    kind: str
    start: int
    end: int
    score: float
