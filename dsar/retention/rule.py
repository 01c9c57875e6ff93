"""Retention policies: how long what serves a purpose is kept, from which event on, under which law, and what then happens."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from functools import cached_property

from dsar.period import Period, Zone

Localized = Mapping[str, str]
"""A text by its language: zh-Hans, zh-Hant, en."""


class Start(StrEnum):
    """The event from which a period runs. What was created has that moment; activity is the latest use of the person, or what was
    told; the others have to be told."""

    CREATED = "created"
    LAST_ACTIVITY = "last_activity"
    ORDER_COMPLETED = "order.completed"
    CONSENT_WITHDRAWN = "consent.withdrawn"
    ACCOUNT_CLOSED = "account.closed"
    CASE_CLOSED = "case.closed"

    @property
    def of_ref(self) -> bool:
        """Whether it happens to an order or a case, and not to a person."""
        return self in {Start.ORDER_COMPLETED, Start.CASE_CLOSED}

    @property
    def may_never_come(self) -> bool:
        """Whether somebody has to tell it."""
        return self not in {Start.CREATED, Start.LAST_ACTIVITY}


class Action(StrEnum):
    """What happens when a period is over.

    `delete` ends the use, and a record goes with its last use; `shred` destroys the person's key, too, with the person's last
    record; `anonymise` leaves the month of it in a count; `restrict` keeps it stored and unusable for that purpose as long as
    the law asks for it, and deletes it then; `review` destroys nothing before a person has looked.
    """

    SHRED = "shred"
    DELETE = "delete"
    ANONYMISE = "anonymise"
    RESTRICT = "restrict"
    REVIEW = "review"


@dataclass(frozen=True, slots=True)
class Minimum:
    """A law that has it kept at least so long from the same event."""

    law: str
    article: str
    period: Period


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """One rule: what it covers, and what becomes of it.

    `fallback` is the longest that anything is kept whose event never comes, counted from `fallback_from`: its creation or the
    person's last activity. An event that has not come within `expected` of the creation is reported. `law` and `article` are the
    ground of the period, `minimums` of keeping it longer, and `reason` tells people.
    """

    id: str
    kinds: frozenset[str]
    purposes: frozenset[str]
    start: Start
    period: Period
    grace: Period
    fallback: Period | None
    fallback_from: Start
    expected: Period
    minimums: Sequence[Minimum]
    action: Action
    law: str
    article: str
    reason: Localized
    reviewed: date


@dataclass(frozen=True)
class Policy:
    """One version of a tenant's rules, as it was applied. No kind and purpose is covered by two rules."""

    version: int
    zone: Zone
    time_zone: str
    rules: Sequence[Rule]

    @cached_property
    def by_use(self) -> Mapping[tuple[str, str], Rule]:
        """The rule of each kind and purpose."""
        return {(kind, purpose): rule for rule in self.rules for kind in rule.kinds for purpose in rule.purposes}

    def rule(self, name: str) -> Rule | None:
        """The rule with this id."""
        return next((rule for rule in self.rules if rule.id == name), None)
