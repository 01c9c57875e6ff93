"""What a switch tells of a call, as the book of calls takes it."""

from collections.abc import Mapping, Sequence

from masking.relay.calls.progress import Event, EventKind, Failure
from masking.relay.switch.messages import EventRequest

_FAILURES: Mapping[int, Failure] = {
    486: Failure.BUSY,
    600: Failure.BUSY,
    408: Failure.NO_ANSWER,
    480: Failure.NO_ANSWER,
    487: Failure.CANCELLED,
    403: Failure.REJECTED,
    603: Failure.REJECTED,
    607: Failure.REJECTED,
    608: Failure.REJECTED,
    404: Failure.UNREACHABLE,
    410: Failure.UNREACHABLE,
    484: Failure.UNREACHABLE,
    502: Failure.UNREACHABLE,
    503: Failure.UNREACHABLE,
    604: Failure.UNREACHABLE,
}
"""What SIP statuses say of a call (RFC 3261 §21; RFC 8197, RFC 8688); what is not here says nothing that counts."""


def events_of(told: EventRequest, at: int) -> Sequence[Event]:
    """The events, which came at `at` (milliseconds since the epoch). An end that says how long the call was tells as well when it
    began, for the event of that may have been lost."""
    leg, kind = str(told.leg), EventKind(told.event)
    if kind is EventKind.FAILED:
        failure = _FAILURES.get(told.status or 0, Failure.OTHER)
        return [Event(leg=leg, kind=kind, at=at, failure=failure, cause=told.cause)]
    if kind is not EventKind.ENDED:
        return [Event(leg=leg, kind=kind, at=at)]
    ended = Event(leg=leg, kind=kind, at=at, cause=told.cause, released=told.released)
    if told.seconds is None:
        return [ended]
    return [Event(leg=leg, kind=EventKind.ANSWERED, at=at - told.seconds * 1000), ended]
