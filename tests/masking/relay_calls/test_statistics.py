"""Figures of calls: what they count, what they hide, and what cannot be counted together."""

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest

from masking.relay.calls.errors import SpanError
from masking.relay.calls.progress import Event, EventKind, Failure
from masking.relay.calls.statistics import Line, Span, peaks
from masking.relay.routing import Connected
from tests.support.relay_calls import TENANT, Calls

DAY = date(2026, 11, 2)
RULES = {"caller": "{calls: 60000, per: PT1H, burst: 60000}", "binding": "{calls: 60000, per: PT1H, burst: 60000}"}


def lines(calls: Calls, zone: str = "UTC") -> dict[str, Line]:
    span = Span(first=DAY, last=DAY, zone=ZoneInfo(zone))
    return {line.pool: line for line in calls.statistics.of(calls.by(), span)}


def failed(calls: Calls, caller: str, called: int, failure: Failure) -> None:
    answer = calls.call(caller, called)
    assert isinstance(answer, Connected)
    event = Event(leg=answer.leg, kind=EventKind.FAILED, at=calls.at, failure=failure)
    calls.events.take(TENANT, [event], calls.at)


def test_calls_are_counted_by_outcome_with_rates_and_seconds(calls: Calls) -> None:
    calls.rule(1, **RULES)
    made = calls.bind()
    for _ in range(6):
        calls.short_call("cust-1", made.x, 30)
        calls.short_call("cust-1", made.x, 2)
        failed(calls, "rider-1", made.x, Failure.BUSY)
        calls.call("stranger", made.x)
    line = lines(calls)["main"]
    assert {name: count for name, count in line.counts.items() if count} == {
        "answered": 6,
        "answered_short": 6,
        "busy": 6,
        "refused": 6,
        "total": 24,
    }
    assert (line.answer_rate, line.short_share, line.average_seconds) == (66.7, 50.0, 16.0)
    assert (line.peak, line.owned) == (1, 4)
    assert len(calls.entries("relay.statistics")) == 1


def test_what_is_small_is_hidden_and_so_is_what_would_tell_it(calls: Calls) -> None:
    calls.rule(1, **RULES)
    calls.pool("other", 2)
    made = calls.bind()
    for _ in range(7):
        calls.short_call("cust-1", made.x, 30)
    failed(calls, "rider-1", made.x, Failure.BUSY)
    shown = lines(calls)
    for line in shown.values():
        assert all(count is None or count == 0 or count >= 5 for count in line.counts.values())
    assert shown["main"].counts["busy"] is None
    assert [name for name, count in shown["main"].counts.items() if count is None] != ["busy"]
    assert shown["main"].answer_rate is None
    assert shown["total"].counts["busy"] is None


def test_a_day_is_that_of_the_zone_that_is_asked_for(calls: Calls) -> None:
    calls.rule(1, **RULES)
    calls.clock.moment = datetime(2026, 11, 2, 16, 30, tzinfo=UTC)
    made = calls.bind()
    for _ in range(6):
        calls.call("cust-1", made.x)
    assert lines(calls, "Asia/Shanghai")["main"].counts["total"] == 0
    shown = lines(calls)["main"]
    assert (shown.counts["open"], shown.peak) == (6, 1)


def test_the_peak_counts_bindings_that_were_in_force_at_once() -> None:
    days = [(date(2026, 11, day), day * 100, day * 100 + 100) for day in (1, 2, 3)]
    spans = [(7, 90, 110), (7, 105, 250), (7, 110, 120), (7, 240, 260), (7, 250, 255), (8, 0, 999)]
    found = peaks(spans, days)
    assert [found[7][day] for day, _, _ in days] == [2, 2, 0]
    assert [found[8][day] for day, _, _ in days] == [1, 1, 1]
    assert found[9] == dict.fromkeys((day for day, _, _ in days), 0)


@pytest.mark.parametrize(
    ("first", "last"),
    [(DAY, date(2026, 11, 1)), (date(2026, 1, 1), DAY), (date(1, 1, 1), date(1, 1, 2)), (date.max, date.max)],
    ids=["backwards", "too-many", "long-ago", "never"],
)
def test_days_that_cannot_be_counted_are_refused(first: date, last: date) -> None:
    with pytest.raises(SpanError):
        Span(first=first, last=last, zone=ZoneInfo("UTC"))
