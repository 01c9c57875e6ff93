"""What can be done to the values of a column, each a function of the value, its row and a key. What does not fit is hidden.

Pseudonyms and shifts are HMAC-SHA256 under a key that stays with whoever released the data: the same value has the same pseudonym
in every release under that key, and nobody without it can try values out.
"""

import hashlib
import hmac
from base64 import b32encode
from collections.abc import Callable, Mapping
from datetime import date, datetime, timedelta
from decimal import ROUND_FLOOR, Decimal, InvalidOperation
from functools import partial
from typing import Final

from masking.address import Level, mask_address
from masking.mask import mask
from masking.writing import HIDDEN

Row = Mapping[str, str]
Treatment = Callable[[str, Row], str | None]
"""A value and its row; None where the column is dropped."""
_LENGTH: Final = 20


def keep(value: str, _row: Row) -> str:
    """As it is."""
    return value


def drop(_value: str, _row: Row) -> None:
    """Not in the release."""


def hidden(value: str, _row: Row) -> str:
    """Nothing of it."""
    return HIDDEN if value else ""


def masked(kind: str, profile: str) -> Treatment:
    """The mask of a kind under a profile."""
    return lambda value, _row: mask(kind, value, profile) if value else ""


def cut(level: str) -> Treatment:
    """An address down to a level. Raises ValueError: there is no such level."""
    chosen = Level(level)
    return lambda value, _row: mask_address(value, chosen) if value else ""


def binned(width: str) -> Treatment:
    """A number's interval, `[20, 40)`. Raises InvalidOperation or ValueError: the width is no number above zero."""
    step = Decimal(width)
    if not step.is_finite() or step <= 0:
        raise ValueError

    def treated(value: str, _row: Row) -> str:
        try:
            low = (Decimal(value) / step).to_integral_value(ROUND_FLOOR) * step
        except InvalidOperation:
            return HIDDEN if value else ""
        return f"[{low}, {low + step})" if low.is_finite() else HIDDEN

    return treated


def rounded(unit: str) -> Treatment:
    """A time's day, month or year. Raises KeyError: it is another unit."""
    pattern = {"day": "%Y-%m-%d", "month": "%Y-%m", "year": "%Y"}[unit]

    def treated(value: str, _row: Row) -> str:
        moment = _moment(value)
        return moment.strftime(pattern) if moment else (HIDDEN if value else "")

    return treated


def pseudonym(key: bytes, name: str) -> Treatment:
    """A text that stands for the value. Columns of one name have the same pseudonym for the same value."""
    return lambda value, _row: b32encode(_keyed(key, name, value))[:_LENGTH].decode().lower() if value else ""


def shifted(key: bytes, days: str, by: str) -> Treatment:
    """A time moved by up to `days` days, all times of one person by the same; `by` is the column that names the person.

    Raises:
        ValueError: `days` is no number above zero.
    """
    most = int(days)
    if most <= 0:
        raise ValueError

    def treated(value: str, row: Row) -> str:
        moment = _moment(value)
        if moment is None:
            return HIDDEN if value else ""
        number = int.from_bytes(_keyed(key, f"shift {most}", row.get(by, ""))[:8]) % (2 * most + 1) - most
        try:
            return (moment + timedelta(days=number)).isoformat()
        except OverflowError:
            return HIDDEN

    return treated


def _keyed(key: bytes, name: str, value: str) -> bytes:
    return hmac.new(key, f"{name}\0{value}".encode("utf-8", "surrogatepass"), hashlib.sha256).digest()


def _moment(value: str) -> datetime | date | None:
    for parse in (date.fromisoformat, datetime.fromisoformat):
        try:
            moment = parse(value.strip())
        except ValueError:
            continue
        return moment
    return None


MAKERS: Final[Mapping[str, Callable[[str], Treatment]]] = {
    "mask": partial(masked, profile="export"),
    "display": partial(masked, profile="display"),
    "cut": cut,
    "bin": binned,
    "round": rounded,
}
"""Treatments of one argument by the word that a plan has for them."""
