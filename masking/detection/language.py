"""Which language a text is in, as far as its script tells: enough to know who is to look for names in it."""

import re
from typing import Final

_HAN: Final = re.compile("[\u3400-\u9fff]")
_LATIN: Final = re.compile("[A-Za-z]")


def language_of(text: str) -> str:
    """`zh` for a text with any Chinese character, `en` for other texts with Latin letters, `und` for what has neither."""
    if _HAN.search(text):
        return "zh"
    return "en" if _LATIN.search(text) else "und"
