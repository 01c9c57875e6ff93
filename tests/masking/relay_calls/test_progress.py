"""What becomes of a call, whatever the order in which its switch tells it."""

from itertools import permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from masking.relay.calls.progress import Event, EventKind, Failure, Progress, Released, Status

EVENTS = st.builds(
    Event,
    leg=st.just("leg"),
    kind=st.sampled_from([kind for kind in EventKind if kind is not EventKind.FAILED]),
    at=st.integers(1, 6),
    cause=st.none() | st.integers(1, 127),
    released=st.none() | st.sampled_from(Released),
) | st.builds(
    Event,
    leg=st.just("leg"),
    kind=st.just(EventKind.FAILED),
    at=st.integers(1, 6),
    failure=st.none() | st.sampled_from(Failure),
)


def told(*events: Event) -> Progress:
    known = Progress()
    for event in events:
        known = known.after(event)
    return known


@given(st.lists(EVENTS, max_size=4), st.data())
def test_the_order_of_events_makes_no_difference_and_repeating_them_changes_nothing(
    events: list[Event], data: st.DataObject
) -> None:
    known = told(*events)
    assert all(told(*order) == known for order in permutations(events))
    assert told(*events, *data.draw(st.permutations(events))) == known
    assert (known.milliseconds is None) or known.milliseconds >= 0


@pytest.mark.parametrize(
    ("kinds", "status"),
    [
        ([], Status.OFFERED),
        ([EventKind.RINGING], Status.RINGING),
        ([EventKind.ANSWERED], Status.ANSWERED),
        ([EventKind.ENDED, EventKind.ANSWERED], Status.COMPLETED),
        ([EventKind.FAILED, EventKind.ANSWERED], Status.COMPLETED),
        ([EventKind.RINGING, EventKind.FAILED], Status.FAILED),
        ([EventKind.ENDED], Status.FAILED),
        ([EventKind.DELIVERED], Status.COMPLETED),
    ],
    ids=lambda value: "-".join(value) if isinstance(value, list) else value,
)
def test_how_far_a_call_has_come(kinds: list[EventKind], status: Status) -> None:
    assert told(*(Event(leg="leg", kind=kind, at=9) for kind in kinds)).status is status


@pytest.mark.parametrize("cause", [0, 128, -1])
def test_a_cause_that_no_switch_has_is_refused(cause: int) -> None:
    with pytest.raises(ValueError, match="cause"):
        Event(leg="leg", kind=EventKind.ENDED, at=1, cause=cause)
