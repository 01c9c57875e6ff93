"""Payment card numbers (ISO/IEC 7812-1): 12 to 19 digits that end in a Luhn check digit."""

import re

_SHAPE = re.compile(r"\d{12,19}", re.ASCII)
_DOUBLED = (0, 2, 4, 6, 8, 1, 3, 5, 7, 9)

# Issuer ranges with the lengths really issued: UnionPay, Visa, Mastercard, American Express, JCB, Diners, Discover,
# and ICBC's older domestic cards.
_ISSUED = re.compile(
    r"62(?:\d{14}|\d{15}|\d{17})|4\d{15}(?:\d{3})?|5[1-5]\d{14}|2(?:22[1-9]|2[3-9]\d|[3-6]\d\d|7[01]\d|720)\d{12}"
    r"|3[47]\d{13}|35(?:2[89]|[3-8]\d)\d{12}|3(?:0[0-5]|[689]\d)\d{11,13}|6(?:011|4[4-9]\d|5\d\d)\d{12}|9558\d{15}",
    re.ASCII,
)


def card_digits(text: str) -> str | None:
    """The digits of a card number written with spaces or hyphens; None when they are not 12 to 19 digits."""
    digits = text.replace(" ", "").replace("-", "")
    return digits if _SHAPE.fullmatch(digits) else None


def has_luhn_digit(digits: str) -> bool:
    """Whether the last digit is the check digit of the others (ISO/IEC 7812-1 annex B)."""
    values = [byte - 48 for byte in reversed(digits.encode("ascii"))]
    return (sum(values[::2]) + sum([_DOUBLED[value] for value in values[1::2]])) % 10 == 0


def is_issued_range(digits: str) -> bool:
    """Whether a card of this length is issued under this prefix by a large network; smaller ones are not known."""
    return _ISSUED.fullmatch(digits) is not None
