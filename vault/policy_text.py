"""Policy files as statements with places, so that a fault can be told by file and line.

Cedar reports neither; a statement is therefore cut out of its file first and judged alone.
"""

import re
from collections.abc import Iterator
from typing import NamedTuple

# A semicolon ends a statement unless it stands inside a string or a comment.
_STRING_COMMENT_OR_END = re.compile(r'"(?:\\.|[^"\\])*"|//[^\n]*|;', re.DOTALL)
_BLANK = re.compile(r"(?:\s|//[^\n]*)*")


class Place(NamedTuple):
    """Where a statement begins; lines count from 1."""

    file: str
    line: int


class Statement(NamedTuple):
    """One policy as written, with its annotations."""

    place: Place
    text: str


class PolicyFileError(Exception):
    """A policy file that may not be used: its name, the line where the faulty policy begins, and why."""

    def __init__(self, place: Place, reason: str) -> None:
        super().__init__(f"{place.file}:{place.line}: {reason}")
        self.place = place
        self.reason = reason


def statements(file: str, text: str) -> Iterator[Statement]:
    """Each statement of a policy file in order; what follows the last semicolon counts unless it is blank."""
    start = 0
    for found in _STRING_COMMENT_OR_END.finditer(text):
        if found.group() == ";":
            yield _statement(file, text, start, found.end())
            start = found.end()
    if _first_token(text, start) < len(text):
        yield _statement(file, text, start, len(text))


def _statement(file: str, text: str, start: int, end: int) -> Statement:
    token = _first_token(text, start)
    return Statement(Place(file, text.count("\n", 0, token) + 1), text[token:end])


def _first_token(text: str, start: int) -> int:
    blank = _BLANK.match(text, start)
    return blank.end() if blank else start
