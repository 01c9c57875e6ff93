"""The made-up people: a person has one id, one name, one phone and the same addresses wherever they appear."""

from dataclasses import dataclass, field
from functools import lru_cache
from typing import Final, Literal

from demo.draw import Draw
from demo.words import (
    COMPOUND_SURNAMES,
    ESTATE_ENDINGS,
    ESTATE_WORDS,
    FIRMS,
    GIVEN,
    OFFICE_ENDINGS,
    PLACES,
    ROAD_ENDINGS,
    ROAD_WORDS,
    SURNAMES,
)

MOBILE_PREFIXES: Final = ("130", "133", "135", "137", "138", "139", "150", "152", "156", "158", "159", "166", "176")
MOBILE_PREFIXES_LATER: Final = ("177", "180", "182", "185", "186", "188", "189", "191", "198", "199")
PREFIXES: Final = MOBILE_PREFIXES + MOBILE_PREFIXES_LATER

Role = Literal["customer", "courier", "bystander"]
# Serials of the roles do not meet, so that nobody shares a phone.
_FIRST_SERIAL: Final[dict[Role, int]] = {"customer": 0, "courier": 10_000_000, "bystander": 20_000_000}
_SUBJECT_FORMAT: Final[dict[Role, str]] = {"customer": "cust-{:05d}", "courier": "rider-{:04d}", "bystander": "by-{}"}


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who does not exist. Bystanders are the friends and flatmates that notes name; they are no users."""

    subject: str
    role: Role
    name: str = field(repr=False)
    phone: str = field(repr=False)
    home: str = field(repr=False)
    work: str | None = field(repr=False)


@lru_cache(maxsize=65_536)
def person(role: Role, number: int, seed: int) -> Person:
    """Return the person of this role and number (from 1) in the world of this seed."""
    draw = Draw(seed, role, number)
    return Person(
        subject=_SUBJECT_FORMAT[role].format(number),
        role=role,
        name=_name(draw),
        phone=made_up_phone(_FIRST_SERIAL[role] + number, seed),
        home=_home(draw),
        work=_office(draw) if draw.one_in(4) else None,
    )


def made_up_phone(serial: int, seed: int) -> str:
    """Return the 11 digits of a mainland mobile of valid form, with ``00`` after the prefix as the mark of the made-up.

    Different serials give different phones up to 23 million of them: serial → (prefix, six digits) is one to one.
    """
    spread = (serial * 7_368_787 + seed * 1_299_709) % (len(PREFIXES) * 1_000_000)
    prefix, rest = divmod(spread, 1_000_000)
    return f"{PREFIXES[prefix]}00{rest:06d}"


def _name(draw: Draw) -> str:
    surname = draw.pick(COMPOUND_SURNAMES) if draw.one_in(60) else draw.pick(SURNAMES)
    given = draw.pick(GIVEN) if draw.one_in(3) else draw.pick(GIVEN) + draw.pick(GIVEN)
    return surname + given


def _road(draw: Draw) -> str:
    return f"{draw.pick(PLACES)}{draw.pick(ROAD_WORDS)}{draw.pick(ROAD_ENDINGS)}{1 + draw.below(999)}号"


def estate(draw: Draw) -> str:
    """Draw the name of a housing estate."""
    return draw.pick(ESTATE_WORDS) + draw.pick(ESTATE_ENDINGS)


def _home(draw: Draw) -> str:
    room = f"{1 + draw.below(28)}0{1 + draw.below(6)}"
    block = f"{1 + draw.below(30)}幢"
    if draw.one_in(3):
        return f"{_road(draw)}{estate(draw)}{block}{room}"
    return f"{_road(draw)}{estate(draw)}{block}{1 + draw.below(4)}单元{room}室"


def _office(draw: Draw) -> str:
    building = draw.pick(ESTATE_WORDS) + draw.pick(OFFICE_ENDINGS)
    return f"{_road(draw)}{building}{1 + draw.below(30)}楼{draw.pick(FIRMS)}"
