"""What all masks share: one plain writing to look at, and the one text that hides a value whole."""

import re
import unicodedata
from typing import Final

HIDDEN: Final = "***"

_LONGEST = 1000
_REFUSED = re.compile("[\x00-\x08\x0e-\x1f\x7f-\x84\x86-\x9f\ud800-\udfff]")
_INVISIBLE = re.compile("[\xad\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb]")
_HAN = "\u2e80-\u2fdf\u3005-\u3007\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U000323af"
_SPACE_BESIDE_HAN = re.compile(rf"(?<=[{_HAN}]) | (?=[{_HAN}])")
_SPACES = re.compile(r"\s+")


def plain(value: str) -> str:
    """The value in NFKC without invisible characters, trimmed, its white space folded.

    Empty for a text longer than 1,000 code points or with control characters or surrogates: it fits no kind.
    """
    if len(value) > _LONGEST:
        return ""
    if not (value.isprintable() and unicodedata.is_normalized("NFKC", value)):
        if _REFUSED.search(value):
            return ""
        value = unicodedata.normalize("NFKC", _SPACES.sub(" ", _INVISIBLE.sub("", value)))
    return _SPACE_BESIDE_HAN.sub("", _SPACES.sub(" ", value)).strip() if " " in value else value
