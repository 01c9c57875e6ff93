"""Bounds on codes under one name, whatever happens in whatever order."""

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dsar.identity.guard import (
    FIRST_LOCK_MS,
    FORGOTTEN_MS,
    HOUR_MS,
    LONGEST_LOCK_MS,
    RESEND_MS,
    SENDS_AN_HOUR,
    TRIES,
    Guard,
)

START = 1_793_000_000_000
DAY_MS = 86_400_000
PAUSES = st.lists(st.integers(0, 40 * 60_000), min_size=1, max_size=120)


@given(PAUSES)
def test_codes_are_asked_for_a_minute_apart_and_five_in_a_window(pauses: list[int]) -> None:
    guard, at, asked = Guard(), START, list[int]()
    for pause in pauses:
        at += pause
        if guard.wait_to_ask(at) == 0:
            guard = guard.asked(at)
            asked.append(at)
    assert all(later - earlier >= RESEND_MS for earlier, later in itertools.pairwise(asked))
    assert all(sum(one <= other < one + HOUR_MS for other in asked) <= 2 * SENDS_AN_HOUR for one in asked)


@given(PAUSES)
def test_what_is_said_to_be_waited_for_is_enough_and_no_more(pauses: list[int]) -> None:
    guard, at = Guard(), START
    for pause in pauses:
        at += pause
        wait = guard.wait_to_ask(at)
        assert guard.wait_to_ask(at + wait) == 0
        assert wait == 0 or guard.wait_to_ask(at + wait - 1) == 1
        guard = guard.asked(at + wait) if pause % 3 else guard.failed(at + wait)


def test_locks_grow_and_do_not_end_before_a_day() -> None:
    guard, at, lengths = Guard(), START, []
    for _ in range(12):
        for _ in range(TRIES):
            assert not guard.locked(at)
            guard = guard.failed(at)
        assert guard.locked(at)
        lengths.append(guard.locked_until - at)
        at = guard.locked_until
    expected = [min(LONGEST_LOCK_MS, FIRST_LOCK_MS * 2**turn) for turn in range(12)]
    assert lengths == expected


def test_a_month_of_guessing_is_about_a_hundred_guesses() -> None:
    guard, at, guesses = Guard(), START, 0
    while at < START + 30 * DAY_MS:
        if guard.locked(at):
            at = guard.locked_until
        guard = guard.failed(at)
        guesses += 1
    assert guesses <= 115


def test_patience_does_not_make_more_guesses() -> None:
    """Whoever keeps quiet until everything is forgotten begins with short locks again, and has waited two weeks for it."""
    guard, at, guesses = Guard(), START, 0
    while at < START + 30 * DAY_MS:
        for _ in range(7 * TRIES):
            at = max(at, guard.locked_until)
            guard = guard.failed(at)
            guesses += 1
        at = max(at, guard.locked_until) + FORGOTTEN_MS
    assert guesses <= 115


@pytest.mark.parametrize("failures", [1, 2, 3, 7])
def test_success_forgets_failures_and_keeps_counting_messages(failures: int) -> None:
    guard = Guard().asked(START)
    for _ in range(failures):
        guard = guard.failed(START)
    again = guard.succeeded(START + 1)
    assert (again.failures, again.locked(START + 1), again.sends) == (0, False, 1)
