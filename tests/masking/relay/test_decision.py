"""The decision of a call: tables of what must happen, and what must never."""

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from masking.relay.decision import (
    Binding,
    Call,
    CallKind,
    Collect,
    Connect,
    NumberState,
    RefusalReason,
    Refuse,
    Route,
    RouteKind,
    decide,
)  # fmt: skip
from masking.relay.mode import Direction, Side

NOW = 1_000_000
BINDING = Binding(
    id=7, direction=Direction.BOTH, expires_at=NOW + 1, closed_at=None, texts=True, max_seconds=3_600, record=False
)
FROM_A = Route(kind=RouteKind.CALLER, binding=BINDING, side=Side.A, target=2, show=9)
ANYBODY = Route(kind=RouteKind.ANYBODY, binding=BINDING, side=Side.ANYBODY, target=1, show=9)
EXTENSION = Route(kind=RouteKind.EXTENSION, binding=BINDING, side=Side.ANYBODY, target=3, show=9)
VOICE = Call(kind=CallKind.VOICE, anonymous=False)
TEXT = Call(kind=CallKind.TEXT, anonymous=False)
OPEN = NumberState.AVAILABLE


def bound(route: Route = FROM_A, **changed: Any) -> Route:
    return replace(route, binding=replace(BINDING, **changed))


@pytest.mark.parametrize(
    ("routes", "call", "reason"),
    [
        ([], VOICE, RefusalReason.NO_BINDING),
        ([], replace(VOICE, anonymous=True), RefusalReason.ANONYMOUS),
        ([bound(expires_at=NOW)], VOICE, RefusalReason.ENDED),
        ([bound(closed_at=1)], VOICE, RefusalReason.ENDED),
        ([replace(FROM_A, target=None)], VOICE, RefusalReason.NOBODY_TO_REACH),
        ([FROM_A], replace(VOICE, blocked=True), RefusalReason.BLOCKED),
        ([FROM_A], replace(VOICE, limited=True), RefusalReason.RATE),
        ([bound(direction=Direction.B)], VOICE, RefusalReason.DIRECTION),
        ([bound(replace(FROM_A, side=Side.B), direction=Direction.A)], VOICE, RefusalReason.DIRECTION),
        ([bound(ANYBODY, direction=Direction.A)], VOICE, RefusalReason.DIRECTION),
        ([bound(texts=False)], TEXT, RefusalReason.NO_TEXTS),
        ([ANYBODY], replace(TEXT, anonymous=True), RefusalReason.ANONYMOUS),
        ([FROM_A], replace(VOICE, anonymous=True), RefusalReason.ANONYMOUS),
    ],
)
def test_what_is_refused_and_why(routes: list[Route], call: Call, reason: RefusalReason) -> None:
    refused = decide(OPEN, routes, call, NOW)
    assert isinstance(refused, Refuse)
    assert refused.reason is reason


def test_expiry_is_right_to_the_millisecond() -> None:
    assert isinstance(decide(OPEN, [FROM_A], VOICE, NOW), Connect)
    assert decide(OPEN, [FROM_A], VOICE, NOW + 1) == Refuse(RefusalReason.ENDED, 7)


def test_a_route_of_ones_own_goes_before_an_extension_and_that_before_anybodys() -> None:
    routes = [ANYBODY, EXTENSION, FROM_A]
    assert decide(OPEN, routes, VOICE, NOW, extension_digits=2) == Connect(
        binding=BINDING, side=Side.A, target=2, show=9
    )
    by_extension = decide(OPEN, routes[:2], replace(VOICE, digits="12"), NOW, extension_digits=2)
    assert by_extension == Connect(binding=BINDING, side=Side.ANYBODY, target=3, show=9)
    assert decide(OPEN, routes[:2], VOICE, NOW, extension_digits=2) == Collect(2)
    assert decide(OPEN, [], replace(VOICE, digits="99"), NOW, extension_digits=2) == Refuse(RefusalReason.EXTENSION)
    assert decide(OPEN, routes[:1], replace(VOICE, anonymous=True), NOW) == Connect(
        binding=BINDING, side=Side.ANYBODY, target=1, show=9
    )


@pytest.mark.parametrize(
    ("state", "connects"),
    [
        (NumberState.NEW, False),
        (NumberState.AVAILABLE, True),
        (NumberState.FROZEN, True),
        (NumberState.QUARANTINED, False),
        (NumberState.SUSPENDED, False),
        (NumberState.RETIRED, False),
    ],
)
def test_the_state_of_the_number_decides_first(state: NumberState, connects: bool) -> None:
    assert isinstance(decide(state, [FROM_A], VOICE, NOW), Connect) is connects


BINDINGS = st.builds(
    Binding,
    id=st.integers(1, 9),
    direction=st.sampled_from(Direction),
    expires_at=st.integers(NOW - 2, NOW + 2),
    closed_at=st.none() | st.integers(0, NOW),
    texts=st.booleans(),
    max_seconds=st.integers(0, 9),
    record=st.booleans(),
)
ROUTES = st.builds(
    Route,
    kind=st.sampled_from(RouteKind),
    binding=BINDINGS,
    side=st.sampled_from(Side),
    target=st.none() | st.integers(1, 9),
    show=st.integers(1, 9),
)
CALLS = st.builds(
    Call,
    kind=st.sampled_from(CallKind),
    anonymous=st.booleans(),
    digits=st.none() | st.just("12"),
    blocked=st.booleans(),
    limited=st.booleans(),
)


@given(st.sampled_from(NumberState), st.lists(ROUTES, max_size=3, unique_by=lambda r: r.kind), CALLS, st.integers(0, 4))
def test_only_a_live_binding_that_allows_it_ever_connects(
    state: NumberState, routes: list[Route], call: Call, digits: int
) -> None:
    decided = decide(state, routes, call, NOW, extension_digits=digits)
    if not isinstance(decided, Connect):
        return
    assert state in {NumberState.AVAILABLE, NumberState.FROZEN}
    assert decided.binding.closed_at is None
    assert decided.binding.expires_at > NOW
    assert not call.blocked
    assert not call.limited
    assert call.kind is CallKind.VOICE or (decided.binding.texts and not call.anonymous)
    assert any((r.target, r.show, r.side) == (decided.target, decided.show, decided.side) for r in routes)
    assert not (call.anonymous and all(r.kind is RouteKind.CALLER for r in routes))
