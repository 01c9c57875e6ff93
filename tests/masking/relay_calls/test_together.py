"""Calls that meet are answered together, each as if it had come alone."""

import threading
import time
from collections.abc import Callable, Collection, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

import pytest

from audit.entry import Reason
from database.transaction import Transaction
from masking.relay.decision import RefusalReason, Refuse
from masking.relay.errors import UnconfirmedCallerError
from masking.relay.exchange import Exchange
from masking.relay.routing import Answer, Books, Connected
from tests.support.relay import Person, Town
from tests.support.relay_calls import Calls

Returned = TypeVar("Returned")
MANY = 7
RIDERS = [f"rider-{number}" for number in range(MANY)]
LIMITED = "{calls: 1, per: PT1H, burst: 3}"


class Met:
    """Calls that all meet: the first one is held on its way until the others are in line."""

    def __init__(self, calls: Calls) -> None:
        self._calls, self._town = calls, calls.town
        self._held, self._go = threading.Event(), threading.Event()
        calls.routing._directories = self

    def using(self, tenant: int, attempt: Callable[[Town], Returned]) -> Returned:
        if not self._held.is_set():
            self._held.set()
            assert self._go.wait(30)
        return attempt(self._town)

    def ask(self, asked: Sequence[tuple[str, int]]) -> list[Answer | Exception]:
        """What becomes of calls of people, by name, to numbers, in order."""
        values = {number: self._calls.value(number) for _, number in asked}
        with ThreadPoolExecutor(len(asked)) as threads:
            lined = []
            for place, (caller, number) in enumerate(asked):
                lined.append(threads.submit(self._calls.call, caller, values[number]))
                assert self._held.wait(30)
                self._await_line(place)
            self._go.set()
            return [one.exception(30) or one.result() for one in lined]  # type: ignore[misc]  # none is a BaseException

    def _await_line(self, count: int) -> None:
        until = time.monotonic() + 30
        while self._calls.routing._calls.waiting < count:
            assert time.monotonic() < until
            time.sleep(0.001)


@pytest.fixture
def numbers(calls: Calls) -> list[int]:
    """The number of each rider, who is bound to a customer of their own."""
    return [calls.bind(f"cust-of-{rider}", rider, f"o-{rider}").x for rider in RIDERS]


def test_each_has_its_own_answer_entry_and_record(calls: Calls, numbers: list[int]) -> None:
    answers = Met(calls).ask(list(zip(RIDERS, numbers, strict=True)))
    assert [one.to if isinstance(one, Connected) else one for one in answers] == [
        calls.town.number(f"cust-of-{rider}") for rider in RIDERS
    ]
    legs = {one.leg for one in answers if isinstance(one, Connected)}
    assert len(legs) == len(calls.rows("relay_call")) == MANY
    entries = calls.entries("relay.route")
    assert len({entry["act"] for entry in entries}) == len({entry["request"] for entry in entries}) == MANY


@pytest.mark.parametrize("limit", ["caller", "binding", "number"])
def test_a_limit_lets_as_many_through_as_it_says(calls: Calls, numbers: list[int], limit: str) -> None:
    calls.rule(1, **{limit: LIMITED})
    answers = Met(calls).ask([(RIDERS[0], numbers[0])] * MANY)
    assert [isinstance(one, Connected) for one in answers] == [True] * 3 + [False] * (MANY - 3)
    assert [one for one in answers if isinstance(one, Refuse) and one.reason is RefusalReason.RATE] == answers[3:]
    assert len(calls.entries("relay.route")) == 3
    assert isinstance(calls.call(RIDERS[0], numbers[0]), Refuse)


def test_who_is_erased_frozen_blocked_or_a_stranger_keeps_nobody_else_from_being_connected(
    calls: Calls, numbers: list[int]
) -> None:
    calls.town.refused["cust-of-rider-1"] = Reason.FROZEN
    calls.erase("cust-of-rider-2")
    asked = [*zip(RIDERS, numbers, strict=True), ("stranger", numbers[0])]
    answers = Met(calls).ask(asked)
    assert [isinstance(one, Connected) for one in answers] == [True, False, False, *[True] * (MANY - 3), False]
    assert isinstance(answers[1], Refuse)
    assert answers[1].reason is RefusalReason.NOBODY_TO_REACH
    assert len(calls.entries("relay.route")) == MANY - 2
    assert len([row for row in calls.rows("relay_call", "refused") if row[0]]) == 3


def test_what_fails_for_all_fails_for_nobody_who_does_not_cause_it(
    calls: Calls, numbers: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    poisoned, opened = calls.town.number("cust-of-rider-3"), Town.numbers_of

    def numbers_of(
        town: Town, tx: Transaction, wanted: Sequence[tuple[int, int]], at: int
    ) -> Sequence[Person | Reason]:
        people = opened(town, tx, wanted, at)
        if any(isinstance(one, Person) and one.number == poisoned for one in people):
            raise OSError
        return people

    monkeypatch.setattr(Town, "numbers_of", numbers_of)
    answers = Met(calls).ask(list(zip(RIDERS, numbers, strict=True)))
    assert [type(one) for one in answers] == [Connected] * 3 + [OSError] + [Connected] * (MANY - 4)
    assert len(calls.entries("relay.route")) == len(calls.rows("relay_call")) == MANY - 1


def test_a_credential_that_has_ended_gets_nothing_and_those_beside_it_what_they_asked_for(
    calls: Calls, numbers: list[int]
) -> None:
    def in_force(tx: Transaction, secrets: Collection[bytes], at: int) -> Callable[[], frozenset[bytes]]:
        return lambda: frozenset({b"works"} & set(secrets))

    books = calls.routing._books
    calls.routing = Exchange(
        calls.database, calls.town, Books(books.log, books.records, books.consents, in_force), calls.routing._region_of
    )
    value, caller = calls.value(numbers[0]), calls.town.number(RIDERS[0])
    with pytest.raises(UnconfirmedCallerError):
        calls.routing.route(calls.by()._replace(secret=b"ended"), called=value, caller=caller)
    with pytest.raises(UnconfirmedCallerError):
        calls.routing.route(calls.by()._replace(secret=b"works"), called="110", caller=caller)
    assert calls.rows("relay_call") == []
    assert calls.entries("relay.route") == []
    for secret in (b"works", b""):
        answer = calls.routing.route(calls.by()._replace(secret=secret), called=value, caller=caller)
        assert isinstance(answer, Connected)
