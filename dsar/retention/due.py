"""Whether the reason for which something is kept is over: pure, for one policy at one moment.

    not over            the event has not come, or its period, or the law's, or the grace after it, is running
    over                the rule's action is due

Precedence is hold > legal minimum > erasure > period of the purpose: a law never shortens a period, and whether a hold keeps it
is asked by whoever would act. All moments are compared with the latest beginning of a period that is over now, so that judging
is a comparison of numbers, and what is over stays over.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple, Protocol

from dsar.period import Period, Zone
from dsar.retention.rule import Action, Policy, Rule, Start


class KeptUse(Protocol):
    """A use: why a record is kept. `restricted` is whether it may only be stored; `since` is in milliseconds since the epoch."""

    @property
    def record(self) -> int: ...
    @property
    def subject(self) -> int: ...
    @property
    def kind(self) -> str: ...
    @property
    def purpose(self) -> str: ...
    @property
    def ref(self) -> str: ...
    @property
    def since(self) -> int: ...
    @property
    def restricted(self) -> bool: ...


class Begun(NamedTuple):
    """What is known of a use: when its event came, if it has, and when its person was last active."""

    event: int | None = None
    activity: int = 0


NOTHING = Begun()
NO_GRACE = Period()


class Fate(StrEnum):
    """How a use stands. `late` waits for an event longer than is expected."""

    DUE = "due"
    RUNNING = "running"
    GRACE = "grace"
    LAW = "law"
    WAITING = "waiting"
    LATE = "late"
    NO_POLICY = "no_policy"


class Verdict(NamedTuple):
    """The fate of a use; what is to be done where it is due; the event from which was counted, where one was."""

    fate: Fate
    rule: Rule | None = None
    action: Action | None = None
    start: int | None = None


@dataclass(frozen=True, slots=True)
class _Cutoffs:
    """Of one rule: the latest beginnings for which something is over now."""

    rule: Rule
    period: int
    graced: int
    law: int | None
    fallback: int | None
    expected: int


class Clock:
    """One policy at one moment."""

    def __init__(self, policy: Policy, now: int) -> None:
        self.policy = policy
        self.now = now
        cut = {rule.id: _cutoffs(rule, policy.zone, now) for rule in policy.rules}
        self._by_use = {place: cut[rule.id] for place, rule in policy.by_use.items()}

    def asks_for(self, use: KeptUse) -> Start | None:
        """The told event on which the use depends."""
        found = self._by_use.get((use.kind, use.purpose))
        return found.rule.start if found is not None and found.rule.start.may_never_come else None

    def asks_activity(self, use: KeptUse) -> bool:
        """Whether it depends on when the person was last active: not where it is too young by itself."""
        found = self._by_use.get((use.kind, use.purpose))
        if found is None:
            return False
        if found.rule.start is Start.LAST_ACTIVITY:
            return use.since <= found.period
        by_activity = found.fallback is not None and found.rule.fallback_from is Start.LAST_ACTIVITY
        return by_activity and found.fallback is not None and use.since <= found.fallback

    def judge(self, use: KeptUse, begun: Begun = NOTHING) -> Verdict:
        """How the use stands."""
        found = self._by_use.get((use.kind, use.purpose))
        if found is None:
            return Verdict(Fate.NO_POLICY)
        rule = found.rule
        if rule.start is Start.CREATED:
            start = use.since
        elif rule.start is Start.LAST_ACTIVITY:
            start = max(use.since, begun.activity)
        elif begun.event is None:
            return _without_event(found, use, begun)
        else:
            start = begun.event
        return _with_event(found, use, start)


def kept_until(verdict: Verdict, zone: Zone) -> int | None:
    """When that ends which keeps a use at its verdict; None where nothing does, or nobody knows."""
    rule, start = verdict.rule, verdict.start
    if rule is None or start is None or verdict.fate is Fate.DUE:
        return None
    if verdict.fate is Fate.LAW:
        return max(minimum.period.ends(start, zone) for minimum in rule.minimums)
    over = rule.period.ends(start, zone)
    return rule.grace.ends(over - 1, zone) if verdict.fate is Fate.GRACE else over


def _without_event(found: _Cutoffs, use: KeptUse, begun: Begun) -> Verdict:
    rule = found.rule
    counted = use.since if rule.fallback_from is Start.CREATED else max(use.since, begun.activity)
    if found.fallback is not None and counted <= found.fallback:
        return Verdict(Fate.DUE, rule, _final(rule), counted)
    return Verdict(Fate.LATE if use.since <= found.expected else Fate.WAITING, rule)


def _with_event(found: _Cutoffs, use: KeptUse, start: int) -> Verdict:
    rule = found.rule
    if start > found.period:
        return Verdict(Fate.RUNNING, rule, start=start)
    if found.law is not None and start > found.law:
        if rule.action is Action.RESTRICT and not use.restricted:
            return Verdict(Fate.DUE, rule, Action.RESTRICT, start)
        return Verdict(Fate.LAW, rule, start=start)
    if start > found.graced:
        return Verdict(Fate.GRACE, rule, start=start)
    return Verdict(Fate.DUE, rule, _final(rule), start)


def _final(rule: Rule) -> Action:
    """What becomes of it in the end: what was restricted for a law goes with that law's period."""
    return Action.DELETE if rule.action is Action.RESTRICT else rule.action


def _cutoffs(rule: Rule, zone: Zone, now: int) -> _Cutoffs:
    def cutoff(period: Period) -> int:
        return period.cutoff(now, zone)

    return _Cutoffs(
        rule,
        period=cutoff(rule.period),
        # A grace begins with the end of the period's last day, which is its day 0.
        graced=cutoff(rule.period) if rule.grace == NO_GRACE else rule.period.cutoff(cutoff(rule.grace) + 1, zone),
        law=min((cutoff(minimum.period) for minimum in rule.minimums), default=None),
        fallback=None if rule.fallback is None else cutoff(rule.fallback),
        expected=cutoff(rule.expected),
    )
