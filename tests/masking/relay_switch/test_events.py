"""What a switch tells, as the book of calls takes it."""

from uuid import UUID

import pytest
from pydantic import ValidationError

from masking.relay.calls.progress import Event, EventKind, Failure, Progress, Released, Status
from masking.relay.switch.events import events_of
from masking.relay.switch.messages import EventRequest

LEG = UUID("01a20411-0122-7019-a795-4fdce43ec14b")
AT = 1_800_000_000_000


def told(**fields: object) -> Progress:
    """What is known of a call of which only this was told."""
    progress = Progress()
    for event in events_of(EventRequest.model_validate({"leg": LEG, **fields}), AT):
        assert event.leg == str(LEG)
        progress = progress.after(event)
    return progress


@pytest.mark.parametrize(
    ("status", "failure"),
    [
        (486, Failure.BUSY),
        (600, Failure.BUSY),
        (408, Failure.NO_ANSWER),
        (487, Failure.CANCELLED),
        (603, Failure.REJECTED),
        (404, Failure.UNREACHABLE),
        (302, Failure.OTHER),
        (500, Failure.OTHER),
    ],
)
def test_a_sip_status_says_why_nobody_answered(status: int, failure: Failure) -> None:
    known = told(event="failed", status=status)
    assert (known.status, known.failure, known.milliseconds) == (Status.FAILED, failure, None)


def test_a_failure_without_a_status_is_one_all_the_same() -> None:
    assert told(event="failed").failure is Failure.OTHER


def test_an_end_tells_how_long_the_call_was_even_if_its_beginning_was_lost() -> None:
    known = told(event="ended", seconds=42, released="callee")
    assert (known.status, known.milliseconds, known.released) == (Status.COMPLETED, 42_000, Released.CALLEE)


def test_an_end_without_seconds_tells_only_that_it_ended() -> None:
    request = EventRequest.model_validate({"leg": LEG, "event": "ended"})
    assert events_of(request, AT) == [Event(leg=str(LEG), kind=EventKind.ENDED, at=AT)]


@pytest.mark.parametrize("event", ["ringing", "answered"])
def test_other_events_are_what_they_say(event: str) -> None:
    request = EventRequest.model_validate({"leg": LEG, "event": event, "seconds": 3, "status": 486})
    assert events_of(request, AT) == [Event(leg=str(LEG), kind=EventKind(event), at=AT)]


@pytest.mark.parametrize(
    "wrong",
    [
        {"event": "transferred"},
        {"event": "ended", "seconds": -1},
        {"event": "ended", "seconds": 10**9},
        {"event": "failed", "status": 200},
        {"event": "ended", "cause": 128},
        {"event": "ended", "number": "+8613800000001"},
        {"event": "ended", "leg": "13800000001"},
    ],
)
def test_what_is_no_event_is_not_taken_and_not_repeated(wrong: dict[str, object]) -> None:
    with pytest.raises(ValidationError) as refused:
        EventRequest.model_validate({"leg": LEG, **wrong})
    assert "13800000001" not in str(refused.value)
