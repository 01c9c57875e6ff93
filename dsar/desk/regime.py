"""What a law says of time: for each right, how long an answer may take, from when on, and what may stop the clock."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from dsar.desk.clock import Clock, Deadline, Span
from dsar.desk.errors import RightNotKnownError
from dsar.right import Right


class Start(StrEnum):
    """From when on the time for an answer runs."""

    RECEIVED = "received"
    VERIFIED = "verified"


class Pause(StrEnum):
    """What the desk may be waiting for."""

    IDENTITY = "identity"
    CLARIFICATION = "clarification"


@dataclass(frozen=True, slots=True, kw_only=True)
class RightTimes:
    """One right under one regime. `extension` is what can be added to `due` once. While the desk waits for one of `pauses`, the
    clock stands. `by_itself` is whether the desk accepts without an officer once the requester has shown who they are."""

    basis: str
    acknowledge: Span | None
    due: Span
    extension: Span | None
    start: Start
    pauses: frozenset[Pause]
    by_itself: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Regime:
    """A law with its clock. `waits` is how long the desk waits for a person who does not answer, `kept` how long the record of a
    request stays after its end, `escalates` at which percentages of the time officers are told."""

    id: str
    law: str
    clock: Clock
    rights: Mapping[Right, RightTimes]
    waits: Span
    kept: Span
    escalates: tuple[int, ...]

    def times(self, right: Right) -> RightTimes:
        """How long a right may take.

        Raises:
            RightNotKnownError: the regime does not know it.
        """
        if right not in self.rights:
            raise RightNotKnownError
        return self.rights[right]

    def acknowledge_by(self, right: Right, received: int) -> Deadline | None:
        """Until when the receipt is to be confirmed, where the regime says so."""
        span = self.times(right).acknowledge
        return None if span is None else self.clock.deadline(received, span)

    def due(self, right: Right, start: int, *, extended: bool, stood: int) -> Deadline:
        """Until when to answer. An extension adds to the span, not to a date that has been rolled."""
        times = self.times(right)
        span = times.due + times.extension if extended and times.extension is not None else times.due
        return self.clock.deadline(start, span, stood=stood)

    def next_look(self, start: int, due: int, passed: int) -> tuple[int, int] | None:
        """The next point of escalation after `passed` percent, as percentage and moment; 100 is the moment after the end."""
        for point in self.escalates:
            if point > passed:
                return point, start + (due - start) * point // 100
        return None if passed >= 100 else (100, due + 1)
