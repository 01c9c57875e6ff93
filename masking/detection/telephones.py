"""Telephone numbers: mainland China in any grouping, landlines, service and privacy numbers, Hong Kong, Macao, Taiwan, abroad."""

import re

import phonenumbers

from masking.detection.recognizer import CHECKED, CONTEXT, SHAPE, Recognizer, apart_from_digits, apart_from_words

_SEPARATORS = r"[ .\-_*~/,\p{So}]{0,2}"
_CUES = (
    "电话",
    "電話",
    "手机",
    "手機",
    "号码",
    "號碼",
    "联系",
    "聯系",
    "聯繫",
    "致电",
    "来电",
    "短信",
    "微信",
    "座机",
    "热线",
    "专线",
    "传真",
    "客服",
    "call",
    "phone",
    "tel",
    "mobile",
    "cell",
    "fax",
    "hotline",
    "whatsapp",
    "☎",
    "📞",
    "📱",
)
_ENGLISH_CUES = (
    "call",
    "phone",
    "tel:",
    "tel.",
    "mobil",
    " cell",
    "fax",
    "offic",
    "dial",
    "nswer",
    "reach me",
    "reach us",
    "reach you",
    "reach him",
    "reach her",
    "hotline",
    "whatsapp",
)
"""Cut where a window of so few characters would cut them."""
_EXTENSION = r"(?: ?(?:x|X|#|[Ee]xt\.?|extension) ?\d{1,5})?"
_EXTENDED = re.compile(r"[xX#eE].*$")
_DAY = re.compile(r"(?:19|20)\d\d[ .\-]\d{1,2}[ .\-]\d{1,2}(?:\D|$)|\d{1,2}[ .\-]\d{1,2}[ .\-](?:19|20)\d\d$")
_FOUR_PARTS = re.compile(r"(?:\d{1,3}\.){3}\d{1,3}$")
_MOBILE = re.compile(r"^\(?(?:\+|00)?86\D{0,3}(?=1)| ?(?:转|轉|-|,|ext\.?) ?\d{3,4}$")
_WORD = re.compile(r"(?:http|id|no|sku)$")
_NUMBER_BEFORE = re.compile(r"[0-9]{7}[.,]$")
"""Another number in a list, rather than the whole part of a fraction."""
_SEGMENT = re.compile(r"1(?:3\d|4[014-9]|5[0-35-9]|6[25-7]|7[0-8]|8\d|9[0-35-9])")


def _mobile(match: str) -> float:
    """Digits parted by this and that are a list of numbers rather than one in disguise."""
    number = _MOBILE.sub("", match)
    parts = set(re.findall(r"\D+", number))
    if len(parts) > 2:
        return 0.3
    return CHECKED if _SEGMENT.match(re.sub(r"\D", "", number)) else CONTEXT


def _apart(text: str, start: int, end: int) -> bool:
    """No part of a longer number, of a decimal fraction, or of a word in Latin letters."""
    if not apart_from_digits(text, start, end):
        return False
    before = text[start - 1 : start]
    if (
        before in {".", ","}
        and text[start - 2 : start - 1].isdigit()
        and not _NUMBER_BEFORE.search(text[max(0, start - 10) : start])
    ):
        return False
    if text[start + 1 : start + 2].isdigit():
        return not (before.isascii() and before.islower() and _WORD.search(text[max(0, start - 8) : start]))
    # Spelt digit by digit: whatever parts them also parts those of a longer number from the match.
    goes_on = text[end : end + 1] == text[start + 1] and text[end + 1 : end + 2].isdigit()
    return not goes_on and not (before == text[start + 1] and text[start - 2 : start - 1].isdigit())


def _ended(text: str, start: int, end: int) -> bool:
    """Apart as any number is, and no row of numbers goes on behind the match or began before it."""
    goes_on = text[end : end + 1] in {"-", "."} and text[end + 1 : end + 2].isdigit()
    began = text[start - 1 : start] in {"-", ".", "/", "+", "$"}
    return not goes_on and not began and _apart(text, start, end)


def _abroad(match: str) -> float | None:
    """A number that no plan has given out yet is likely enough where a plus says that it is one."""
    try:
        number = phonenumbers.parse("+" + re.sub(r"\D", "", _EXTENDED.sub("", match)).removeprefix("00"), None)
    except phonenumbers.NumberParseException:
        return None
    if phonenumbers.is_valid_number(number):
        return CHECKED
    return SHAPE if match.startswith("+") and phonenumbers.is_possible_number(number) else None


def _grouped(match: str) -> float | None:
    """Seven to twelve digits in the groups of some country, which mean nothing by themselves; a day and a place in a network
    are something else."""
    number = _EXTENDED.sub("", match)
    count = len(re.sub(r"\D", "", number))
    return 0.1 if 7 <= count <= 12 and not _DAY.match(number) and not _FOUR_PARTS.match(number) else None


_MAINLAND = rf"(?:\(?(?:\+|00)?86\)?{_SEPARATORS})?1{_SEPARATORS}[3-9](?:{_SEPARATORS}\d){{9}}"

RECOGNIZERS = (
    Recognizer(
        kind="phone",
        # A privacy number takes its extension along: without it, it reaches nobody.
        pattern=rf"{_MAINLAND} ?(?:转|轉|-|,|ext\.?) ?\d{{3,4}}",
        judge=_mobile,
        cues=_CUES,
        neighbours=_apart,
        numerals=True,
    ),
    Recognizer(kind="phone", pattern=_MAINLAND, judge=_mobile, cues=_CUES, neighbours=_apart, numerals=True),
    Recognizer(
        kind="phone",  # numbers of things that call: 13 digits
        pattern=r"1(?:4[0146]\d|0648|0649)\d{8,9}",
        score=0.3,
        cues=_CUES,
        neighbours=apart_from_digits,
    ),
    Recognizer(
        kind="landline",
        pattern=r"(?:\(?0|(?:\+|00)?86[ \-]?0?)(?:10|2\d|[3-9]\d{2})\)?[ \-]?[2-9]\d{2,3}[ \-]?\d{4}"
        r"(?: ?(?:转|轉|-|ext\.?|#) ?\d{1,5})?",
        score=SHAPE,
        cues=_CUES,
        neighbours=_apart,
        numerals=True,
    ),
    Recognizer(
        kind="landline",
        pattern=r"[48]00[ \-]?\d{3,4}[ \-]?\d{3,4}|95013\d{6,11}|95\d{3}",
        score=0.2,
        cues=_CUES,
        neighbours=_apart,
    ),
    Recognizer(kind="landline", pattern=r"[2-9]\d{2,3}[ \-]?\d{4}", score=0.1, cues=_CUES, neighbours=_apart),
    Recognizer(
        kind="phone",
        pattern=r"(?:\+|00)\(?[1-9]\d{0,2}\)?(?:[ .\-()]{0,2}\d){6,12}" + _EXTENSION,
        judge=_abroad,
        neighbours=_apart,
    ),
    Recognizer(
        kind="phone",
        pattern=r"\(?(?:852|853|886)\)?[ \-]{0,2}(?:[2-9]\d{2,3}[ \-]?\d{4,5}|0?9\d{2}[ \-]?\d{3}[ \-]?\d{3})",
        cues=_CUES,
        neighbours=_apart,
    ),
    Recognizer(  # North America
        kind="phone",
        pattern=r"(?:(?:\+|00)?1[ .\-]?)?(?:\([2-9]\d{2}\)[ \-]?|[2-9]\d{2}[.\-])\d{3}[ .\-]\d{4}" + _EXTENSION,
        cues=_CUES,
        neighbours=_apart,
    ),
    Recognizer(  # North America's free numbers, spelt
        kind="phone",
        pattern=r"1-8(?:00|33|44|55|66|77|88)-[A-Z0-9]{3}-?[A-Z0-9]{4}",
        cues=_CUES,
        neighbours=apart_from_words,
    ),
    Recognizer(  # anywhere
        kind="phone",
        pattern=r"(?:\(\d{2,5}\)|\d{2,5})(?:[ .\-]?\d{2,5}){1,4}" + _EXTENSION,
        judge=_grouped,
        cues=_ENGLISH_CUES,
        neighbours=_ended,
    ),
    Recognizer(kind="phone", pattern=r"09\d{2}[ \-]?\d{3}[ \-]?\d{3}", cues=_CUES, neighbours=_apart),
)
