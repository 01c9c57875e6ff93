"""Masks of personal values by kind and profile. Pure, idempotent, alike for every writing of one value.

A value that does not fit its kind, and a kind without a mask in the profile, are hidden whole: nothing passes through
because it was not understood. Whether a value is genuine is not checked: a mistyped number is somebody's all the same.
A masked value is recognised by its shape, so that masking it again under the same profile changes nothing.

Profiles: `display` for screens of the platform, `waybill` for paper that strangers hold (GB/T 41833), `support` for
staff who check who is calling, `export` for data sets: only what no longer points at one person.
"""

import re
from collections.abc import Callable, Iterable, Mapping
from decimal import ROUND_FLOOR, Decimal
from functools import partial
from operator import mul
from types import MappingProxyType
from typing import Final

import idna

from masking.address import Level, mask_address
from masking.detection.normal import number as in_digits
from masking.gazetteer.divisions import heads
from masking.person_name import mask_name
from masking.telephone import mask_phone, mask_phone_for_waybill
from masking.writing import HIDDEN, plain

Masks = Mapping[str, Callable[[str], str]]
"""What a profile is: a mask for each kind that is not hidden whole."""


class UnknownProfileError(ValueError):
    """There is no such profile."""


def mask(kind: str, value: str, profile: str = "display") -> str:
    """What a viewer under `profile` may see of `value`. Raises UnknownProfileError, and nothing else."""
    return mask_many([(kind, value)], profile)[0]


def mask_many(items: Iterable[tuple[str, str]], profile: str | Masks = "display") -> list[str]:
    """The masks of (kind, value) pairs, in their order. Raises UnknownProfileError, and nothing else."""
    masks = PROFILES.get(profile) if isinstance(profile, str) else profile
    if masks is None:
        raise UnknownProfileError
    return [masks[kind](value) if kind in masks else HIDDEN for kind, value in items]


_SIMPLIFIED_PLACES = str.maketrans("滬晉遼蘇閩贛魯粵瓊貴雲陝寧學掛領", "沪晋辽苏闽赣鲁粤琼贵云陕宁学挂领")


def _compact(value: str) -> str:
    return re.sub(r"[ .·•・‧∙⋅—–-]", "", plain(value)).upper().translate(_SIMPLIFIED_PLACES)


def _in_digits(value: str) -> str:
    return _compact(in_digits(plain(value)))


_ID_CARD = re.compile(r"\d{17}[0-9X]|\d{15}", re.ASCII)
_ID_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)


def _id_card(value: str, *, head: int, tail: int) -> str:
    """`1****************X`. A 15-digit number is masked as the 18 characters that it became in 1999."""
    if len(value) == 18 and _ID_CARD.fullmatch(value):
        return f"{value[:head]}{'*' * (18 - head - tail)}{value[18 - tail :]}"
    if "*" in value and re.fullmatch(rf"\d{{{head}}}\*{{{18 - head - tail}}}[0-9X]{{{tail}}}", value, re.ASCII):
        return value
    number = _compact(value)
    if _ID_CARD.fullmatch(number) is None and _ID_CARD.fullmatch(number := _in_digits(value)) is None:
        return HIDDEN
    if len(number) == 15:
        number = f"{number[:6]}19{number[6:]}"
        number += "10X98765432"[sum(map(mul, _ID_WEIGHTS, map(int, number))) % 11]  # GB 11643 §4.1.4
    return f"{number[:head]}{'*' * (18 - head - tail)}{number[18 - tail :]}"


def _ends(value: str, *, shape: re.Pattern[str], head: int, tail: int, read: Callable[[str], str] = _compact) -> str:
    """The first and last characters of a compact value of that shape, four stars between whatever its length."""
    if value.isascii() and value.isalnum() and shape.fullmatch(value):
        return f"{value[:head]}****{value[-tail:]}"
    if "*" in value and re.fullmatch(rf"\w{{{head}}}\*{{4}}\w{{{tail}}}", value):
        return value
    text = read(value)
    return f"{text[:head]}****{text[-tail:]}" if shape.fullmatch(text) else HIDDEN


_PASSPORT = re.compile(r"(?=(?:[A-Z]*\d){3})[A-Z0-9]{6,9}|[HM]\d{10}", re.ASCII)
_BANK_CARD = re.compile(r"\d{12,19}", re.ASCII)
_LICENSE_PLATE = re.compile(r"(?=.*\d)[\u4e00-\u9fff]{0,2}[A-Z0-9]{4,8}[\u4e00-\u9fff]?", re.ASCII)
_PLATE_AS_USUAL = re.compile(
    r"([京津冀晋蒙辽吉黑沪苏浙皖闽赣鲁豫鄂湘粤桂琼渝川贵云藏陕甘青宁新][A-Z])[· .-]?(?=[A-Z]*\d)[A-Z0-9]{3,4}([A-Z0-9]{2})",
    re.ASCII,
)
_WECHAT_ID = re.compile(r"[a-z][a-z0-9_-]{5,19}|[1-9]\d{4,10}", re.ASCII)
_EMAIL = re.compile(r"([^\s@*]{1,64})@((?:[^\s@.*]{1,63}\.)+[^\s@.*]{1,63})")
_AT = re.compile(r" ?(?:@|\[at\]|\(at\)) ?")
_EMAIL_AS_USUAL = re.compile(
    r"([a-z0-9])[a-z0-9._+-]{2,63}@([a-z0-9-]{1,63}(?:\.[a-z0-9-]{1,63}){0,3}\.[a-z]{2,63})", re.ASCII
)
_EMAIL_SHOWN = re.compile(r"[^\s@*]?\*{3}@[a-z0-9.-]+\.[a-z0-9-]{2,63}", re.ASCII)
_DATE = re.compile(r"((?:18|19|20)\d\d)(?:([-/.])\d{1,2}\2\d{1,2}|年\d{1,2}月\d{1,2}[日号號]?|\d{4})", re.ASCII)
_DATE_SHOWN = re.compile(r"\d{4}-\*\*-\*\*", re.ASCII)
_PAIR_AS_USUAL = re.compile(r"([1-8]?\d)\.(\d{2,6}), ?(\d|[1-9]\d|1[0-7]\d)\.(\d{2,6})", re.ASCII)
_PAIR = re.compile(r"([+-]?\d{1,3}(?:\.\d{1,20})?) ?[,; ] ?([+-]?\d{1,3}(?:\.\d{1,20})?)", re.ASCII)


def _license_plate(value: str) -> str:
    """`沪A****45`."""
    if match := _PLATE_AS_USUAL.fullmatch(value):
        return f"{match[1]}****{match[2]}"
    return _ends(value, shape=_LICENSE_PLATE, head=2, tail=2)


def _wechat_id(value: str) -> str:
    """`w****25`. Capitals mean nothing in a WeChat ID."""
    if "*" in value and re.fullmatch(r"[a-z0-9]\*{4}[a-z0-9_-]{2}", value, re.ASCII):
        return value
    text = plain(value).lower()
    return f"{text[0]}****{text[-2:]}" if _WECHAT_ID.fullmatch(text) else HIDDEN


def _email(value: str) -> str:
    """`j***@example.com`; nothing of a local part of one or two characters."""
    if match := _EMAIL_AS_USUAL.fullmatch(value):
        return f"{match[1]}***@{match[2]}"
    if _EMAIL_SHOWN.fullmatch(value):
        return value
    match = _EMAIL.fullmatch(_AT.sub("@", plain(value).lower().replace("。", ".")))
    if match is None:
        return HIDDEN
    local, domain = match.groups()
    if not domain.isascii():
        try:
            domain = idna.encode(domain, uts46=True).decode("ascii")
        except UnicodeError:
            return HIDDEN
    masked = f"{local[0] if len(local) > 2 else ''}***@{domain}"
    return masked if _EMAIL_SHOWN.fullmatch(masked) else HIDDEN


def _birth_year(value: str) -> str:
    if _DATE_SHOWN.fullmatch(value):
        return value
    match = _DATE.fullmatch(plain(value).replace(" ", ""))
    return f"{match[1]}-**-**" if match else HIDDEN


def _grid(value: str, *, places: int) -> str:
    """The south-western corner of the cell that the position lies in, whose degrees have so many decimal places, one or two."""
    if usual := _PAIR_AS_USUAL.fullmatch(value):
        return f"{usual[1]}.{usual[2][:places]},{usual[3]}.{usual[4][:places]}"
    match = _PAIR.fullmatch(plain(value))
    if match is None:
        return HIDDEN
    # Six decimals first, as the vault's normal form has: a hair beside a cell's edge is on it.
    latitude, longitude = (Decimal(f"{round(float(degrees), 6):.6f}") for degrees in match.groups())
    if abs(latitude) > 90 or abs(longitude) > 180:
        return HIDDEN
    step = Decimal(10) ** -places
    corner = [degrees.quantize(step, ROUND_FLOOR) + 0 for degrees in (latitude, longitude)]  # + 0: no negative zero
    return f"{corner[0]},{corner[1]}"


def _place(value: str) -> str:
    """A province, city or county as it is, for the mask of an address shows as much; any other place is hidden."""
    text = plain(value)
    return text if any(end == len(text) for _, end in heads(text)) else HIDDEN


_DISPLAY: Final[dict[str, Callable[[str], str]]] = {
    "name": mask_name,
    "phone": mask_phone,
    "landline": mask_phone,
    "email": _email,
    "address": partial(mask_address, level=Level.ESTATE),
    "place": _place,
    "id_card": partial(_id_card, head=1, tail=1),
    "passport": partial(_ends, shape=_PASSPORT, head=1, tail=2),
    "bank_card": partial(_ends, shape=_BANK_CARD, head=0, tail=4, read=_in_digits),
    "license_plate": _license_plate,
    "wechat_id": _wechat_id,
    "birth_date": _birth_year,
    "geo": partial(_grid, places=2),  # about a kilometre
}

PROFILES: Final[Mapping[str, Masks]] = MappingProxyType(
    {
        "display": MappingProxyType(_DISPLAY),
        "waybill": MappingProxyType(
            {
                "name": mask_name,
                "phone": mask_phone_for_waybill,
                "landline": mask_phone_for_waybill,
                "address": partial(mask_address, level=Level.BUILDING),
            }
        ),
        "support": MappingProxyType(
            _DISPLAY
            | {
                "address": partial(mask_address, level=Level.BUILDING),
                "id_card": partial(_id_card, head=3, tail=4),
                "passport": partial(_ends, shape=_PASSPORT, head=1, tail=3),
            }
        ),
        "export": MappingProxyType(
            {
                "address": partial(mask_address, level=Level.DISTRICT),
                "place": _place,
                "birth_date": _birth_year,
                "geo": partial(_grid, places=1),
            }
        ),
    }
)
