"""The shape of a policy's text, as pydantic reads it: which names there are, and what each may hold.

`dsar.retention.policy_text` goes on from here with what concerns two places at once.
"""

from datetime import date
from typing import Annotated, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints

from dsar.period import Period
from dsar.retention.rule import Action, Start

_Name = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{0,31}$")]
_Line = Annotated[str, StringConstraints(pattern=r"^[^\r\n]{1,200}$", strip_whitespace=True)]
_Text = Annotated[str, StringConstraints(pattern=r"^[^\r\n]{1,1000}$", strip_whitespace=True)]


def _period(value: object) -> Period:
    if isinstance(value, Period):
        return value
    if not isinstance(value, str):
        raise ValueError("not an ISO 8601 duration")
    return Period.parse(value)


_Period = Annotated[Period, BeforeValidator(_period)]


class _Fields(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)


class LawFields(_Fields):
    law: _Line
    article: _Line


class MinimumFields(LawFields):
    period: _Period


class ReasonFields(_Fields):
    """Why it is kept and for how long, in the words for people."""

    zh_hans: _Text = Field(alias="zh-Hans")
    zh_hant: _Text = Field(alias="zh-Hant")
    en: _Text


class RuleFields(_Fields):
    kinds: Annotated[list[_Name], Field(min_length=1)]
    purposes: Annotated[list[_Name], Field(min_length=1)]
    start: Start
    period: _Period
    grace: _Period = Period()
    fallback: _Period | None = None
    fallback_from: Literal[Start.CREATED, Start.LAST_ACTIVITY] = Start.CREATED
    expected: _Period = Period(days=90)
    minimum: list[MinimumFields] = []
    action: Action
    basis: LawFields
    reason: ReasonFields
    reviewed: date | None = None


class PolicyFields(_Fields):
    version: Annotated[int, Field(strict=True, ge=1, le=1_000_000)]
    time_zone: _Line
    reviewed: date
    rules: Annotated[dict[_Name, RuleFields], Field(min_length=1)]
