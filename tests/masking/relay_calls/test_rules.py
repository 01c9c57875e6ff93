"""Rules of a tenant: strict, with bounds, and named by their place when they are wrong."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from masking.relay.calls.announcing import Announcement, announcement_texts
from masking.relay.calls.errors import RulesError, RulesVersionError
from masking.relay.calls.rules import Bound, Cause, Limit, Signal
from masking.relay.calls.rules_text import default_rules, default_text, parse_rules
from tests.support.relay_calls import Calls


def test_the_shipped_rules_have_a_limit_and_a_watch_of_each_kind_and_seal_nothing() -> None:
    rules = default_rules()
    assert set(rules.limits) == set(Bound)
    assert {watch.signal for watch in rules.watches} == set(Signal)
    assert (rules.version, rules.legal, rules.hang_up, rules.hang_up_after) == (0, False, frozenset(Cause), 0)


@pytest.mark.parametrize(
    ("old", "new", "place"),
    [
        ("version: 1", "version: 1.5", "version"),
        ("burst: 12}", "burst: 0}", "limits.caller.burst"),
        ("per: PT1H, burst: 12", "per: 3600, burst: 12", "limits.caller.per"),
        ("per: PT1H, burst: 12", "per: P2D, burst: 12", "limits.caller.per"),
        ("action: freeze_caller, lasts: P1D", "action: freeze_binding, lasts: P1D", "signals.probing.action"),
        ("action: step_up", "action: shout", "signals.short_calls.action"),
        ("share: 60", "share: 101", "signals.short_calls.share"),
        ("block: true", "block: 1.5", "hang_up.block"),
        ("after: PT0S", "after: PT11M", "hang_up.after"),
        ("after: PT0S", "after: 0", "hang_up.after"),
        ("short_seconds: 6", "short_seconds: 6\nrecords: {days: 180}", "records"),
        ("legal: {on: false, months: 6}", "legal: {on: maybe, months: 6}", "legal.on"),
        ("legal: {on: false, months: 6}", "", "legal"),
        ("short_seconds: 6", "short_seconds: 6\nshort_seconds: 7", "not YAML"),
        ("short_seconds: 6", "short_seconds: 6\nmore: 13812345678", "more"),
    ],
)
def test_rules_that_are_wrong_are_refused_by_their_place(old: str, new: str, place: str) -> None:
    assert old in default_text()
    with pytest.raises(RulesError, match=place) as refusal:
        parse_rules(default_text().replace(old, new, 1))
    assert "13812345678" not in str(refusal.value)


@given(st.text(max_size=60) | st.just("[1]") | st.just("a: &x [*x]"))
def test_any_other_text_is_refused(text: str) -> None:
    with pytest.raises(RulesError):
        parse_rules(text)


def test_rules_that_were_applied_before_calls_had_a_retention_policy_or_hang_ups_still_hold() -> None:
    earlier = [line for line in default_text().split("\n") if not line.startswith("hang_up:")]
    rules = parse_rules("\n".join([*earlier, "records: {days: 90}"]), version=4)
    assert (rules.version, rules.hang_up) == (4, frozenset(Cause))


def test_rules_are_applied_once_and_under_higher_versions_only(calls: Calls) -> None:
    calls.rule(3)
    calls.rule(3)
    for version, short in ((3, 9), (2, 6)):
        with pytest.raises(RulesVersionError):
            calls.rule(version, short_seconds=str(short))
    assert calls.desk.in_force(1).version == 3
    assert len(calls.entries("relay.rules_apply")) == 1


@given(st.integers(1, 10**8), st.integers(1000, 86_400_000), st.integers(1, 1000))
def test_a_limit_lets_its_burst_pass_and_no_more(count: int, per: int, burst: int) -> None:
    limit = Limit(count, per, burst)
    assert limit.step >= 1
    assert limit.span == limit.step * burst


def test_each_announcement_has_words_in_three_languages() -> None:
    assert {key: set(texts) for key, texts in announcement_texts().items()} == {
        key: {"zh-Hans", "zh-Hant", "en"} for key in Announcement
    }
