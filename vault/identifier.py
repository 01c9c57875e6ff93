"""The kinds of personal data: what each is called, how sensitive it is, and the one normal form of its writings.

Two writings of one value have one normal form, which is what fingerprints are made of; the vault gives back the
writing that was submitted. A normal form is its own normal form. Common to all kinds but `note`: NFKC (UAX #15),
invisible format characters dropped (phones pasted from address books carry them), every white space a space, trimmed.

A new kind is a function here, a line in `_ALL`, a mask in `masking/mask.py` and a test.
"""

import re
import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from vault.identifiers import payment_card, position, resident_identity, telephone
from vault.identifiers.birth_date import birth_date
from vault.identifiers.license_plate import license_plate
from vault.identifiers.mailbox import mailbox
from vault.identifiers.travel_document import travel_document

_DETAILS: Final = MappingProxyType(
    {
        "empty": "nothing but white space",
        "too_long": "longer than values of this kind can be",
        "control_characters": "contains control characters",
        "not_unicode": "contains half a surrogate pair",
        "not_a_name": "contains no letter",
        "not_an_address": "contains no letter",
        "not_a_phone": "not a number that can be dialled from the tenant's region",
        "not_a_landline": "a mobile number; its kind is phone",
        "not_an_email": "not of the form local-part@domain",
        "not_an_id_card": "not 18 characters (or 15 digits) of a resident identity number",
        "unknown_place": "does not start with the code of a province",
        "wrong_check_digit": "the check digit does not fit the other digits",
        "not_a_passport": "not a passport or permit number",
        "not_a_bank_card": "not 12 to 19 digits",
        "not_a_license_plate": "not a plate of a known series",
        "not_a_wechat_id": "not a WeChat ID",
        "not_a_date": "not a calendar date, year first",
        "not_a_position": "not latitude and longitude in decimal degrees",
        "out_of_bounds": "a latitude over 90 or a longitude over 180 degrees",
    }
)


class InvalidIdentifier(ValueError):  # noqa: N818 - named for what was submitted; callers answer it, nothing failed
    """A submitted value that does not fit its kind. Carries a stable code and that code's sentence, never the value."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code
        self.detail = _DETAILS[code]


class Sensitivity(StrEnum):
    """SENSITIVE is sensitive personal information in the sense of PIPL article 28: it needs separate consent."""

    ORDINARY = "ordinary"
    SENSITIVE = "sensitive"


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of personal data. `code` (1..255) stands in tokens and sealed values: never change or reuse one.

    `max_length` bounds a submitted value in code points. `normalize(value, region)` raises InvalidIdentifier.
    """

    name: str
    code: int
    sensitivity: Sensitivity
    searchable: bool
    max_length: int
    normalize: Callable[[str, str], str]


def normal_form(kind: Kind, value: str, *, region: str) -> str:
    """The normal form of `value`, read as people of `region` (ISO 3166-1 alpha-2) write; phones become E.164.

    Raises InvalidIdentifier, and nothing else, for any text that does not fit the kind.
    """
    if len(value) > kind.max_length:
        raise InvalidIdentifier("too_long")
    normal = kind.normalize(value, region)
    if len(normal) > kind.max_length:  # NFKC writes some single characters out as many
        raise InvalidIdentifier("too_long")
    return normal


_SURROGATE = re.compile("[\ud800-\udfff]")
_CONTROL = re.compile("[\x00-\x08\x0e-\x1f\x7f-\x84\x86-\x9f]")
_INVISIBLE = re.compile("[\xad\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb]")
_SPACES = re.compile(r"\s+")
_HAN = "\u2e80-\u2fdf\u3005-\u3007\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U000323af"
_SPACE_BESIDE_HAN = re.compile(rf"(?<=[{_HAN}]) | (?=[{_HAN}])")
_MIDDLE_DOTS = re.compile(" ?[•‧∙⋅・·] ?")
_WECHAT_ID = re.compile(r"[a-z][a-z0-9_-]{5,19}|[1-9]\d{4,10}", re.ASCII)


def _trimmed(value: str) -> str:
    if not (value.isprintable() and unicodedata.is_normalized("NFKC", value)):
        value = _printable(value)
    text = value.strip()
    if not text:
        raise InvalidIdentifier("empty")
    return text


def _printable(value: str) -> str:
    _refuse_unwritable(value)
    return unicodedata.normalize("NFKC", _SPACES.sub(" ", _INVISIBLE.sub("", value)))


def _refuse_unwritable(value: str) -> None:
    if _SURROGATE.search(value):
        raise InvalidIdentifier("not_unicode")
    if _CONTROL.search(value):
        raise InvalidIdentifier("control_characters")


def _folded(text: str) -> str:
    """White space between Han characters is layout; elsewhere a run of it separates words."""
    return _SPACE_BESIDE_HAN.sub("", _SPACES.sub(" ", text)) if " " in text else text


def _name(value: str, _region: str) -> str:
    text = _trimmed(value)
    if text.isalpha():
        return text
    text = _MIDDLE_DOTS.sub("·", _folded(text))
    if not any(map(str.isalpha, text)):
        raise InvalidIdentifier("not_a_name")
    return text


def _address(value: str, _region: str) -> str:
    text = _folded(_trimmed(value))
    if not any(map(str.isalpha, text)):
        raise InvalidIdentifier("not_an_address")
    return text


def _phone(value: str, region: str) -> str:
    number = telephone.telephone(_trimmed(value), region)
    if number is None:
        raise InvalidIdentifier("not_a_phone")
    return number


def _landline(value: str, region: str) -> str:
    number = _phone(value, region)
    if telephone.is_mobile(number):
        raise InvalidIdentifier("not_a_landline")
    return number


def _email(value: str, _region: str) -> str:
    address = mailbox(_trimmed(value))
    if address is None:
        raise InvalidIdentifier("not_an_email")
    return address


def _id_card(value: str, _region: str) -> str:
    number = resident_identity.resident_number(_trimmed(value).replace(" ", "").replace("-", "").upper())
    if number is None:
        raise InvalidIdentifier("not_an_id_card")
    if not resident_identity.has_known_place(number):
        raise InvalidIdentifier("unknown_place")
    if not resident_identity.has_birth_date(number):
        raise InvalidIdentifier("not_a_date")
    if number[17] != resident_identity.check_character(number):
        raise InvalidIdentifier("wrong_check_digit")
    return number


def _bank_card(value: str, _region: str) -> str:
    digits = payment_card.card_digits(_trimmed(value))
    if digits is None:
        raise InvalidIdentifier("not_a_bank_card")
    if not payment_card.has_luhn_digit(digits):
        raise InvalidIdentifier("wrong_check_digit")
    return digits


def _passport(value: str, _region: str) -> str:
    number = travel_document(_trimmed(value))
    if number is None:
        raise InvalidIdentifier("not_a_passport")
    return number


def _license_plate(value: str, region: str) -> str:
    plate = license_plate(_trimmed(value), region)
    if plate is None:
        raise InvalidIdentifier("not_a_license_plate")
    return plate


def _wechat_id(value: str, _region: str) -> str:
    text = _trimmed(value).lower()
    if _WECHAT_ID.fullmatch(text) is None:  # digits are a QQ number or a phone, which WeChat takes as well
        raise InvalidIdentifier("not_a_wechat_id")
    return text


def _birth_date(value: str, _region: str) -> str:
    iso = birth_date(_trimmed(value))
    if iso is None:
        raise InvalidIdentifier("not_a_date")
    return iso


def _geo(value: str, _region: str) -> str:
    pair = position.position(_trimmed(value))
    if pair is None:
        raise InvalidIdentifier("not_a_position")
    if not position.is_on_earth(*pair):
        raise InvalidIdentifier("out_of_bounds")
    return position.six_decimals(*pair)


def _note(value: str, _region: str) -> str:
    """What a person wrote, with its line breaks: NFC only. Bidirectional marks stay, they are part of the text."""
    if not value.isprintable():
        _refuse_unwritable(value)
    if not value or value.isspace():
        raise InvalidIdentifier("empty")
    return value if unicodedata.is_normalized("NFC", value) else unicodedata.normalize("NFC", value)


# Not searchable: what many people share (a name, a birth date) or what is never asked for exactly (an address, a note).
# Sensitive: specific identity, financial accounts and whereabouts; and birth dates, which tell that a child is under 14.
_ALL: Final = (
    Kind("name", 1, Sensitivity.ORDINARY, searchable=False, max_length=100, normalize=_name),
    Kind("phone", 2, Sensitivity.ORDINARY, searchable=True, max_length=40, normalize=_phone),
    Kind("landline", 3, Sensitivity.ORDINARY, searchable=True, max_length=40, normalize=_landline),
    Kind("email", 4, Sensitivity.ORDINARY, searchable=True, max_length=254, normalize=_email),
    Kind("address", 5, Sensitivity.ORDINARY, searchable=False, max_length=500, normalize=_address),
    Kind("id_card", 6, Sensitivity.SENSITIVE, searchable=True, max_length=40, normalize=_id_card),
    Kind("passport", 7, Sensitivity.SENSITIVE, searchable=True, max_length=40, normalize=_passport),
    Kind("bank_card", 8, Sensitivity.SENSITIVE, searchable=True, max_length=40, normalize=_bank_card),
    Kind("license_plate", 9, Sensitivity.ORDINARY, searchable=True, max_length=40, normalize=_license_plate),
    Kind("wechat_id", 10, Sensitivity.ORDINARY, searchable=True, max_length=40, normalize=_wechat_id),
    Kind("birth_date", 11, Sensitivity.SENSITIVE, searchable=False, max_length=40, normalize=_birth_date),
    Kind("geo", 12, Sensitivity.SENSITIVE, searchable=False, max_length=80, normalize=_geo),
    Kind("note", 13, Sensitivity.ORDINARY, searchable=False, max_length=4000, normalize=_note),
)

KINDS: Final[Mapping[str, Kind]] = MappingProxyType({kind.name: kind for kind in _ALL})
KIND_BY_CODE: Final[Mapping[int, Kind]] = MappingProxyType({kind.code: kind for kind in _ALL})
