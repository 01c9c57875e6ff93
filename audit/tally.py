"""What of an entry is counted by day: what was disclosed, by purpose, and what was refused, by reason.

A disclosure without a purpose, such as a call that was connected, is counted under its action.
"""

from collections.abc import Mapping
from datetime import date, datetime, tzinfo
from enum import StrEnum
from typing import Any, NamedTuple

from audit.entry import Action, Outcome

_EPOCH = date(1970, 1, 1).toordinal()
_LESS = frozenset({"masked", "building"})
"""Views of a value (`vault.policy.View`) that show less than all of it."""

_PLAIN_BY_THEMSELVES = frozenset(
    {Action.RELAY_ROUTE, Action.PICTURE_READ, Action.POSITION_READ, Action.SUBJECT_DISCLOSE}
)


class Measure(StrEnum):
    """What is counted: values that were shown whole, those of which less was shown, and items that were refused."""

    PLAIN = "plain"
    MASKED = "masked"
    DENIED = "denied"


class Counted(NamedTuple):
    """A part of a day's count."""

    measure: Measure
    day: int
    code: str
    amount: int


def day_number(day: date) -> int:
    """A day as it is stored: days since 1970-01-01."""
    return day.toordinal() - _EPOCH


def counted(fields: Mapping[str, Any], zone: tzinfo) -> Counted | None:
    """What one entry adds, None where it is neither a disclosure nor a refusal."""
    measure, code = _measured(fields)
    if measure is None:
        return None
    day = datetime.fromisoformat(fields["at"]).astimezone(zone).date()
    return Counted(measure, day_number(day), code, int(fields.get("count", 1)))


def _measured(fields: Mapping[str, Any]) -> tuple[Measure | None, str]:
    if fields["outcome"] == Outcome.DENIED:
        return Measure.DENIED, fields.get("reason", "unknown")
    if fields["outcome"] != Outcome.DONE:
        return None, ""
    code = fields.get("purpose", fields["action"])
    view = fields.get("view")
    if view in _LESS:
        return Measure.MASKED, code
    disclosed = view == Measure.PLAIN or fields["action"] in _PLAIN_BY_THEMSELVES
    return (Measure.PLAIN if disclosed else None), code
