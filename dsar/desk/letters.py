"""The words for the desk's codes, in each language that people are written to."""

from collections.abc import Mapping
from functools import cache
from pathlib import Path

import yaml

LOCALES = ("zh-Hans", "zh-Hant", "en")
_SHIPPED = Path(__file__).with_name("letters.yaml")

Wordings = Mapping[str, Mapping[str, str]]
"""Words by code and locale."""


@cache
def _letters() -> Mapping[str, Wordings]:
    """All letters.

    Raises:
        ValueError: one lacks a locale.
    """
    read: dict[str, dict[str, dict[str, str]]] = yaml.safe_load(_SHIPPED.read_text(encoding="utf-8"))
    for kind, letters in read.items():
        for code, words in letters.items():
            if set(words) != set(LOCALES):
                raise ValueError(f"{kind}.{code} needs words in each of {', '.join(LOCALES)}")
    return read


def wordings(kind: str) -> Wordings:
    """The words of all codes of a kind, such as `denials`."""
    return _letters()[kind]


def words_for(kind: str, code: str, locale: str) -> str:
    """The words of one code. Raises KeyError where there are none."""
    return wordings(kind)[code][locale]
