"""The words of packages in each language, from words.yaml."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from functools import cache, lru_cache
from pathlib import Path

import yaml

from dsar.disclosure.category import CATEGORIES

LOCALES = ("zh-Hans", "zh-Hant", "en")
DEFAULT = "zh-Hans"
LOCALES_REMEMBERED = 64

_SHIPPED = Path(__file__).with_name("words.yaml")


@dataclass(frozen=True, slots=True, kw_only=True)
class Words:
    """All words in one language: headings, the list of rights, and names of roles, actions, outcomes, categories and columns."""

    locale: str
    headings: Mapping[str, str]
    rights: Sequence[str]
    roles: Mapping[str, str]
    actions: Mapping[str, str]
    outcomes: Mapping[str, str]
    categories: Mapping[str, str]
    columns: Mapping[str, str]


@lru_cache(LOCALES_REMEMBERED)
def words_of(locale: str) -> Words:
    """The words in the language nearest to a tag of BCP 47."""
    return _all()[nearest(locale)]


def nearest(locale: str) -> str:
    """The one of LOCALES that is nearest: by its script for Chinese of any region, else English for every other language."""
    language, *rest = locale.replace("_", "-").lower().split("-")
    if language == "zh":
        return "zh-Hant" if {"hant", "tw", "hk", "mo"} & set(rest) else "zh-Hans"
    return "en" if language else DEFAULT


@cache
def _all() -> Mapping[str, Words]:
    read = yaml.safe_load(_SHIPPED.read_text(encoding="utf-8"))
    found = {locale: Words(locale=locale, **read[locale]) for locale in LOCALES}
    for words in found.values():
        _require_whole(words, found[DEFAULT])
    return found


def _require_whole(words: Words, first: Words) -> None:
    """Raises ValueError where a language lacks what another has."""
    if set(words.categories) != set(CATEGORIES):
        raise ValueError(f"{words.locale}: the categories are not those of the closed set")
    for one in fields(Words):
        mine, others = getattr(words, one.name), getattr(first, one.name)
        if isinstance(mine, Mapping) and set(mine) != set(others):
            raise ValueError(f"{words.locale}: {one.name} are not those of {first.locale}")
