"""Whether a use is over: by hand for each way of counting, and over drawn uses against the definition. Pure."""

from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from database.columns import millis
from dsar.period import Period
from dsar.retention.due import Begun, Clock, Fate, kept_until
from dsar.retention.rule import Action, Minimum, Policy, Rule, Start

ZONE = ZoneInfo("Asia/Shanghai")
NOW = millis(datetime(2026, 11, 22, 4, 0, tzinfo=UTC))
DAY = 86_400_000


@dataclass(frozen=True)
class Kept:
    """A use as the vault would tell of it."""

    since: int
    restricted: bool = False
    record: int = 1
    subject: int = 1
    kind: str = "phone"
    purpose: str = "delivery"
    ref: str = "order:o-1"


RULE = Rule(
    id="one",
    kinds=frozenset({"phone"}),
    purposes=frozenset({"delivery"}),
    start=Start.ORDER_COMPLETED,
    period=Period.parse("P30D"),
    grace=Period(),
    fallback=Period.parse("P180D"),
    fallback_from=Start.CREATED,
    expected=Period.parse("P7D"),
    minimums=(),
    action=Action.DELETE,
    law="PIPL",
    article="19",
    reason={"en": "why"},
    reviewed=date(2026, 11, 1),
)
CREATED = replace(RULE, start=Start.CREATED, fallback=None)
BY_LAW = replace(
    RULE,
    action=Action.RESTRICT,
    minimums=(Minimum("Law", "31", Period.parse("P3Y")), Minimum("Law", "15", Period.parse("P6M"))),
    fallback=Period.parse("P4Y"),
)


def clock(rule: Rule, now: int = NOW) -> Clock:
    return Clock(Policy(1, ZONE, "Asia/Shanghai", (rule,)), now)


@pytest.mark.parametrize(
    ("rule", "days_ago", "event_ago", "fate", "action"),
    [
        (CREATED, 31, None, Fate.DUE, Action.DELETE),
        (CREATED, 30, None, Fate.RUNNING, None),
        (RULE, 31, None, Fate.LATE, None),
        (RULE, 1, None, Fate.WAITING, None),
        (RULE, 31, 1, Fate.RUNNING, None),
        (RULE, 1, 31, Fate.DUE, Action.DELETE),
        (RULE, 181, None, Fate.DUE, Action.DELETE),
        (RULE, 500, 1, Fate.RUNNING, None),
        (replace(RULE, grace=Period.parse("P10D")), 60, 31, Fate.GRACE, None),
        (replace(RULE, grace=Period.parse("P10D")), 60, 40, Fate.GRACE, None),
        (replace(RULE, grace=Period.parse("P10D")), 60, 41, Fate.DUE, Action.DELETE),
        (BY_LAW, 40, 31, Fate.DUE, Action.RESTRICT),
        (BY_LAW, 1_200, 1_100, Fate.DUE, Action.DELETE),
        (replace(BY_LAW, action=Action.DELETE), 40, 31, Fate.LAW, None),
        (replace(BY_LAW, action=Action.SHRED), 1_200, 1_100, Fate.DUE, Action.SHRED),
        (replace(CREATED, action=Action.REVIEW), 31, None, Fate.DUE, Action.REVIEW),
    ],
)
def test_a_use_stands_as_its_rule_and_its_events_say(
    rule: Rule, days_ago: int, event_ago: int | None, fate: Fate, action: Action | None
) -> None:
    begun = Begun(None if event_ago is None else NOW - event_ago * DAY)
    verdict = clock(rule).judge(Kept(NOW - days_ago * DAY), begun)
    assert (verdict.fate, verdict.action) == (fate, action)


def test_what_is_stored_for_a_law_stays_until_the_law_lets_it_go() -> None:
    begun = Begun(NOW - 31 * DAY)
    verdict = clock(BY_LAW).judge(Kept(NOW - 40 * DAY, restricted=True), begun)
    assert verdict.fate is Fate.LAW
    until = kept_until(verdict, ZONE)
    assert until is not None
    assert clock(BY_LAW, until - 1).judge(Kept(0, restricted=True), begun).fate is Fate.LAW
    assert clock(BY_LAW, until).judge(Kept(0, restricted=True), begun).action is Action.DELETE


def test_activity_of_the_person_puts_off_what_counts_from_it() -> None:
    rule = replace(CREATED, start=Start.LAST_ACTIVITY)
    use = Kept(NOW - 100 * DAY)
    assert clock(rule).asks_activity(use)
    assert clock(rule).judge(use, Begun(activity=NOW - 31 * DAY)).fate is Fate.DUE
    assert clock(rule).judge(use, Begun(activity=NOW - DAY)).fate is Fate.RUNNING
    assert not clock(rule).asks_activity(Kept(NOW))


def test_what_no_rule_covers_stays() -> None:
    assert clock(RULE).judge(Kept(0, kind="geo")).fate is Fate.NO_POLICY


_RULES = st.sampled_from(
    [RULE, CREATED, BY_LAW, replace(BY_LAW, action=Action.DELETE), replace(RULE, grace=Period(days=9))]
)
_DAYS = st.floats(0, 1_500)


@given(_RULES, _DAYS, st.none() | _DAYS, st.booleans(), _DAYS)
def test_what_is_due_stays_due_and_a_law_never_has_it_go_sooner(
    rule: Rule, days_ago: float, event_ago: float | None, restricted: bool, later: float
) -> None:
    use = Kept(NOW - round(days_ago * DAY), restricted)
    begun = Begun(None if event_ago is None else NOW - round(event_ago * DAY))
    now, then = clock(rule).judge(use, begun), clock(rule, NOW + round(later * DAY)).judge(use, begun)
    if now.fate is Fate.DUE:
        assert then.fate is Fate.DUE
        if now.action is not Action.RESTRICT:
            assert clock(replace(rule, minimums=(), action=Action.DELETE)).judge(use, begun).fate is Fate.DUE
    elif (until := kept_until(now, ZONE)) is not None and until <= NOW + later * DAY:
        assert then.fate is not now.fate
