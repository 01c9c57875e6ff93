"""Masks of telephone numbers: mainland China, Hong Kong, Macao, Taiwan, and any other number with its country code.

A mask takes no region, so it shows numbers of Hong Kong, Macao and Taiwan without the country code: with and without
it, one number masks alike. A landline needs its trunk 0 or its country code. Extensions are hidden.
"""

import re

from masking.detection.normal import number as in_digits
from masking.writing import HIDDEN, plain

_PUNCTUATION = str.maketrans("", "", " -().·/‐‑‒–—―−")
_EXTENSION = re.compile(r"(?:;ext=|转|轉|分机|分機|ext\.?|x|#|,) ?\d{1,6}$", re.ASCII | re.IGNORECASE)
_DASHED_EXTENSION = re.compile(r"-\d{1,5}$", re.ASCII)

_MOBILE = re.compile(r"(?:\+?86)?0?(1[3-9]\d{9})", re.ASCII)
_MOBILE_AS_USUAL = re.compile(r"(?:(?:\+86|0086)[ -]?)?(1[3-9]\d)[ -]?\d{4}[ -]?(\d{4})", re.ASCII)
_LANDLINE_AS_USUAL = re.compile(r"(0(?:(?:10|2\d)(?=-?\d{8}$)|[3-9]\d\d(?=-?\d{7,8}$)))-?[2-9]\d{4,5}(\d\d)", re.ASCII)
"""What needs no reading: most numbers are written so."""
_AREA = re.compile(r"(?:\+?860?|0)((?:10|2\d)(?=\d{8}$)|[3-9]\d\d(?=\d{7,8}$))[2-9]\d{6,7}", re.ASCII)
_SERVICE = re.compile(r"(?:\+?86)?([48]00)\d{7}", re.ASCII)
_TAIWAN = re.compile(r"(?:\+?8860?|0)([2-9])(\d)\d{6,7}", re.ASCII)
_EIGHT = re.compile(r"(?:\+?85[23])?([2-9]\d)\d{6}", re.ASCII)
_LOCAL = re.compile(r"[2-9]\d{6}", re.ASCII)
_ABROAD = re.compile(r"\+[1-9]\d{6,14}", re.ASCII)

# ITU-T E.164 country codes of one and two digits; all others have three.
_COUNTRY = re.compile(
    r"[17]|2[07]|3[0-469]|4[013-9]|5[1-8]|6[0-6]|8[1246]|9[0-58]|\d{3}",
    re.ASCII,
)

_SHOWN = re.compile(r"1[3-9]\d\*{4}\d{4}|(?:\d\d|0\d{2,3}|[48]00|\+\d{1,3})?\*{4}\d{2}", re.ASCII)
_SHOWN_ON_WAYBILL = re.compile(r"1\*{7}\d{3}|\*{4}\d{2}", re.ASCII)


def mask_phone(value: str) -> str:
    """`138****5678`; `0571****21`, `400****67`, `59****19` (Hong Kong, Macao), `09****78` (Taiwan), `+44****58`."""
    if len(value) == 11 and value[0] == "1" and "3" <= value[1] <= "9" and value.isascii() and value.isdigit():
        return f"{value[:3]}****{value[7:]}"
    if match := _MOBILE_AS_USUAL.fullmatch(value) or _LANDLINE_AS_USUAL.fullmatch(value):
        return f"{match[1]}****{match[2]}"
    if _SHOWN.fullmatch(value):
        return value
    number = _number(value)
    if number is None:
        return HIDDEN
    if match := _MOBILE.fullmatch(number):
        return f"{match[1][:3]}****{match[1][7:]}"
    return f"{_front(number)}****{number[-2:]}"


def mask_phone_for_waybill(value: str) -> str:
    """Six digits hidden at least (GB/T 41833): `1*******678`, and the last two digits of any other number."""
    if _SHOWN_ON_WAYBILL.fullmatch(value):
        return value
    number = _number(value)
    if number is None or len(number) < 8:
        return HIDDEN
    return f"1*******{number[-3:]}" if _MOBILE.fullmatch(number) else f"****{number[-2:]}"


def _front(number: str) -> str:
    """What may be shown before the stars of a number that is no mainland mobile."""
    if match := _SERVICE.fullmatch(number) or _EIGHT.fullmatch(number):
        return match[1]
    if match := _AREA.fullmatch(number):
        return f"0{match[1]}"
    if match := _TAIWAN.fullmatch(number):
        return f"0{match[1]}"
    country = _COUNTRY.match(number, 1) if number[0] == "+" else None
    return f"+{country[0]}" if country else ""


def _number(value: str) -> str | None:
    """The digits of a number in any writing, after + if abroad, without extension; None if it looks like none."""
    whole = plain(value)
    text = _EXTENSION.sub("", whole)
    return (
        _dialled(text)
        or _dialled(_DASHED_EXTENSION.sub("", text))
        or _dialled(in_digits(whole))
        or _dialled(in_digits(text))
    )


def _dialled(text: str) -> str | None:
    if text.startswith("+"):
        text = text.replace("(0)", "", 1)
    digits = text.translate(_PUNCTUATION)
    if digits.startswith("00"):
        digits = f"+{digits[2:]}"
    forms = (_MOBILE, _AREA, _SERVICE, _TAIWAN, _EIGHT, _LOCAL)
    if digits.startswith(("+86", "+852", "+853", "+886")):
        return digits if any(form.fullmatch(digits) for form in forms) else None
    return digits if any(form.fullmatch(digits) for form in (*forms, _ABROAD)) else None
