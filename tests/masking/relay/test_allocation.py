"""Choosing numbers: never one that a person holds, in the order that the pool wants, and no more than the busiest person
needs."""

import heapq
import random
from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from masking.relay.allocation import Areas, Held, Match, Sticky, bits, candidates

POOL = (1 << 12) - 1
MASKS = st.integers(0, POOL)
HELD = st.builds(Held, MASKS, st.dictionaries(st.integers(0, 11), st.integers(0, 99), max_size=4))


@given(MASKS, st.lists(HELD, min_size=1, max_size=3), st.none() | st.integers(0, 11), st.sampled_from(Sticky))
def test_candidates_are_free_for_everybody_and_each_is_named_once(
    tier: int, people: list[Held], last: int | None, sticky: Sticky
) -> None:
    named = list(candidates(tier, people, last=last, sticky=sticky))
    taken = 0
    for person in people:
        taken |= person.taken
    assert sorted(named) == list(bits(tier & ~taken))


def test_the_last_number_comes_first_last_or_where_it_stands() -> None:
    assert list(candidates(0b111, [Held()], last=2, sticky=Sticky.PREFER)) == [2, 0, 1]
    assert list(candidates(0b111, [Held()], last=0, sticky=Sticky.AVOID)) == [1, 2, 0]


def test_a_number_never_held_goes_before_one_held_long_ago_and_that_before_one_held_lately() -> None:
    people = [Held(0, {0: 50}), Held(0, {1: 10})]
    assert list(candidates(0b111, people, last=None, sticky=Sticky.NONE)) == [2, 1, 0]


def test_areas_are_tried_as_the_pool_matches() -> None:
    areas = Areas(by_area={"0571": 0b0001, "0574": 0b0010}, by_province={"ZJ": 0b0011, "SH": 0b0100}, everywhere=0b1111)
    assert areas.tiers(["0571"], Match.STRICT) == [0b0001]
    assert areas.tiers(["0571"], Match.PREFER) == [0b0001, 0b0010, 0b1100]
    assert areas.tiers(["0574", "SH"], Match.LIST) == [0b0010, 0b0100]
    assert areas.tiers([], Match.STRICT) == [0b1111]


def test_a_day_of_orders_needs_no_more_numbers_than_the_busiest_person_has_bindings() -> None:
    """300 couriers, 6,000 orders of 20 to 50 minutes, at most six at once for a courier: the colours of first fit are as many as
    the most bindings that one person ever had at a time, which is the lower bound."""
    draw = random.Random(7)
    masks: Counter[str] = Counter()
    live: Counter[str] = Counter()
    ends: list[tuple[float, str, str, int]] = []
    busiest, most = 0, 0
    for minute in sorted(draw.uniform(0, 720) for _ in range(6_000)):
        while ends and ends[0][0] <= minute:
            _, *pair, bit = heapq.heappop(ends)
            for person in pair:
                masks[person] &= ~(1 << bit)
                live[person] -= 1
        courier, customer = f"r{draw.randrange(300)}", f"c{draw.randrange(20_000)}"
        if live[courier] >= 6:
            continue
        people = [Held(masks[courier]), Held(masks[customer])]
        bit = next(candidates((1 << 64) - 1, people, last=None, sticky=Sticky.NONE))
        for person in (courier, customer):
            assert not masks[person] >> bit & 1
            masks[person] |= 1 << bit
            live[person] += 1
        busiest, most = max(busiest, live[courier], live[customer]), max(most, bit + 1)
        heapq.heappush(ends, (minute + draw.uniform(20, 50), courier, customer, bit))
    assert most == busiest
