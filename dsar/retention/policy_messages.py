"""What the operations on policies and alerts give."""

from pydantic import BaseModel

from dsar.retention.rule import Action, Start


class PolicyRef(BaseModel):
    version: int
    sha256: str


class MinimumAnswer(BaseModel):
    law: str
    article: str
    period: str


class RuleAnswer(BaseModel):
    """A rule of a policy; `reason` tells people, by language."""

    rule: str
    kinds: list[str]
    purposes: list[str]
    start: Start
    period: str
    grace: str
    fallback: str | None
    fallback_from: Start
    expected: str
    minimum: list[MinimumAnswer]
    action: Action
    law: str
    article: str
    reason: dict[str, str]
    reviewed: str


class AppliedPolicy(PolicyRef):
    builtin: bool
    applied_at: str | None


class PolicyAnswer(AppliedPolicy):
    """A policy, and which there have been."""

    time_zone: str
    rules: list[RuleAnswer]
    versions: list[AppliedPolicy]


class AlertAnswer(BaseModel):
    """Something amiss: `no_policy`, `not_reviewed`, `clock_not_started` or `not_planned`."""

    code: str
    rule: str | None
    kind: str | None
    purpose: str | None
    count: int | None
    reviewed: str | None


class AlertsAnswer(BaseModel):
    items: list[AlertAnswer]
