"""Numbers: those that people are shown, and those that people have.

A *relay number* is X or Y. Numbers of the 700 range of China's number-protection service have 15 digits after the country code,
more than E.164 allows (工信部信管函〔2025〕130号), which is why relay numbers are a type of their own. A *real number* is E.164
and nothing else. Emergency numbers are neither.
"""

import re
import unicodedata
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from importlib.resources import files

import phonenumbers
from phonenumbers import NumberParseException, PhoneNumberFormat
from phonenumbers.shortnumberinfo import is_emergency_number

from formats.strict_yaml import read_yaml
from masking.relay.errors import EmergencyNumberError, InvalidNumberError

NOWHERE = "ZZ"
"""The region of numbers that are written with their country code."""

LONGEST = 40
"""Characters in a number as somebody wrote it; what is longer is none."""

_SEVEN_HUNDRED = re.compile(r"(?:\+|00)?(?:86)?(700\d{12})", re.ASCII)
_DIGITS = re.compile(r"\+?\d{3,20}", re.ASCII)
_SHORT = re.compile(r"[1-9]\d{2,7}", re.ASCII)
_E164 = re.compile(r"\+[1-9]\d{6,14}", re.ASCII)
_EMERGENCY_AT_MOST = 10
"""Characters of the longest emergency number with a country code before it."""

_MOBILE = re.compile(r"\+861[3-9]\d{9}", re.ASCII)
_SEPARATORS = re.compile(r"[\s().·/‐‑‒–—―−-]+")
_SIP = re.compile(r"[^<]{0,80}<?(?:sips?|tel):([^@;>]+)", re.IGNORECASE)

ANONYMOUS = frozenset(
    {
        "",
        "anonymous",
        "unavailable",
        "unknown",
        "restricted",
        "blocked",
        "private",
        "0",
        "+266696687",
        "+7378742833",
        "+2562533",
        "+8656696",
        "+86282452253",
    }
)
"""What callers without a number are called on the way: words, and the same words spelled on a keypad, of which the last two look
like numbers of China."""


class NumberKind(StrEnum):
    """E.164; the 15 digits of the 700 range, without country code; a short code of a carrier."""

    E164 = "e164"
    CN700 = "cn700"
    SHORT = "short"


@dataclass(frozen=True, slots=True)
class RelayNumber:
    """A number that people dial and see instead of somebody's. `value` is in its one normal form."""

    kind: NumberKind
    value: str

    @classmethod
    def parse(cls, written: str, region: str = NOWHERE) -> "RelayNumber":
        """A relay number in any writing that carriers, switches and people use; without country code it is one of `region` (ISO
        3166-1) where it can be.

        Raises:
            InvalidNumberError: it is none.
            EmergencyNumberError: it is one that saves lives.
        """
        text = _plain(_of_address(written))
        if _MOBILE.fullmatch(text):
            return cls(NumberKind.E164, text)
        _refuse_emergency(text, "*")
        if match := _SEVEN_HUNDRED.fullmatch(text):
            return cls(NumberKind.CN700, match[1])
        if _DIGITS.fullmatch(text) and (found := _in_use(text, region)):
            return cls(NumberKind.E164, found)
        text = f"+{text[2:]}" if text.startswith("00") else text
        if _E164.fullmatch(text):
            return cls(NumberKind.E164, text)
        if _SHORT.fullmatch(text):
            return cls(NumberKind.SHORT, text)
        raise InvalidNumberError


def real_number(written: str, region: str) -> str:
    """Somebody's number in E.164; without country code it is one of `region` (ISO 3166-1).

    Raises:
        InvalidNumberError: it is no number that can be called, or has an extension.
        EmergencyNumberError: it saves lives.
    """
    text = _plain(written)
    _refuse_emergency(text, region)
    if _SEVEN_HUNDRED.fullmatch(text):
        raise InvalidNumberError
    try:
        parsed = phonenumbers.parse(text, region)
    except NumberParseException:
        raise InvalidNumberError from None
    if parsed.extension or not phonenumbers.is_valid_number(parsed):
        raise InvalidNumberError
    return phonenumbers.format_number(parsed, PhoneNumberFormat.E164)


def caller_number(presented: str, region: str) -> str | None:
    """Who calls, in E.164, from what a switch or a carrier presents; None for a caller without a number and for whatever is none.

    An emergency service that calls back is None as well: nobody is bound to it.
    """
    text = _of_address(presented)
    if _MOBILE.fullmatch(text):
        return text  # as most switches write it; whether anybody can have it does not matter, for nobody is bound who cannot
    if text.lower() in ANONYMOUS or _plain_or_empty(text) in ANONYMOUS:
        return None
    try:
        return real_number(text, region)
    except (InvalidNumberError, EmergencyNumberError):
        return None


def is_emergency(written: str, region: str) -> bool:
    """Whether a number saves lives, in `region` or anywhere."""
    text = _plain_or_empty(written)
    national = re.sub(r"^(?:\+|00)86|^(?:\+|00)85[23]|^(?:\+|00)886", "", text)
    listed = _emergency()
    known = listed.get(region, frozenset()) | listed["*"]
    return text in known or national in known or (region != "*" and _official(national, region))


def _of_address(written: str) -> str:
    """What stands before the @ of a SIP address or in a telephone URI (RFC 3261 §19.1.1, RFC 3966), and any other text as it
    is."""
    text = written.strip()
    match = _SIP.match(text)
    return match[1] if match else text


def _in_use(digits: str, region: str) -> str | None:
    """A number of a country's numbering plan in E.164; None for what is none, such as a short code."""
    try:
        parsed = phonenumbers.parse(digits, region)
    except NumberParseException:
        return None
    valid = phonenumbers.is_valid_number(parsed) and not parsed.extension
    return phonenumbers.format_number(parsed, PhoneNumberFormat.E164) if valid else None


def _refuse_emergency(text: str, region: str) -> None:
    if len(text) > _EMERGENCY_AT_MOST:
        return
    regions = _emergency() if region == "*" else [region]
    if any(is_emergency(text, one) for one in regions):
        raise EmergencyNumberError


def _official(number: str, region: str) -> bool:
    return number.isdecimal() and len(number) <= 6 and bool(is_emergency_number(number, region))


def _plain(written: str) -> str:
    """Full-width digits and separators as everybody writes them. Raises InvalidNumberError."""
    text = _plain_or_empty(written)
    if not text:
        raise InvalidNumberError
    return text


def _plain_or_empty(written: str) -> str:
    if len(written) > LONGEST:
        return ""
    text = _SEPARATORS.sub("", unicodedata.normalize("NFKC", written))
    return text if text.isascii() else ""


@cache
def _emergency() -> dict[str, frozenset[str]]:
    read = read_yaml(files("masking.relay").joinpath("emergency.yaml").read_text(encoding="utf-8"))
    return {region: frozenset(numbers) for region, numbers in read.items()}
