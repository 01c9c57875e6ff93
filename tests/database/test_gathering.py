"""Calls that meet are answered together."""

import threading
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from functools import partial

import pytest

from database.gathering import Gathering

TENANT, OTHER = 1, 2


class Shop:
    """Answers numbers by ten times them, and notes which were asked together. The first time it waits until it is let go."""

    def __init__(self, *, at_once: int = 64) -> None:
        self.asked: list[list[int]] = []
        self.refuses: Callable[[Sequence[int]], Exception | None] = lambda _: None
        self.gathering = Gathering[int, int](self.answer, at_once=at_once)
        self._held, self._go = threading.Event(), threading.Event()
        self._threads = ThreadPoolExecutor(max_workers=200)

    def answer(self, _tenant: int, calls: Sequence[int]) -> Sequence[int | Exception]:
        self.asked.append(list(calls))
        if not self._held.is_set():
            self._held.set()
            assert self._go.wait(30)
        if (error := self.refuses(calls)) is not None:
            raise error
        return [ZeroDivisionError(str(call)) if call < 0 else 10 * call for call in calls]

    def ask(self, call: int, tenant: int = TENANT) -> "Future[int]":
        return self._threads.submit(self.gathering.ask, tenant, call)

    def under_way(self, call: int) -> "Future[int]":
        """A call that is being answered until `go`."""
        first = self.ask(call)
        assert self._held.wait(30)
        return first

    def in_line(self, *calls: int) -> "list[Future[int]]":
        """Calls that line up one after the other."""
        lined = []
        for call in calls:
            before = self.gathering.waiting
            lined.append(self.ask(call))
            _until(partial(self._waits_for, before + 1))
        return lined

    def _waits_for(self, count: int) -> bool:
        return self.gathering.waiting == count

    def go(self) -> None:
        self._go.set()

    def close(self) -> None:
        self._go.set()
        self._threads.shutdown()


@pytest.fixture
def shop() -> Iterator[Shop]:
    shop = Shop()
    yield shop
    shop.close()


def test_a_call_that_meets_nobody_is_answered_alone_and_at_once(shop: Shop) -> None:
    shop.go()
    assert [shop.ask(call).result(30) for call in (1, 2)] == [10, 20]
    assert shop.asked == [[1], [2]]
    assert shop.gathering.waiting == 0


def test_calls_that_come_meanwhile_are_answered_together_in_the_order_in_which_they_came(shop: Shop) -> None:
    first, others = shop.under_way(1), shop.in_line(5, 3, 4)
    shop.go()
    assert [one.result(30) for one in (first, *others)] == [10, 50, 30, 40]
    assert shop.asked == [[1], [5, 3, 4]]


def test_no_more_go_together_than_may_and_the_others_follow_in_order() -> None:
    shop = Shop(at_once=2)
    first, others = shop.under_way(1), shop.in_line(2, 3, 4, 5, 6)
    shop.go()
    assert [one.result(30) for one in (first, *others)] == [10, 20, 30, 40, 50, 60]
    assert shop.asked == [[1], [2, 3], [4, 5], [6]]
    shop.close()


def test_an_exception_of_one_call_is_its_own(shop: Shop) -> None:
    first, (good, bad, other) = shop.under_way(-1), shop.in_line(2, -3, 4)
    shop.go()
    assert (good.result(30), other.result(30)) == (20, 40)
    for one, said in ((first, "-1"), (bad, "-3")):
        with pytest.raises(ZeroDivisionError, match=said):
            one.result(30)
    assert shop.asked == [[-1], [2, -3, 4]]


def test_what_fails_for_all_is_asked_for_each_alone(shop: Shop) -> None:
    shop.refuses = lambda calls: KeyError("all") if len(calls) > 1 or calls[0] == 3 else None
    first, (one, poison, other) = shop.under_way(1), shop.in_line(2, 3, 4)
    shop.go()
    assert [good.result(30) for good in (first, one, other)] == [10, 20, 40]
    with pytest.raises(KeyError):
        poison.result(30)
    assert shop.asked[:2] == [[1], [2, 3, 4]]
    assert sorted(shop.asked[2:]) == [[2], [3], [4]]


def test_who_leads_when_all_fails_leaves_the_place_to_the_next(shop: Shop) -> None:
    shop.refuses = lambda calls: KeyError("all") if 1 in calls else None
    first, (other,) = shop.under_way(1), shop.in_line(2)
    shop.go()
    with pytest.raises(KeyError):
        first.result(30)
    assert (other.result(30), shop.ask(7).result(30)) == (20, 70)


def test_a_thread_that_is_told_to_end_leaves_nobody_waiting(shop: Shop) -> None:
    class Told(BaseException):
        pass

    def end(calls: Sequence[int]) -> Exception | None:
        if len(calls) > 1:
            raise Told
        return None

    shop.refuses = end
    first, (leader, other, last) = shop.under_way(1), shop.in_line(2, 3, 4)
    shop.go()
    assert [one.result(30) for one in (first, other, last)] == [10, 30, 40]
    with pytest.raises(Told):
        leader.result(30)
    assert shop.ask(7).result(30) == 70


def test_fewer_answers_than_calls_are_nobodys(shop: Shop) -> None:
    gathering = Gathering[int, int](lambda _tenant, calls: list(calls)[:-1])
    with pytest.raises(ValueError, match="as many answers"):
        gathering.ask(TENANT, 1)


def test_tenants_do_not_wait_for_each_other(shop: Shop) -> None:
    first = shop.under_way(1)
    assert shop.ask(2, OTHER).result(30) == 20
    shop.go()
    assert first.result(30) == 10


def test_every_one_of_many_calls_gets_its_own_answer(shop: Shop) -> None:
    shop.go()
    callers, each = 12, 200

    def ask_each(caller: int) -> list[int]:
        return [shop.gathering.ask(caller % 2, caller * each + n) for n in range(each)]

    with ThreadPoolExecutor(callers) as threads:
        asked = [threads.submit(ask_each, caller) for caller in range(callers)]
        for caller, answers in enumerate(asked):
            assert answers.result(30) == [10 * (caller * each + n) for n in range(each)]
    assert sorted(call for calls in shop.asked for call in calls) == list(range(callers * each))


def _until(true: Callable[[], bool]) -> None:
    until = time.monotonic() + 30
    while not true():
        assert time.monotonic() < until
        time.sleep(0.001)
