"""Reading laws from YAML. What each name means stands at the head of `laws.yaml`.

Whatever is missing, unknown or contradictory is refused with the place that is wrong.
"""

import re
from functools import cache
from pathlib import Path
from typing import Annotated
from zoneinfo import ZoneInfo

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError, field_validator

from dsar.erasure.errors import LawTextError
from dsar.erasure.law import EVERY, Law, Laws, Source
from dsar.period import Period
from formats.strict_yaml import StrictYamlError, read_yaml

SHIPPED = Path(__file__).with_name("laws.yaml")

_CODE = re.compile(r"[a-z][a-z0-9_]{0,47}")
Code = Annotated[str, StringConstraints(pattern=r"^([a-z][a-z0-9_]{0,47}|\*)$")]
Event = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_.]{0,47}$")]
Words = Annotated[str, StringConstraints(min_length=1, max_length=200)]
Article = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9 .,()-]{1,60}$")]
Codes = Annotated[list[Code], Field(min_length=1)]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)


class _LawFields(_Strict):
    name: Words
    article: Article
    source: Source
    regimes: Codes
    categories: Codes
    purposes: Codes
    start: Event
    period: str

    @field_validator("period")
    @classmethod
    def _is_period(cls, given: str) -> str:
        return str(Period.parse(given))

    @field_validator("categories")
    @classmethod
    def _covers_something(cls, given: list[str]) -> list[str]:
        if EVERY in given:
            raise ValueError("no law keeps everything: name the categories")
        return given


class _File(_Strict):
    version: Annotated[str, StringConstraints(pattern=r"^[a-z0-9.-]{1,40}$")]
    zone: str
    laws: dict[str, _LawFields]

    @field_validator("zone")
    @classmethod
    def _is_zone(cls, given: str) -> str:
        try:
            return ZoneInfo(given).key
        except (OSError, ValueError, KeyError):
            raise ValueError("a zone is a name of the IANA time zone database") from None

    @field_validator("laws")
    @classmethod
    def _are_codes(cls, given: dict[str, _LawFields]) -> dict[str, _LawFields]:
        if not all(_CODE.fullmatch(name) for name in given):
            raise ValueError("a law is named by a code")
        return given


@cache
def shipped_laws() -> Laws:
    """The laws that Moat ships for a delivery platform."""
    return read_laws(SHIPPED)


def read_laws(path: Path) -> Laws:
    """The laws of a file.

    Raises:
        LawTextError: it may not be used.
    """
    try:
        return parse_laws(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError):
        raise LawTextError("the file cannot be read") from None


def parse_laws(text: str) -> Laws:
    """The laws of a text.

    Raises:
        LawTextError: it may not be used.
    """
    try:
        read = _File.model_validate(read_yaml(text))
    except StrictYamlError:
        raise LawTextError("it is no YAML") from None
    except ValidationError as error:
        first = error.errors(include_input=False, include_url=False)[0]
        raise LawTextError(".".join(map(str, first["loc"])) or "the file") from None
    return Laws(
        read.version, ZoneInfo(read.zone), tuple(_law(name, fields) for name, fields in sorted(read.laws.items()))
    )


def _law(name: str, fields: _LawFields) -> Law:
    return Law(
        id=name,
        name=fields.name,
        article=fields.article,
        source=fields.source,
        regimes=frozenset(fields.regimes),
        categories=frozenset(fields.categories),
        purposes=frozenset(fields.purposes),
        start=fields.start,
        period=Period.parse(fields.period),
    )
