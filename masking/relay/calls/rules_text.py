"""Reading a tenant's rules from YAML, and refusing what is missing, unknown or unsound, with the place that is wrong.

What each name means stands at the head of the rules that Moat ships. They are stored as the text that was read.
"""

from datetime import timedelta
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError

from formats.strict_yaml import StrictYamlError, read_yaml
from masking.relay.calls.errors import RulesError
from masking.relay.calls.rules import Bound, Cause, Limit, Measure, Rules, Signal, Watch

DEFAULT = Path(__file__).parent / "default_rules.yaml"
TEXT_AT_MOST = 20_000
DAY = timedelta(days=1)


def _duration(value: object) -> object:
    if not isinstance(value, str) or not value.startswith("P"):
        raise ValueError("not an ISO 8601 duration")
    return value


_Span = Annotated[timedelta, BeforeValidator(_duration), Field(ge=timedelta(seconds=1), le=DAY)]
_Lasting = Annotated[timedelta, BeforeValidator(_duration), Field(ge=timedelta(minutes=1), le=30 * DAY)]
_Count = Annotated[int, Field(strict=True, ge=1, le=100_000_000)]


class _Fields(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)


class _LimitFields(_Fields):
    calls: _Count
    per: _Span
    burst: _Count


class _LimitsFields(_Fields):
    caller: _LimitFields
    binding: _LimitFields
    number: _LimitFields
    tenant: _LimitFields


class _SignalFields(_Fields):
    within: _Span
    action: Measure
    lasts: _Lasting = DAY


class _ProbingFields(_SignalFields):
    numbers: _Count
    action: Literal[Measure.STEP_UP, Measure.FREEZE_CALLER, Measure.CASE]


class _ShortFields(_SignalFields):
    calls: _Count
    seconds: Annotated[int, Field(strict=True, ge=1, le=60)]
    share: Annotated[int, Field(strict=True, ge=1, le=100)]


class _FanFields(_SignalFields):
    people: _Count


class _RefusedFields(_SignalFields):
    calls: _Count


class _SignalsFields(_Fields):
    probing: _ProbingFields
    short_calls: _ShortFields
    fan_out: _FanFields
    refused: _RefusedFields


class _HangUpFields(_Fields):
    unbind: bool = True
    block: bool = True
    freeze: bool = True
    erase: bool = True
    after: Annotated[timedelta, BeforeValidator(_duration), Field(le=timedelta(minutes=10))] = timedelta()


class _LegalFields(_Fields):
    on: bool
    months: Annotated[int, Field(strict=True, ge=1, le=36)]


class _RulesFields(_Fields):
    version: Annotated[int, Field(strict=True, ge=1, le=1_000_000)]
    limits: _LimitsFields
    signals: _SignalsFields
    short_seconds: Annotated[int, Field(strict=True, ge=1, le=60)]
    hang_up: _HangUpFields = _HangUpFields()
    records: object = None
    legal: _LegalFields


def default_text() -> str:
    """The text of the rules that Moat ships."""
    return DEFAULT.read_text(encoding="utf-8")


@cache
def default_rules() -> Rules:
    """The rules that Moat ships, as version 0: a tenant's own first version may be 1."""
    return parse_rules(default_text(), version=0)


def digest_of(text: str) -> str:
    """The digest that names rules in the log: SHA-256 in hexadecimal."""
    return sha256(text.encode()).hexdigest()


def parse_rules(text: str, *, version: int | None = None) -> Rules:
    """The rules of a text; `version` in the place of the one that it states, for rules that were applied already. Those that were
    applied before the retention policy spoke of calls say how long records are kept, which means nothing any more.

    Raises:
        RulesError: anything is missing, unknown, too large or unsound. Names the field.
    """
    try:
        written = _RulesFields.model_validate(read_yaml(text))
    except StrictYamlError as fault:
        raise RulesError(f"not YAML{fault.place}") from None
    except ValidationError as fault:
        first = fault.errors(include_url=False, include_input=False, include_context=False)[0]
        raise RulesError(f"{'.'.join(str(step) for step in first['loc']) or 'rules'}: {first['msg']}") from None
    if written.records is not None and version is None:
        raise RulesError("records: the retention policy says how long records of calls are kept")
    limits = {Bound(name): _limit(getattr(written.limits, name)) for name in _LimitsFields.model_fields}
    return Rules(
        version=written.version if version is None else version,
        limits=limits,
        watches=_watches(written.signals),
        short=written.short_seconds * 1000,
        hang_up=frozenset(cause for cause in Cause if getattr(written.hang_up, cause.value)),
        hang_up_after=_millis(written.hang_up.after),
        legal=written.legal.on,
        legal_months=written.legal.months,
    )


def _watches(signals: _SignalsFields) -> tuple[Watch, ...]:
    probing, short, fan, refused = signals.probing, signals.short_calls, signals.fan_out, signals.refused
    counts = {
        Signal.PROBING: (probing, probing.numbers),
        Signal.SHORT_CALLS: (short, short.calls),
        Signal.FAN_OUT: (fan, fan.people),
        Signal.REFUSED: (refused, refused.calls),
    }
    return tuple(
        Watch(
            signal=signal,
            count=count,
            within=_millis(fields.within),
            measure=fields.action,
            lasts=_millis(fields.lasts),
            under=short.seconds * 1000 if signal is Signal.SHORT_CALLS else 0,
            share=short.share if signal is Signal.SHORT_CALLS else 0,
        )
        for signal, (fields, count) in counts.items()
    )


def _limit(fields: _LimitFields) -> Limit:
    return Limit(fields.calls, _millis(fields.per), fields.burst)


def _millis(span: timedelta) -> int:
    return span // timedelta(milliseconds=1)
