"""What a switch that fetches TwiML tells of a call, as the book of calls takes it."""

from collections.abc import Mapping, Sequence

from masking.relay.calls.progress import Event, EventKind, Failure

_FAILURES: Mapping[str, Failure] = {
    "busy": Failure.BUSY,
    "no-answer": Failure.NO_ANSWER,
    "canceled": Failure.CANCELLED,
    "failed": Failure.UNREACHABLE,
}
_KINDS: Mapping[str, EventKind] = {
    "ringing": EventKind.RINGING,
    "in-progress": EventKind.ANSWERED,
    "answered": EventKind.ANSWERED,
    "completed": EventKind.ENDED,
}


def events_of(leg: str, status: str, seconds: int | None, at: int) -> Sequence[Event]:
    """The events of a status that came at `at` (milliseconds since the epoch); none for a status that tells nothing. An end that
    says how long the call was tells as well when it began, for the event of that may have been lost."""
    if status in _FAILURES:
        return [Event(leg=leg, kind=EventKind.FAILED, at=at, failure=_FAILURES[status])]
    kind = _KINDS.get(status)
    if kind is None:
        return []
    told = [Event(leg=leg, kind=kind, at=at)]
    if kind is EventKind.ENDED and seconds:
        return [Event(leg=leg, kind=EventKind.ANSWERED, at=at - seconds * 1000), *told]
    return told
