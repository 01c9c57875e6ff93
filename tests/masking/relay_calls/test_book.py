"""What the book of calls notes of an attempt, and what holds callers back."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from masking.relay.calls.reading import Asked
from masking.relay.decision import Collect, RefusalReason, Refuse
from masking.relay.routing import Connected
from tests.support.relay import HOUR_MS
from tests.support.relay_calls import Calls


def test_a_call_that_goes_out_is_one_row_in_which_nobody_has_a_number(calls: Calls) -> None:
    made = calls.bind()
    answer = calls.call("cust-1", made.x)
    assert isinstance(answer, Connected)
    (row,) = calls.rows("relay_call")
    text = repr(row)
    assert calls.town.number("cust-1")[-8:] not in text
    assert calls.town.number("rider-1")[-8:] not in text
    (record,) = calls.reading.page(calls.by(), Asked(binding=made.id))
    assert (str(record.leg), record.binding, record.side, record.refused) == (answer.leg, made.id, "a", "")
    assert record.caller is not None
    assert record.callee is not None
    assert record.caller != record.callee


def test_two_people_at_one_number_are_told_apart_by_their_bindings(calls: Calls) -> None:
    calls.town.numbers["cust-2"] = calls.town.number("cust-1")
    calls.add("main", 2)
    first, second = calls.bind("cust-1"), calls.bind("cust-2", "rider-2", order="o-2")
    for bound in (first, second):
        assert isinstance(calls.call("cust-1", bound.x), Connected)
    (one,) = calls.reading.page(calls.by(), Asked(binding=first.id))
    (two,) = calls.reading.page(calls.by(), Asked(binding=second.id))
    assert one.caller != two.caller


def test_a_refused_call_is_noted_with_its_reason_and_found_by_it(calls: Calls) -> None:
    made = calls.bind()
    assert calls.call("stranger", made.x) == Refuse(RefusalReason.NO_BINDING)
    (record,) = calls.reading.page(calls.by(), Asked(refused="no_binding"))
    assert (record.caller, record.status) == (None, "refused")
    assert calls.reading.page(calls.by(), Asked(refused="blocked")) == []
    assert len(calls.reading.page(calls.by(), Asked(refused="*"))) == 1


def test_a_caller_over_the_limit_is_refused_and_may_call_again_as_the_bucket_empties(calls: Calls) -> None:
    calls.rule(caller="{calls: 60, per: PT1H, burst: 3}")
    made = calls.bind()
    for _ in range(3):
        assert isinstance(calls.call("cust-1", made.x), Connected)
    assert calls.call("cust-1", made.x) == Refuse(RefusalReason.RATE, made.id)
    calls.clock.advance(seconds=59)
    assert calls.call("cust-1", made.x) == Refuse(RefusalReason.RATE, made.id)
    calls.clock.advance(seconds=1)
    assert isinstance(calls.call("cust-1", made.x), Connected)
    assert calls.call("cust-1", made.x) == Refuse(RefusalReason.RATE, made.id)
    assert isinstance(calls.call("rider-1", made.x), Connected), "the other side has a limit of its own"


@pytest.mark.parametrize("limit", ["binding", "number"])
def test_a_limit_of_a_binding_or_a_number_counts_all_who_call(calls: Calls, limit: str) -> None:
    calls.rule(1, **{limit: "{calls: 60, per: PT1H, burst: 2}"})
    made = calls.bind()
    assert isinstance(calls.call("cust-1", made.x), Connected)
    assert isinstance(calls.call("rider-1", made.x), Connected)
    assert calls.call("cust-1", made.x) == Refuse(RefusalReason.RATE, made.id)


def test_a_limit_of_the_tenant_is_kept_within_its_parts(calls: Calls) -> None:
    calls.rule(tenant="{calls: 16, per: PT1H, burst: 16}")
    made = calls.bind()
    answers = [calls.call("cust-1" if turn % 2 else "rider-1", made.x) for turn in range(22)]
    assert 1 <= sum(isinstance(answer, Connected) for answer in answers) <= 16


def test_of_attempts_over_a_limit_one_is_written_for_many(calls: Calls) -> None:
    calls.rule(caller="{calls: 1, per: PT1H, burst: 1}")
    made = calls.bind()
    for _ in range(102):
        calls.call("cust-1", made.x)
    rows = calls.rows("relay_call", "refused, stands_for")
    assert sorted(rows) == [("", 1), ("rate_limited", 1), ("rate_limited", 50), ("rate_limited", 50)]
    for _ in range(60):
        calls.call("nobody", made.x)
    assert len(calls.rows("relay_call")) < 4 + 5


def test_what_was_counted_by_one_process_is_known_to_another(calls: Calls) -> None:
    calls.rule(caller="{calls: 60, per: PT1H, burst: 2}")
    made = calls.bind()
    other = Calls(calls.database, calls.clock)
    other.town = calls.town
    other.routing._directories = calls.town
    assert isinstance(calls.call("cust-1", made.x), Connected)
    assert isinstance(other.call("cust-1", made.x), Connected)
    assert calls.call("cust-1", made.x) == Refuse(RefusalReason.RATE, made.id)


def test_rules_that_are_applied_hold_in_other_processes_from_the_next_call_but_one(calls: Calls) -> None:
    made = calls.bind()
    other = Calls(calls.database, calls.clock)
    other.routing._directories = calls.town
    assert isinstance(other.call_as(calls, "cust-1", made.x), Connected)
    calls.rule(caller="{calls: 60, per: PT1H, burst: 1}")
    other.call_as(calls, "cust-1", made.x)
    assert other.call_as(calls, "cust-1", made.x) == Refuse(RefusalReason.RATE, made.id)


def test_a_call_for_which_consent_to_recording_is_missing_goes_out_unrecorded_and_says_why(calls: Calls) -> None:
    made = calls.bind(record=True)
    answer = calls.call("cust-1", made.x)
    assert isinstance(answer, Connected)
    assert not answer.record
    subjects = {row[0] for row in calls.rows("relay_party", "subject")}
    calls.register.agreed = set(list(subjects)[:1])
    calls.call("cust-1", made.x)
    calls.register.agreed = subjects
    agreed = calls.call("cust-1", made.x)
    assert isinstance(agreed, Connected)
    assert agreed.record
    assert sorted(row[0] for row in calls.rows("relay_call", "recording")) == ["no_consent", "no_consent", "on"]


def test_a_caller_who_has_to_show_that_they_are_no_machine_keys_in_the_end_of_the_number(calls: Calls) -> None:
    calls.rule(short_calls="{calls: 1, seconds: 6, share: 1, within: PT1H, action: step_up, lasts: PT6H}")
    made = calls.bind(lasts=8 * HOUR_MS)
    calls.short_call("cust-1", made.x)
    assert calls.watch.look(1, calls.at) == 1
    assert calls.call("cust-1", made.x) == Collect(4, shows_care=True)
    assert calls.call("cust-1", made.x, digits="0000") == Collect(4, shows_care=True)
    assert isinstance(calls.call("cust-1", made.x, digits=calls.value(made.x)[-4:]), Connected)
    assert isinstance(calls.call("rider-1", made.x), Connected)
    calls.clock.advance(hours=7)
    assert isinstance(calls.call("cust-1", made.x), Connected)


def test_callers_at_once_get_exactly_the_burst(calls: Calls) -> None:
    calls.rule(1, caller="{calls: 1, per: PT1H, burst: 7}")
    made = calls.bind()
    others = [Calls(calls.database, calls.clock) for _ in range(4)]
    for other in others:
        other.routing._directories = calls.town
    with ThreadPoolExecutor(len(others)) as pool:
        asked = [pool.submit(other.call_as, calls, "cust-1", made.x) for other in others for _ in range(6)]
        answers = [one.result() for one in asked]
    assert sum(isinstance(answer, Connected) for answer in answers) == 7
    assert all(isinstance(answer, Connected) or answer == Refuse(RefusalReason.RATE, made.id) for answer in answers)
