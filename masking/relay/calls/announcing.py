"""What people are told on the line before they are connected, in their language."""

from collections.abc import Mapping
from enum import StrEnum
from functools import cache
from pathlib import Path
from types import MappingProxyType

from formats.strict_yaml import read_yaml

_TEXTS = Path(__file__).parent / "announcements.yaml"


class Announcement(StrEnum):
    """The key of an announcement: adapters without a voice of their own hand it on, others speak its text."""

    RECORDING = "recording"
    STEP_UP = "step_up"


@cache
def announcement_texts() -> Mapping[Announcement, Mapping[str, str]]:
    """The words of each announcement by language: zh-Hans, zh-Hant and en."""
    found = read_yaml(_TEXTS.read_text(encoding="utf-8"))
    return MappingProxyType({key: MappingProxyType(found[key.value]) for key in Announcement})
