"""Format-preserving tokens: texts that pass for a phone, ID or card number where only such a text is accepted.

A token is FF1 (vault.fpe, radix 10) over a serial number drawn at random, never over a value. Each key version owns a
sub-range of its kind's range, and its number stands in the text; `body` is the encrypted serial:

    phone       154 | vv version | bbbbbb body                                        11 digits
    id_card     99bbbb region | yyyymmdd 1970-01-01 + version in days | bbb | check   18, ISO 7064 MOD 11-2 (GB 11643)
    bank_card   997000 | vvvv version | bbbbbbbb body | check                         19, Luhn (ISO/IEC 7812-1 annex B)

                versions   domain of one   issued at most (1 %)
    phone            100          10^6                   10 000
    id_card       10 000          10^7                  100 000
    bank_card     10 000          10^8                1 000 000

The tweak is fixed in width: "moat/preserving/1" | u64 tenant | u8 kind | u32 version, big-endian.

Why no real number is ever met:
- phone: 154 is assigned to nobody in the metadata of libphonenumber; `check_unassigned` says so of the installed one.
  The range may be configured to another three digits; tokens of the range before are then unknown.
- id_card: no province of GB/T 2260 is 99 (they end at 65, then 71 and 81 to 83). The numbers of foreigners' permanent
  residence cards are 9 and a province code, so that their second digit never is 9. Birth date and sex mean nothing.
- bank_card: a first digit 9 belongs to national bodies, under 9 and the country's number of ISO 3166-1. 970 lies in
  900 to 999, which ISO 3166-1 leaves to its users: there is no such country. Chinese banks have issued below 9 without
  heeding this; the published lists of their identification numbers have none at 997.

Guessable: one text in a hundred of a full sub-range is a token. So the caller must check the row that a serial names,
count unknown texts as probing and ask for a scope of its own.

Serials are drawn from the whole sub-range instead of counted. A database that was put back from a copy would count from
the copy's end again, and give out texts that others hold from before; drawn ones meet those no more often than a guess
does.
"""

import re
import secrets
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache
from struct import Struct
from typing import NamedTuple

import numpy as np
import phonenumbers

from vault.errors import OutOfDomainError, RangeExhaustedError, RangeInUseError
from vault.fpe import FF1
from vault.keys import FormatKey

PHONE_PREFIX = "154"
DENSITY = 100  # one token in so many texts of a sub-range

_TWEAK = Struct(">17sQBI").pack
_EPOCH = date(1970, 1, 1).toordinal()
_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_PLAIN = bytes.maketrans(b"0123456789", bytes(range(10)))
_DOUBLED = bytes.maketrans(b"0123456789", bytes((0, 2, 4, 6, 8, 1, 3, 5, 7, 9)))


class ParsedText(NamedTuple):
    """What a text says of itself before any key is used: kind, key version, and the encrypted serial."""

    kind: str
    version: int
    body: int


@dataclass(frozen=True, slots=True)
class _Range:
    """How one kind writes a version and a body. `write` takes the phone prefix, the version and the body's digits."""

    code: int
    versions: int
    digits: int
    write: Callable[[str, int, str], str]


def issue_many(
    key: FormatKey, *, tenant: int, kind: str, version: int, serials: Sequence[int], phone_prefix: str = PHONE_PREFIX
) -> list[str]:
    """The token of each serial number, in order.

    Raises OutOfDomainError for a serial beyond the sub-range, RangeExhaustedError for a version without a sub-range.
    """
    own = KINDS[kind]
    if not 0 <= version < own.versions:
        raise RangeExhaustedError
    if serials and min(serials) < 0:
        raise ValueError("serial numbers are not negative")
    if serials and max(serials) >= domain(kind):
        raise OutOfDomainError
    plain = np.array(serials, dtype=np.uint64)
    bodies = FF1(key.expose(), 10).encrypt_many(_tweak(tenant, own, version), plain, own.digits)
    width, write = own.digits, own.write
    return [write(phone_prefix, version, f"{body:0{width}}") for body in bodies.tolist()]


def parse(text: str, *, phone_prefix: str = PHONE_PREFIX) -> ParsedText | None:
    """Kind, version and body of a text written like a token, check digit included; None for any other. Never raises."""
    if len(text) == 11:
        match = _PHONE(text)
        if match and match[1] == phone_prefix:
            return ParsedText("phone", int(match[2]), int(match[3]))
    elif len(text) == 18:
        match = _ID_CARD(text)
        if match and text[17] == _iso7064(text[:17]):
            days = _days(match[2])
            return None if days is None else ParsedText("id_card", days, int(match[1] + match[3]))
    elif len(text) == 19:
        match = _BANK_CARD(text)
        if match and text[18] == _luhn(text[:18]):
            return ParsedText("bank_card", int(match[1]), int(match[2]))
    return None


def resolve_many(
    keys: Mapping[int, FormatKey], *, tenant: int, kind: str, texts: Sequence[str], phone_prefix: str = PHONE_PREFIX
) -> list[tuple[int, int] | None]:
    """(version, serial) of each text, in order, or None where no key of this kind can have issued it. Never raises."""
    resolved: list[tuple[int, int] | None] = [None] * len(texts)
    found: dict[int, tuple[list[int], list[int]]] = {}
    for place, text in enumerate(texts):
        parsed = parse(text, phone_prefix=phone_prefix)
        if parsed is not None and parsed.kind == kind and parsed.version in keys:
            places, bodies = found.setdefault(parsed.version, ([], []))
            places.append(place)
            bodies.append(parsed.body)
    for version, (places, bodies) in found.items():
        own, sealed = KINDS[kind], np.array(bodies, dtype=np.uint64)
        serials = FF1(keys[version].expose(), 10).decrypt_many(_tweak(tenant, own, version), sealed, own.digits)
        for place, serial in zip(places, serials.tolist(), strict=True):
            resolved[place] = (version, serial)
    return resolved


def domain(kind: str) -> int:
    """How many texts the sub-range of one key version has. Serials are below it."""
    return int(10 ** KINDS[kind].digits)


def capacity(kind: str) -> int:
    """How many tokens one key version issues: 1 % of its sub-range."""
    return domain(kind) // DENSITY


def draw_serials(kind: str, count: int) -> list[int]:
    """Serial numbers drawn evenly from the sub-range, all different. That none is taken yet is the caller's to check."""
    drawn: dict[int, None] = {}
    while len(drawn) < count:
        drawn[secrets.randbelow(domain(kind))] = None
    return list(drawn)


def last_version(kind: str) -> int:
    """The highest key version that has a sub-range."""
    return KINDS[kind].versions - 1


@cache  # of what the library knows, which a process does not change
def check_unassigned(phone_prefix: str = PHONE_PREFIX) -> None:
    """Raises RangeInUseError if libphonenumber knows any Chinese number in the range, by every three digits after the
    prefix, one deeper than its finest rule; ValueError if the prefix is none that mobile numbers have."""
    if not re.fullmatch(r"1[3-9][0-9]", phone_prefix):
        raise ValueError("a phone prefix is three digits, the second from 3 to 9")
    for following in range(1000):
        for rest in ("00000", "99999"):
            number = int(f"{phone_prefix}{following:03}{rest}")
            if phonenumbers.is_valid_number(phonenumbers.PhoneNumber(country_code=86, national_number=number)):
                raise RangeInUseError


def _tweak(tenant: int, own: _Range, version: int) -> bytes:
    return _TWEAK(b"moat/preserving/1", tenant, own.code, version)


def _write_phone(prefix: str, version: int, body: str) -> str:
    return f"{prefix}{version:02}{body}"


def _write_id_card(_: str, version: int, body: str) -> str:
    born = date.fromordinal(_EPOCH + version)
    text = f"99{body[:4]}{born:%Y%m%d}{body[4:]}"
    return text + _iso7064(text)


def _write_bank_card(_: str, version: int, body: str) -> str:
    text = f"997000{version:04}{body}"
    return text + _luhn(text)


def _days(written: str) -> int | None:
    try:
        days = date(int(written[:4]), int(written[4:6]), int(written[6:])).toordinal() - _EPOCH
    except ValueError:
        return None
    return days if 0 <= days < KINDS["id_card"].versions else None


def _iso7064(digits: str) -> str:
    """The check character of 17 digits, by the table of GB 11643-1999 section 4.2."""
    return "10X98765432"[sum(map(int.__mul__, _WEIGHTS, digits.encode().translate(_PLAIN))) % 11]


def _luhn(digits: str) -> str:
    """The check digit: every second digit from the right is doubled, beginning with the last."""
    octets = digits.encode()
    return str(-(sum(octets[::-2].translate(_DOUBLED)) + sum(octets[-2::-2].translate(_PLAIN))) % 10)


_PHONE = re.compile(r"([0-9]{3})([0-9]{2})([0-9]{6})").fullmatch
_ID_CARD = re.compile(r"99([0-9]{4})([0-9]{8})([0-9]{3})[0-9X]").fullmatch
_BANK_CARD = re.compile(r"997000([0-9]{4})([0-9]{8})[0-9]").fullmatch

KINDS: Mapping[str, _Range] = {
    "phone": _Range(1, 100, 6, _write_phone),
    "id_card": _Range(2, 10_000, 7, _write_id_card),
    "bank_card": _Range(3, 10_000, 8, _write_bank_card),
}
