"""The languages that people are addressed in, and texts that are given in each of them."""

from collections.abc import Iterable, Mapping
from enum import StrEnum


class Locale(StrEnum):
    """Language tags of BCP 47: Chinese in both scripts, and English."""

    ZH_HANS = "zh-Hans"
    ZH_HANT = "zh-Hant"
    EN = "en"


Localized = Mapping[Locale, str]
"""One text in every language of a catalogue."""

_TRADITIONAL = {"hant", "tw", "hk", "mo"}


def closest(wanted: str, offered: Iterable[Locale]) -> Locale:
    """The language of `offered`, which is not empty, nearest to the tag `wanted` (RFC 4647, section 3.4): that of the same
    script for Chinese of any region, else the first one offered."""
    available = list(offered)
    language, *rest = wanted.replace("_", "-").lower().split("-")
    if language == "zh":
        nearest = Locale.ZH_HANT if _TRADITIONAL.intersection(rest) else Locale.ZH_HANS
        order = [nearest, Locale.ZH_HANS, Locale.ZH_HANT]
    else:
        order = [locale for locale in available if locale.split("-", maxsplit=1)[0] == language]
    return next((locale for locale in order if locale in available), available[0])
