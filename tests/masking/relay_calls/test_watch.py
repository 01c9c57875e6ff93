"""What looks like abuse, what is done about it, and how an officer ends it."""

import pytest

from masking.relay.calls.cases import Verdict
from masking.relay.calls.errors import CaseClosedError
from masking.relay.calls.rules import Signal
from masking.relay.decision import RefusalReason, Refuse
from masking.relay.errors import PartyError
from masking.relay.routing import Connected
from tests.support.relay import HOUR_MS
from tests.support.relay_calls import TENANT, Calls


def open_cases(calls: Calls) -> list[tuple[str, str | None]]:
    return [(case.signal, case.person) for case in calls.cases.page(TENANT, closed=False, after=0, limit=50)]


def test_a_stranger_who_dials_many_numbers_that_lead_nowhere_is_a_case_known_by_a_fingerprint_only(
    calls: Calls,
) -> None:
    calls.rule(probing="{numbers: 3, within: PT1H, action: freeze_caller, lasts: P1D}")
    values = calls.add("main", 3)
    for value in values[:2]:
        calls.call("stranger", value)
    assert calls.watch.look(TENANT, calls.at) == 0
    calls.call("stranger", values[2])
    assert calls.watch.look(TENANT, calls.at) == 1
    assert open_cases(calls) == [(Signal.PROBING, None)]
    assert calls.town.number("stranger")[-8:] not in repr(calls.rows("relay_case"))
    (entry,) = calls.entries("relay.signal")
    assert (entry["kind"], entry["view"], "subjects" in entry) == ("probing", "freeze_caller", False)


def test_a_frozen_caller_reaches_nobody_and_is_bound_to_nobody_until_the_freeze_ends(calls: Calls) -> None:
    calls.rule(refused="{calls: 2, within: PT1H, action: freeze_caller, lasts: PT2H}")
    made = calls.bind(lasts=8 * HOUR_MS)
    for value in calls.add("main", 2):
        calls.call("cust-1", value)
    assert calls.watch.look(TENANT, calls.at) == 1
    assert calls.call("cust-1", made.x) == Refuse(RefusalReason.FROZEN, made.id)
    with pytest.raises(PartyError):
        calls.bind("cust-1", "rider-2", order="o-9")
    calls.clock.advance(hours=2)
    assert isinstance(calls.call("cust-1", made.x), Connected)


def test_a_frozen_binding_connects_neither_side(calls: Calls) -> None:
    calls.rule(short_calls="{calls: 2, seconds: 6, share: 50, within: PT1H, action: freeze_binding, lasts: PT2H}")
    made = calls.bind()
    for _ in range(2):
        calls.short_call("cust-1", made.x)
    assert calls.watch.look(TENANT, calls.at) == 1
    assert calls.call("rider-1", made.x) == Refuse(RefusalReason.FROZEN, made.id)
    (case,) = calls.cases.page(TENANT, closed=False, after=0, limit=9)
    assert (case.binding, case.count) == (made.id, 2)


def test_short_calls_among_many_long_ones_are_no_signal(calls: Calls) -> None:
    calls.rule(short_calls="{calls: 2, seconds: 6, share: 60, within: PT1H, action: case}")
    made = calls.bind()
    for seconds in (2, 2, 60, 60):
        calls.short_call("cust-1", made.x, seconds)
    assert calls.watch.look(TENANT, calls.at) == 0


def test_somebody_who_calls_many_different_people_is_a_case_and_is_not_held_back(calls: Calls) -> None:
    calls.rule(fan_out="{people: 3, within: PT1H, action: case}")
    calls.add("main", 4)
    for name in ("cust-1", "cust-2", "cust-3"):
        made = calls.bind(name, "rider-1", order=f"o-{name}")
        calls.call("rider-1", made.x)
        calls.call("rider-1", made.x)
    assert calls.watch.look(TENANT, calls.at) == 1
    ((signal, person),) = open_cases(calls)
    assert (signal, person is not None) == (Signal.FAN_OUT, True)
    assert isinstance(calls.call("rider-1", made.x), Connected)


def test_a_case_is_opened_once_and_not_again_for_what_was_seen_before_it_was_closed(calls: Calls) -> None:
    calls.rule(refused="{calls: 2, within: PT1H, action: freeze_caller, lasts: P1D}")
    made = calls.bind(lasts=8 * HOUR_MS)
    values = calls.add("main", 2)
    for value in values:
        calls.call("cust-1", value)
    assert [calls.watch.look(TENANT, calls.at) for _ in range(3)] == [1, 0, 0]
    (case,) = calls.cases.page(TENANT, closed=False, after=0, limit=9)
    closed = calls.cases.close(calls.by(), case.id, Verdict.FALSE_ALARM, lift=True)
    assert (closed.reason, closed.held_until) == (Verdict.FALSE_ALARM, calls.at)
    assert isinstance(calls.call("cust-1", made.x), Connected)
    assert calls.watch.look(TENANT, calls.at) == 0
    with pytest.raises(CaseClosedError):
        calls.cases.close(calls.by(), case.id, Verdict.ABUSE, lift=False)
    calls.clock.advance(hours=2)
    for value in values:
        calls.call("cust-1", value)
    assert calls.watch.look(TENANT, calls.at) == 1
    assert len(calls.entries("relay.case_close")) == 1


def test_a_case_that_is_closed_as_abuse_leaves_its_freeze_to_run(calls: Calls) -> None:
    calls.rule(refused="{calls: 1, within: PT1H, action: freeze_caller, lasts: PT2H}")
    made = calls.bind()
    calls.call("cust-1", calls.add("main", 1)[0])
    calls.watch(calls.at)
    (case,) = calls.cases.page(TENANT, closed=False, after=0, limit=9)
    calls.cases.close(calls.by(), case.id, Verdict.ABUSE, lift=False)
    assert calls.call("cust-1", made.x) == Refuse(RefusalReason.FROZEN, made.id)
