"""The writing in which texts are searched, with a way back to the offsets of the text as it came.

Full-width, circled and other digits become ASCII, look-alike punctuation its plain form; what cannot be seen goes. Where the
number of code points changes, an offset map goes along; mostly it does not, and there is none.

`digits` writes a run of numerals that somebody meant to hide (一三八零零…, 1З8OOl…) in digits as well, for the recognizers of
numbers only: in other words 一 is just a word.
"""

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import re2

_PUNCTUATION: Final = {
    "。": ".", "｡": ".", "．": ".", "·": ".", "•": ".", "・": ".", "‧": ".", "∙": ".", "丶": ".", "、": ",", "，": ",",
    "—": "-", "–": "-", "－": "-", "‐": "-", "‑": "-", "‒": "-", "―": "-", "−": "-", "ー": "-", "～": "~", "＿": "_",
    "（": "(", "）": ")", "【": "[", "】": "]", "：": ":", "；": ";", "／": "/", "＠": "@", "㊣": "@", "＋": "+", "➕": "+",
    "\u3000": " ", "\u00a0": " ", "\u202f": " ", "\u2009": " ", "\t": " ",
}  # fmt: skip
_RANGES: Final = ((0x2460, 9, "1"), (0x2474, 9, "1"), (0x2488, 9, "1"), (0x24F5, 9, "1"), (0x2776, 9, "1"), (0x2780, 9, "1"),
                  (0x278A, 9, "1"), (0x3280, 9, "1"), (0x3220, 9, "1"), (0x2080, 10, "0"), (0x1D7CE, 10, "0"),
                  (0x1D7D8, 10, "0"), (0x1D7E2, 10, "0"), (0x1D7EC, 10, "0"), (0x1D7F6, 10, "0"))  # fmt: skip
_SUPERSCRIPTS: Final = dict(zip("⁰¹²³⁴⁵⁶⁷⁸⁹", "0123456789", strict=True))
_CIRCLED_ZERO: Final = {"⓪": "0", "⓿": "0", "🄋": "0", "🄌": "0"}


def _table() -> dict[int, str]:
    made = {ord(wide): narrow for wide, narrow in _PUNCTUATION.items()}
    made |= {code: chr(code - 0xFEE0) for code in range(0xFF01, 0xFF5F) if chr(code) not in _PUNCTUATION}
    made |= {first + step: chr(ord(digit) + step) for first, count, digit in _RANGES for step in range(count)}
    made |= {ord(one): digit for one, digit in (*_SUPERSCRIPTS.items(), *_CIRCLED_ZERO.items())}
    for code in range(0x0660, 0x10000):
        value = unicodedata.digit(chr(code), None)
        if value is not None and unicodedata.category(chr(code)) == "Nd" and code not in made:
            made[code] = str(value)
    return made


_PLAIN: Final = _table()
_UNSEEN: Final = re.compile("[\xad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f"
                            "\u20e3\ufe00-\ufe0f\ufeff\ufff9-\ufffb\U000e0001-\U000e007f]+")  # fmt: skip
_NUMERALS: Final = str.maketrans(
    dict(
        zip(
            "〇零○一壹幺弌二贰貳两三叁參四肆五伍六陆陸七柒拐八捌九玖勾",
            "00011112222333445566677788999",
            strict=True,
        )
    )
    | dict.fromkeys("OoоОΟο", "0")
    | dict.fromkeys("lI|ΙІi", "1")
)
_DISGUISED: Final = re.compile(
    r"(?:[0-9〇零○一壹幺弌二贰貳两三叁參四肆五伍六陆陸七柒拐八捌九玖勾OoоОΟοlI|ΙІi][ .\-_,*~/]{0,2}){7,}"
)
_PARTED: Final = re2.compile(r"([0-9])[ .\-_*~/,\p{So}]{1,2}")


@dataclass(frozen=True, slots=True)
class Normal:
    """A text to search. `ends` gives the offset in the original after each code point; None is identity."""

    text: str
    ends: Sequence[int] | None = None

    def original(self, start: int, end: int) -> tuple[int, int]:
        """Where a stretch of `text` stands in the original, with what cannot be seen inside of it and after it."""
        return (start, end) if self.ends is None else (self.ends[start - 1] if start else 0, self.ends[end - 1])


def normalize(text: str) -> Normal:
    """The plain writing of a text. Takes time linear in its length."""
    if text.isascii() and "\t" not in text:
        return Normal(text)
    normal = visible(text)
    return Normal(normal.text.translate(_PLAIN), normal.ends)


def visible(text: str) -> Normal:
    """The text without what cannot be seen."""
    if text.isascii() or _UNSEEN.search(text) is None:
        return Normal(text)
    parts: list[str] = []
    ends: list[int] = []
    end = 0
    for unseen in _UNSEEN.finditer(text):
        parts.append(text[end : unseen.start()])
        ends += range(end + 1, unseen.start() + 1)
        end = unseen.end()
        if ends:
            ends[-1] = end
    parts.append(text[end:])
    ends += range(end + 1, len(text) + 1)
    return Normal("".join(parts), ends)


def digits(normal: Normal) -> Normal | None:
    """The same with numerals in disguise as digits, code point by code point; None where there is no such run."""
    if _DISGUISED.search(normal.text) is None:
        return None
    return Normal(_DISGUISED.sub(lambda run: run[0].translate(_NUMERALS), normal.text), normal.ends)


def number(value: str) -> str:
    """A value that is known to be a number, in plain digits without what parts them, however somebody wrote it to hide it."""
    joined: str = _PARTED.sub(r"\1", normalize(value).text.translate(_NUMERALS))
    return joined
