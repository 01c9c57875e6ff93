"""Tables as people write them: strict YAML, of which every word is known.

stages:
  assigned:
    courier: {name: masked, address: building}
  delivered:
    minutes: 10                     # needed where a stage ends an order
    courier: {name: masked}
"""

from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from types import MappingProxyType
from typing import Any, Final

from formats.strict_yaml import StrictYamlError, read_yaml
from vault.handover.stage import ENDED, UNASSIGNED, Stage
from vault.handover.table import BY_BUILDING, COURIER, MINUTE_MS, NEVER_FULL, ROLES, HandoverTable, Scene, Sight
from vault.judged_kind import JUDGED

TEXT_AT_MOST: Final = 65_536
"""Code points of a table."""

MINUTES_AT_MOST: Final = 24 * 60
_SIGHTS: Final = {sight.name.lower(): sight for sight in Sight}
_STAGES: Final = (UNASSIGNED, *(stage.value for stage in Stage))


class TableTextError(ValueError):
    """A table that may not be used; says at which field and why, and never what stands there."""


@cache
def shipped_text() -> str:
    """The table that holds where a tenant has applied none."""
    return files("vault.handover").joinpath("default_table.yaml").read_text(encoding="utf-8")


@cache
def shipped_table() -> HandoverTable:
    """The same, read."""
    return read_table(shipped_text(), version=0)


def read_table(text: str, *, version: int) -> HandoverTable:
    """The table that a text declares.

    Raises:
        TableTextError: it may not be used.
    """
    if len(text) > TEXT_AT_MOST:
        raise TableTextError(f"the text is longer than {TEXT_AT_MOST} characters")
    try:
        told = read_yaml(text)
    except StrictYamlError as fault:
        raise TableTextError(f"no YAML, or a name twice{fault.place}") from None
    if not isinstance(told, dict) or set(told) != {"stages"} or not isinstance(told["stages"], dict):
        raise TableTextError("the text has stages, and nothing else")
    stages = told["stages"]
    if unknown := set(stages) - set(_STAGES):
        raise TableTextError(f"stages: {len(unknown)} of them there are not; known are {', '.join(_STAGES)}")
    scenes = {name: _scene(name, stages[name]) for name in _STAGES if name in stages}
    return HandoverTable(version, MappingProxyType(scenes))


def _scene(stage: str, told: Any) -> Scene:
    place = f"stages.{stage}"
    if not isinstance(told, dict):
        raise TableTextError(f"{place}: has roles, with kinds below each")
    lasts = _lasts(stage, told.get("minutes"))
    roles = {name: kinds for name, kinds in told.items() if name != "minutes"}
    if set(roles) - set(ROLES):
        raise TableTextError(f"{place}: the roles are {', '.join(ROLES)}")
    if stage == UNASSIGNED and COURIER in roles:
        raise TableTextError(f"{place}.{COURIER}: no courier has such an order")
    return Scene(lasts, MappingProxyType({role: _kinds(f"{place}.{role}", kinds) for role, kinds in roles.items()}))


def _lasts(stage: str, told: Any) -> int | None:
    """The stage's time in milliseconds."""
    place = f"stages.{stage}.minutes"
    if told is None:
        if stage in ENDED:
            raise TableTextError(f"{place}: is needed, for an order that has ended is not seen for ever")
        return None
    if stage == UNASSIGNED:
        raise TableTextError(f"{place}: nobody has said when such an order began")
    if type(told) is not int or not 0 <= told <= MINUTES_AT_MOST:
        raise TableTextError(f"{place}: is a whole number up to {MINUTES_AT_MOST}")
    return told * MINUTE_MS


def _kinds(place: str, told: Any) -> Mapping[str, Sight]:
    if not isinstance(told, dict):
        raise TableTextError(f"{place}: has kinds, with a view for each")
    seen = {}
    for number, (kind, word) in enumerate(told.items(), 1):
        if kind not in JUDGED:
            raise TableTextError(f"{place}: there is no such kind as that of number {number}")
        sight = _SIGHTS.get(word) if isinstance(word, str) else None
        if sight is None:
            raise TableTextError(f"{place}.{kind}: a view is one of {', '.join(_SIGHTS)}")
        if sight is Sight.BUILDING and kind not in BY_BUILDING:
            raise TableTextError(f"{place}.{kind}: only addresses have a building")
        if sight is Sight.FULL and kind in NEVER_FULL:
            raise TableTextError(f"{place}.{kind}: is never shown in full on an order")
        seen[kind] = sight
    return MappingProxyType(seen)
