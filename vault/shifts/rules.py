"""Shift rules as people write them: strict YAML, of which every word is known. Pure.

hours: 12       how long a shift lasts, from its first plain value on; 1 to 24
values: 300     how many plain values, pictures among them, a courier may be shown in it; 0 to 100000
"""

from functools import cache
from importlib.resources import files
from typing import Any, Final, NamedTuple

from formats.strict_yaml import StrictYamlError, read_yaml

HOUR_MS: Final = 3_600_000
TEXT_AT_MOST: Final = 4_096
"""Code points of the rules."""

_BOUNDS: Final = {"hours": (1, 24), "values": (0, 100_000)}


class ShiftRulesTextError(ValueError):
    """Rules that may not be used; says at which field and why, and never what stands there."""


class ShiftRules(NamedTuple):
    """How long a shift lasts, and how many plain values a courier may be shown in it."""

    hours: int
    values: int

    @property
    def lasts(self) -> int:
        """A shift in milliseconds."""
        return self.hours * HOUR_MS


def read_rules(text: str) -> ShiftRules:
    """The rules that a text declares.

    Raises:
        ShiftRulesTextError: they may not be used.
    """
    if len(text) > TEXT_AT_MOST:
        raise ShiftRulesTextError(f"the text is longer than {TEXT_AT_MOST} characters")
    try:
        told = read_yaml(text)
    except StrictYamlError as fault:
        raise ShiftRulesTextError(f"no YAML, or a name twice{fault.place}") from None
    if not isinstance(told, dict) or set(told) != set(_BOUNDS):
        raise ShiftRulesTextError(f"the text has {' and '.join(_BOUNDS)}, and nothing else")
    return ShiftRules(**{name: _bounded(name, told[name]) for name in _BOUNDS})


def _bounded(name: str, told: Any) -> int:
    low, high = _BOUNDS[name]
    if type(told) is not int or not low <= told <= high:
        raise ShiftRulesTextError(f"{name}: is a whole number from {low} to {high}")
    return told


@cache
def shipped_text() -> str:
    """The rules that hold where a tenant has applied none."""
    return files("vault.shifts").joinpath("default_rules.yaml").read_text(encoding="utf-8")


@cache
def shipped_rules() -> ShiftRules:
    """The same, read."""
    return read_rules(shipped_text())
