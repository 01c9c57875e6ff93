"""What the relay itself says and writes to people, in their language."""

from collections.abc import Mapping
from enum import StrEnum
from functools import cache
from pathlib import Path
from types import MappingProxyType

from formats.strict_yaml import read_yaml

_TEXTS = Path(__file__).parent / "telling.yaml"


class Word(StrEnum):
    """The key of what is said."""

    ENDED = "ended"
    NOT_NOW = "not_now"
    EMERGENCY = "emergency"
    EXTENSION = "extension"
    LAST_DIGITS = "last_digits"
    UNKNOWN_EXTENSION = "unknown_extension"
    LINK = "link"
    CODE = "one_time_code"
    NUMBER = "number"
    TOO_MANY = "too_many"
    UNWANTED = "unwanted"
    STOPPED = "stopped"
    STARTED = "started"


LOCALES: Mapping[str, str] = MappingProxyType(
    {"zh-CN": "zh-Hans", "zh-HK": "zh-Hant", "zh-TW": "zh-Hant", "en-US": "en"}
)
"""The writing of a spoken language."""

_OF_REGION: Mapping[str, str] = MappingProxyType(
    {"CN": "zh-Hans", "SG": "zh-Hans", "HK": "zh-Hant", "MO": "zh-Hant", "TW": "zh-Hant"}
)


def locale_of(region: str) -> str:
    """The language that people of a region (ISO 3166-1) are most likely to read."""
    return _OF_REGION.get(region, "en")


def told(word: Word, locale: str) -> str:
    """The words in a locale: zh-Hans, zh-Hant or en."""
    return _texts()[word][locale]


@cache
def _texts() -> Mapping[Word, Mapping[str, str]]:
    found = read_yaml(_TEXTS.read_text(encoding="utf-8"))
    return MappingProxyType({word: MappingProxyType(found[word.value]) for word in Word})
