"""Telephone numbers in E.164 (ITU-T E.164 §6), read as people of the tenant's region write them."""

import re

import phonenumbers

# The two patterns below are all the usual writings of a mainland mobile. Tests hold them to what phonenumbers answers;
# they exist because it takes 14 µs and most numbers of a delivery platform look like this.
_MOBILE_AT_HOME = re.compile(r"(?:(?:\+|00)?86[ -]?)?(1[3-9]\d)[ -]?(\d{4})[ -]?(\d{4})", re.ASCII)
_MOBILE_FROM_ABROAD = re.compile(r"\+86[ -]?(1[3-9]\d)[ -]?(\d{4})[ -]?(\d{4})", re.ASCII)

# Numbers that carriers hand out before the metadata knows them are still numbers: shape alone decides here.
_MAINLAND_MOBILE = re.compile(r"\+861[3-9]\d{9}", re.ASCII)

# Unassigned, and the range of the vault's own format-preserving tokens: a token must never be stored as a number.
_UNASSIGNED = re.compile(r"\+86154\d{8}", re.ASCII)

_DASHES = str.maketrans(dict.fromkeys("‐‑‒–—―−·・", "-"))
_EXTENSION = re.compile(r"(?:;ext=|转|轉|分机|分機|ext\.?|x|#|,) ?(\d{1,6})", re.ASCII | re.IGNORECASE)
_DASHED_EXTENSION = re.compile(r"-(\d{1,5})", re.ASCII)
_NUMBER = re.compile(r"\(?\+?\(?[0-9][0-9()./ -]*", re.ASCII)

_MOBILE = phonenumbers.PhoneNumberType.MOBILE


def telephone(text: str, region: str) -> str | None:
    """The number in E.164, with `;ext=` (RFC 3966 §5.3) for an extension; None when it is no dialable number.

    `text` is NFKC and trimmed; `region` (ISO 3166-1 alpha-2) reads numbers without a country code. Mainland mobiles
    are judged by shape, all others by the ranges in the metadata of phonenumbers.
    """
    match = (_MOBILE_AT_HOME if region == "CN" else _MOBILE_FROM_ABROAD).fullmatch(text)
    if match is None:
        return _any_telephone(text.translate(_DASHES), region)
    head, middle, tail = match.groups()
    return None if head == "154" else f"+86{head}{middle}{tail}"


def is_mobile(number: str) -> bool:
    """Whether a number that `telephone` returned can only be a mobile; false where mobiles share landline ranges."""
    if _MAINLAND_MOBILE.match(number):
        return True
    return phonenumbers.number_type(phonenumbers.parse(number, None)) == _MOBILE


def _any_telephone(text: str, region: str) -> str | None:
    extension = ""
    if match := _ending(_EXTENSION, text):
        text, extension = text[: match.start()].rstrip(), match[1]
    number = _dialable(text, region)
    if number is None and not extension and (match := _ending(_DASHED_EXTENSION, text)):
        number, extension = _dialable(text[: match.start()], region), match[1]
    return f"{number};ext={extension}" if number and extension else number


def _ending(pattern: re.Pattern[str], text: str) -> re.Match[str] | None:
    return next((match for match in pattern.finditer(text) if match.end() == len(text)), None)


def _dialable(text: str, region: str) -> str | None:
    if _NUMBER.fullmatch(text) is None:  # phonenumbers also reads words, as letters on a keypad
        return None
    try:
        parsed = phonenumbers.parse(text, region)
    except phonenumbers.NumberParseException:
        return None
    number = phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.E164)
    if _UNASSIGNED.fullmatch(number):
        return None
    return number if _MAINLAND_MOBILE.fullmatch(number) or phonenumbers.is_valid_number(parsed) else None
