"""Searching texts: one pass tells which recognizers have anything to say, and only those are asked.

1. normal    the plain writing, with a way back to the offsets
2. gate      `re2.Set` over all patterns at once; a text that none of them hits is done
3. matches   the patterns that hit, each match judged by its neighbours, itself and its context
4. overlaps  the surest, then the longest, then the first in order of kinds wins
"""

import re
from collections.abc import Iterable, Sequence
from functools import cache
from typing import Final

import re2

from masking.detection import accounts, callings, identities, places, telephones, things
from masking.detection.normal import Normal, digits, normalize
from masking.detection.recognizer import SHAPE, Recognizer
from masking.detection.span import Span, resolve

RECOGNIZERS: Final[tuple[Recognizer, ...]] = (
    *identities.RECOGNIZERS,
    *accounts.RECOGNIZERS,
    *telephones.RECOGNIZERS,
    *things.RECOGNIZERS,
    *callings.RECOGNIZERS,
    *places.RECOGNIZERS,
)
_AUTOMATON_BYTES: Final = 1 << 27
FINDINGS_AT_MOST: Final = 2_000
"""Candidates in one text beyond which nobody looks at them one by one: the text is hidden whole."""


class TooManyFindingsError(Exception):
    """A text with more candidates than are looked at."""


class Scanner:
    """Searches with a set of recognizers. Safe to share between threads."""

    def __init__(self, recognizers: Sequence[Recognizer] = RECOGNIZERS) -> None:
        options = _options()
        self._recognizers = recognizers
        self._patterns = [re2.compile(one.pattern.encode(), options) for one in recognizers]
        self._gate = _gate(tuple(one.gate or one.pattern for one in recognizers))
        self._numerals = [place for place, one in enumerate(recognizers) if one.numerals]

    def scan(self, text: str, *, at_least: float = SHAPE) -> list[Span]:
        """The personal values of a text, in order, none overlapping another.

        Raises:
            TooManyFindingsError: the text has more candidates than are looked at one by one.
        """
        normal = normalize(text)
        hit = self._gate.Match(_octets(normal.text))
        found = self._found(normal, hit) if hit else []
        disguised = digits(normal)
        if disguised is not None:
            found += self._found(disguised, self._numerals)
        return resolve(span for span in found if span.score >= at_least) if found else []

    def _found(self, normal: Normal, places: Iterable[int]) -> list[Span]:
        """Matches are looked for in UTF-8, which is what RE2 reads, and counted in code points as they come."""
        octets = _octets(normal.text)
        plain = len(octets) == len(normal.text)
        found: list[Span] = []
        for place in places:
            recognizer, pattern = self._recognizers[place], self._patterns[place]
            group, read, points = (1 if pattern.groups else 0), 0, 0
            for match in pattern.finditer(octets):
                begin, finish = match.span(group)
                start = begin if plain else points + len(octets[read:begin].decode())
                end = finish if plain else start + len(octets[begin:finish].decode())
                read, points = finish, end
                if recognizer.trim is not None:
                    trimmed = recognizer.trim(normal.text, start, end)
                    if trimmed is None:
                        continue
                    start = trimmed
                score = recognizer.scored(normal.text, start, end)
                if score is not None:
                    found.append(Span(recognizer.kind, *normal.original(start, end), score))
                    if len(found) > FINDINGS_AT_MOST:
                        raise TooManyFindingsError
        return found


def _options() -> re2.Options:
    options = re2.Options()
    options.max_mem = _AUTOMATON_BYTES  # a set whose automaton does not fit says that nothing matches
    return options


@cache
def _gate(patterns: tuple[str, ...]) -> re2.Set:
    """One set for all scanners of the same patterns: building it takes long, and its automaton grows with use."""
    gate = re2.Set.SearchSet(_options())
    for pattern in patterns:
        gate.Add(pattern)
    gate.Compile()
    return gate


def _octets(text: str) -> bytes:
    """UTF-8 with a place holder, as long, for what is no character: a surrogate on its own."""
    try:
        return text.encode()
    except UnicodeEncodeError:
        return _SURROGATES.sub("\ufffd", text).encode()


_SURROGATES = re.compile("[\ud800-\udfff]")
