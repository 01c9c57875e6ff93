"""Resident identity numbers of mainland China (GB 11643-1999), with the permits that share their form.

Six digits of place, eight of birth date, three of sequence, one check character (ISO 7064 MOD 11-2). The 15-digit form
issued before 1999-10 has a two-digit year and no check character.
"""

import re
from datetime import date
from operator import mul

_SHAPE = re.compile(r"\d{17}[0-9X]|\d{15}", re.ASCII)

# Province level of GB/T 2260; 81–83 are residence permits of people from Hong Kong, Macao and Taiwan.
_PLACE = re.compile("1[1-5]|2[1-3]|3[1-7]|4[1-6]|5[0-4]|6[1-5]|71|8[1-3]")
_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_CHECK_CHARACTERS = "10X98765432"
_ASCII_EXCESS = sum(_WEIGHTS) * ord("0")
_FIRST_YEAR, _LAST_YEAR = 1880, 2099


def resident_number(text: str) -> str | None:
    """The 18-character form of a text with the shape of a resident number, its check character not yet verified.

    A 15-digit number is upgraded with the century 19 and a computed check character, as the standard's annex does.
    """
    if _SHAPE.fullmatch(text) is None:
        return None
    if len(text) == 18:
        return text
    body = f"{text[:6]}19{text[6:]}"
    return body + check_character(body)


def has_known_place(number: str) -> bool:
    """Whether the place is one: a province, or 9 and a province on a foreigner's permanent residence card (2023)."""
    return _PLACE.match(number, 1 if number[0] == "9" else 0) is not None


def has_birth_date(number: str) -> bool:
    """Whether digits 7–14 are a date of the calendar from 1880 to 2099; whether it has passed is not judged."""
    year = int(number[6:10])
    if not _FIRST_YEAR <= year <= _LAST_YEAR:
        return False
    try:
        date(year, int(number[10:12]), int(number[12:14]))
    except ValueError:
        return False
    return True


def check_character(number: str) -> str:
    """The check character of the first 17 digits (GB 11643-1999 §4.1.4, ISO 7064 MOD 11-2)."""
    weighted = sum(map(mul, _WEIGHTS, number[:17].encode("ascii"))) - _ASCII_EXCESS
    return _CHECK_CHARACTERS[weighted % 11]
