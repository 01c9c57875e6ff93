"""Provinces, cities and counties at the head of an address, in full or short, however often they are said."""

from collections.abc import Iterator
from enum import IntEnum
from functools import cache
from importlib.resources import files
from typing import Final

_BETWEEN: Final = frozenset("-_ ,、·/")
_KINDS: Final = frozenset("省市州县盟")
"""What people append to a short name: 延边州."""
_GOES_ON: Final = frozenset("路街道巷弄村镇乡桥线东西南北中一二三大")
"""What makes a short name the beginning of another one: 江东路 is no county."""


class Tier(IntEnum):
    """The three tiers of GB/T 2260."""

    PROVINCE = 1
    CITY = 2
    COUNTY = 3


def heads(text: str) -> Iterator[tuple[Tier, int]]:
    """The divisions that a text in simplified characters begins with: each one's tier, and where it ends.

    A short name counts only where something finer than before is still to come.
    """
    known, place, last = _names(), 0, 0
    while (found := _next(known, text, place, last)) is not None:
        tier, place = found
        last = max(last, tier)
        yield tier, place


def _next(known: dict[str, tuple[Tier, bool]], text: str, place: int, last: int) -> tuple[Tier, int] | None:
    while place < len(text) and text[place] in _BETWEEN:
        place += 1
    for length in _lengths().get(text[place : place + 2], ()):
        tier, whole = known.get(text[place : place + length], (None, False))
        if tier is None or place + length > len(text):
            continue
        after = text[place + length : place + length + 1]
        if whole or (tier > last and after not in _GOES_ON):
            return tier, place + length + (not whole and after != "" and after in _KINDS)
    return None


def may_begin(text: str) -> bool:
    """Whether some division begins with the first two characters of a text."""
    return text[:2] in _lengths()


@cache
def _lengths() -> dict[str, tuple[int, ...]]:
    """How long the names are that begin with two characters, the longest first."""
    found: dict[str, set[int]] = {}
    for name in _names():
        found.setdefault(name[:2], set()).add(len(name))
    return {opening: tuple(sorted(lengths, reverse=True)) for opening, lengths in found.items()}


@cache
def _names() -> dict[str, tuple[Tier, bool]]:
    """Names, their tier, and whether they say what they are. Of one name for several, the highest counts."""
    text = files("masking.gazetteer").joinpath("divisions.tsv").read_text("utf-8")
    lines = [line.split("\t") for line in text.splitlines() if not line.startswith("#")]
    names: dict[str, tuple[Tier, bool]] = {}
    for tier, name, short in sorted((_tier(code), name, short) for code, name, short in lines):
        names.setdefault(name, (tier, True))
        if short:
            names.setdefault(short, (tier, False))
    return names


def _tier(code: str) -> Tier:
    return Tier.PROVINCE if code.endswith("0000") else Tier.CITY if code.endswith("00") else Tier.COUNTY
