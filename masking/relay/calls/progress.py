"""What becomes of a call, put together from what its switch tells.

Events come late, twice and in any order. What is known is a join: each time is the earliest that was told, and of several
ends the earliest counts, with what was told of it. So the order of events makes no difference, and a repeated one changes
nothing."""

from dataclasses import dataclass, replace
from enum import StrEnum

CAUSE_AT_MOST = 127


class EventKind(StrEnum):
    """What a switch or a provider tells of a call, or of a text."""

    RINGING = "ringing"
    ANSWERED = "answered"
    ENDED = "ended"
    FAILED = "failed"
    DELIVERED = "delivered"


class Failure(StrEnum):
    """Why nobody answered."""

    BUSY = "busy"
    NO_ANSWER = "no_answer"
    CANCELLED = "cancelled"
    REJECTED = "rejected"
    UNREACHABLE = "unreachable"
    OTHER = "failed"


class Status(StrEnum):
    """How far a call has come. Refused and asked are those that were never connected."""

    REFUSED = "refused"
    ASKED = "asked"
    OFFERED = "offered"
    RINGING = "ringing"
    ANSWERED = "answered"
    COMPLETED = "completed"
    FAILED = "failed"


class Released(StrEnum):
    """Who hung up."""

    CALLER = "caller"
    CALLEE = "callee"
    SWITCH = "switch"


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """One thing told of a leg, and when it was (milliseconds since the epoch). `cause` is of ITU-T Q.850, 1 to 127."""

    leg: str
    kind: EventKind
    at: int
    failure: Failure | None = None
    cause: int | None = None
    released: Released | None = None

    def __post_init__(self) -> None:
        if self.cause is not None and not 1 <= self.cause <= CAUSE_AT_MOST:
            raise ValueError("a cause is a number from 1 to 127")
        if self.failure is not None and self.kind is not EventKind.FAILED:
            raise ValueError("only what failed has a failure")


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """What is known of a call that was sent out. Times are milliseconds since the epoch."""

    rang_at: int | None = None
    answered_at: int | None = None
    ended_at: int | None = None
    failure: Failure | None = None
    cause: int | None = None
    released: Released | None = None

    def after(self, event: Event) -> "Progress":
        """What is known once an event was told, too."""
        if event.kind is EventKind.RINGING:
            return replace(self, rang_at=_earlier(self.rang_at, event.at))
        if event.kind is EventKind.ANSWERED:
            return replace(self, answered_at=_earlier(self.answered_at, event.at))
        told = _End(event.at, _failed(event), event.cause or 0, event.released or "")
        reached = event.kind is EventKind.DELIVERED
        known = replace(self, answered_at=_earlier(self.answered_at, event.at)) if reached else self
        return known if known.ended_at is not None and _end(known) <= told else told.into(known)

    @property
    def status(self) -> Status:
        """How far the call has come: whoever answered was reached, whatever else was told."""
        if self.ended_at is None:
            if self.answered_at is not None:
                return Status.ANSWERED
            return Status.OFFERED if self.rang_at is None else Status.RINGING
        return Status.FAILED if self.answered_at is None else Status.COMPLETED

    @property
    def milliseconds(self) -> int | None:
        """For how long both sides could speak; None before the end and where nobody answered."""
        if self.answered_at is None or self.ended_at is None:
            return None
        return max(0, self.ended_at - self.answered_at)


@dataclass(frozen=True, slots=True, order=True)
class _End:
    """An end as it was told, in the order by which one of several is chosen."""

    at: int
    failure: str
    cause: int
    released: str

    def into(self, known: Progress) -> Progress:
        return replace(
            known,
            ended_at=self.at,
            failure=Failure(self.failure) if self.failure else None,
            cause=self.cause or None,
            released=Released(self.released) if self.released else None,
        )


def _end(known: Progress) -> _End:
    return _End(known.ended_at or 0, known.failure or "", known.cause or 0, known.released or "")


def _failed(event: Event) -> str:
    if event.kind is not EventKind.FAILED:
        return ""
    return (event.failure or Failure.OTHER).value


def _earlier(known: int | None, told: int) -> int:
    return told if known is None else min(known, told)
