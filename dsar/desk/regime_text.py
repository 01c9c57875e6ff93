"""Reading regimes from the YAML files beside this module. Their fields are those of `dsar.desk.regime`; a span is one of `days`,
`working_days` and `months`. `usual` holds for each right that does not say otherwise, `final` rights are not extended, and each
of `places` makes a regime of its own with another calendar: `gdpr` and `de` make `gdpr_de`."""

from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Annotated, Any
from zoneinfo import ZoneInfo

import yaml
from pydantic import BaseModel, ConfigDict, Field

from dsar.desk.clock import Clock, Span, Unit
from dsar.desk.regime import Pause, Regime, RightTimes, Start
from dsar.desk.working_days import WorkingDays
from dsar.right import Right

_SHIPPED = Path(__file__).with_name("regimes")
_Span = Annotated[dict[Unit, Annotated[int, Field(ge=1, le=1_000)]], Field(min_length=1, max_length=1)]
_Name = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,15}$")]


class _Fields(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class _UsualFields(_Fields):
    acknowledge: _Span | None = None
    due: _Span
    extension: _Span | None = None
    start: Start
    pauses: frozenset[Pause] = frozenset()


class _RightFields(_Fields):
    basis: str
    acknowledge: _Span | None = None
    due: _Span | None = None
    start: Start | None = None
    final: bool = False


class _PlaceFields(_Fields):
    zone: str
    calendar: str


class _RegimeFields(_PlaceFields):
    law: str
    rolls: bool
    kept: _Span
    waits: _Span
    escalates: tuple[Annotated[int, Field(ge=1, le=99)], ...]
    usual: _UsualFields
    by_itself: frozenset[Right]
    rights: dict[Right, _RightFields]
    places: dict[_Name, _PlaceFields] = {}


@cache
def shipped_regimes() -> Mapping[str, Regime]:
    """The regimes of this distribution, by id."""
    made: dict[str, Regime] = {}
    for path in sorted(_SHIPPED.glob("*.yaml")):
        made |= read_regimes(path.stem, yaml.safe_load(path.read_text(encoding="utf-8")))
    return made


def read_regimes(name: str, source: Mapping[str, Any]) -> dict[str, Regime]:
    """The regime of one file, and those of its places.

    Raises:
        ValueError: it is not one.
    """
    fields = _RegimeFields.model_validate(source)
    rights = dict(_rights(fields))
    places = {name: fields, **{f"{name}_{place}": one for place, one in fields.places.items()}}
    return {
        id_: Regime(
            id=id_,
            law=fields.law,
            clock=Clock(ZoneInfo(place.zone), WorkingDays(place.calendar), fields.rolls),
            rights=rights,
            waits=_span(fields.waits),
            kept=_span(fields.kept),
            escalates=fields.escalates,
        )
        for id_, place in places.items()
    }


def _rights(fields: _RegimeFields) -> Iterator[tuple[Right, RightTimes]]:
    usual = fields.usual
    for right, one in fields.rights.items():
        acknowledge, due = one.acknowledge or usual.acknowledge, _span(one.due or usual.due)
        extension = None if one.final or usual.extension is None else _span(usual.extension)
        if extension is not None and extension.unit is not due.unit:
            raise ValueError(f"{right.value}: an extension is counted as what it extends, or the right is final")
        yield (
            right,
            RightTimes(
                basis=one.basis,
                acknowledge=None if acknowledge is None else _span(acknowledge),
                due=due,
                extension=extension,
                start=one.start or usual.start,
                pauses=usual.pauses,
                by_itself=right in fields.by_itself,
            ),
        )


def _span(fields: Mapping[Unit, int]) -> Span:
    ((unit, amount),) = fields.items()
    return Span(amount, unit)
