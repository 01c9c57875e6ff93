"""Reading a policy from YAML, and refusing what is missing, unknown, contradictory or unsound, with the place that is wrong.

What each name means stands at the head of the built-in policy. A policy is stored as the JSON of the tree that was read.
"""

from collections.abc import Mapping
from datetime import date
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import orjson
from pydantic import ValidationError

from dsar.period import Period
from dsar.retention.errors import PolicyError
from dsar.retention.policy_fields import PolicyFields, RuleFields
from dsar.retention.rule import Action, Minimum, Policy, Rule
from formats.strict_yaml import StrictYamlError, read_yaml

BUILTIN = Path(__file__).parent / "builtin" / "delivery_platform.yaml"
"""The policy that Moat ships for a delivery platform."""


@cache
def builtin_source() -> dict[str, Any]:
    """The built-in policy as it is stored; not to be changed."""
    return read_source(BUILTIN)


@cache
def builtin_policy() -> Policy:
    """The policy that Moat ships for a delivery platform."""
    return parse_source(builtin_source())


def read_source(path: Path) -> dict[str, Any]:
    """The text of a file as one tree. Raises PolicyError."""
    try:
        return read_text(path.read_text(encoding="utf-8"), path.name)
    except (OSError, UnicodeDecodeError):
        raise PolicyError(f"{path.name}: not a file of UTF-8 text") from None


def read_text(text: str, name: str = "the policy") -> dict[str, Any]:
    """One YAML document that is a mapping. Raises PolicyError."""
    try:
        found = read_yaml(text)
    except StrictYamlError as fault:
        raise PolicyError(f"{name} is not YAML{fault.place}") from None
    if not isinstance(found, dict):
        raise PolicyError(f"{name} is not a mapping")
    return found


def source_text(source: Mapping[str, Any]) -> str:
    """A tree as it is stored: JSON, in the order in which it was written."""
    return orjson.dumps(source).decode()


def source_digest(text: str) -> str:
    """The digest that names a stored tree: SHA-256 in hexadecimal."""
    return sha256(text.encode()).hexdigest()


def parse_source(source: Mapping[str, Any]) -> Policy:
    """The policy of a tree. Raises PolicyError, naming the field, for anything missing, unknown, contradictory or unsound."""
    try:
        written = PolicyFields.model_validate(source)
    except ValidationError as fault:
        first = fault.errors(include_url=False, include_input=False)[0]
        raise PolicyError(f"{'.'.join(str(step) for step in first['loc'])}: {first['msg']}") from None
    try:
        zone = ZoneInfo(written.time_zone)
    except (ZoneInfoNotFoundError, ValueError):
        raise PolicyError("time_zone: there is no such zone") from None
    rules = [_rule(name, fields, written.reviewed) for name, fields in written.rules.items()]
    for rule in rules:
        _refuse_unsound(rule)
    _refuse_overlap(rules)
    return Policy(written.version, zone, written.time_zone, tuple(rules))


def _rule(name: str, fields: RuleFields, reviewed: date) -> Rule:
    return Rule(
        id=name,
        kinds=frozenset(fields.kinds),
        purposes=frozenset(fields.purposes),
        start=fields.start,
        period=fields.period,
        grace=fields.grace,
        fallback=fields.fallback,
        fallback_from=fields.fallback_from,
        expected=fields.expected,
        minimums=tuple(Minimum(one.law, one.article, one.period) for one in fields.minimum),
        action=fields.action,
        law=fields.basis.law,
        article=fields.basis.article,
        reason={"zh-Hans": fields.reason.zh_hans, "zh-Hant": fields.reason.zh_hant, "en": fields.reason.en},
        reviewed=fields.reviewed or reviewed,
    )


def _refuse_unsound(rule: Rule) -> None:
    """Raises PolicyError for a rule that would keep for ever, or destroy what a law has kept."""
    place = f"rules.{rule.id}"
    longest = max((minimum.period for minimum in rule.minimums), key=_length, default=None)
    if rule.start.may_never_come and rule.fallback is None:
        raise PolicyError(
            f"{place}.fallback: missing; while {rule.start} does not come, nothing would ever be destroyed"
        )
    if not rule.start.may_never_come and rule.fallback is not None:
        raise PolicyError(f"{place}.fallback: says nothing, for {rule.start} always comes")
    if rule.fallback is not None and _length(rule.fallback) < _length(rule.period):
        raise PolicyError(f"{place}.fallback: shorter than the period")
    if rule.fallback is not None and longest is not None and _length(rule.fallback) < _length(longest):
        raise PolicyError(f"{place}.fallback: shorter than a law's minimum, {longest}")
    if rule.action is Action.RESTRICT and (longest is None or _length(longest) <= _length(rule.period)):
        raise PolicyError(
            f"{place}.minimum: restrict keeps data for a law after the period, and no law here asks for longer"
        )
    if rule.fallback is not None and _length(rule.expected) > _length(rule.fallback):
        raise PolicyError(f"{place}.expected: longer than the fallback, so that nobody would ever be told")


def _refuse_overlap(rules: list[Rule]) -> None:
    """Raises PolicyError where two rules cover the same kind for the same purpose."""
    covered: dict[tuple[str, str], str] = {}
    for rule in rules:
        for kind in sorted(rule.kinds):
            for purpose in sorted(rule.purposes):
                other = covered.setdefault((kind, purpose), rule.id)
                if other != rule.id:
                    raise PolicyError(f"rules.{rule.id}.kinds: {kind} for {purpose} is covered by rules.{other}, too")


def _length(period: Period) -> float:
    """By which periods of a policy are compared, in days."""
    return period.least_days if period.hours is None else period.hours / 24
