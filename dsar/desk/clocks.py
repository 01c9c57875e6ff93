"""The clock of a request: reckoned when it begins, made to stand and run again, extended once, and looked at in between."""

from collections.abc import Mapping
from dataclasses import replace

from dsar.desk.errors import ExtensionError, RegimeNotKnownError
from dsar.desk.record import Record
from dsar.desk.regime import Pause, Regime
from dsar.request import RequestState

ACKNOWLEDGE, DUE = "acknowledge", "due"
"""What can be late."""


class Clocks:
    """Reckons by the regimes that there are."""

    def __init__(self, regimes: Mapping[str, Regime]) -> None:
        self._regimes = regimes

    def named(self, regime: str) -> Regime:
        """The regime of this id.

        Raises:
            RegimeNotKnownError: there is none.
        """
        if regime not in self._regimes:
            raise RegimeNotKnownError
        return self._regimes[regime]

    def of(self, record: Record) -> Regime:
        """The regime of a request."""
        return self._regimes[record.regime]

    def reckoned(self, record: Record, at: int) -> Record:
        """With the end of its time as the regime has it now, and the next moment to look."""
        regime = self.of(record)
        due = regime.due(record.right, record.started_at, extended=record.extended_at is not None, stood=record.stood)
        passed = _passed(regime, record.started_at, due.at, at)
        return self.looked(replace(record, due_at=due.at, certain=due.certain, passed=passed))

    def looked(self, record: Record) -> Record:
        """With the next moment at which something is to be noted: a point of escalation, a breach, or the end of waiting."""
        moments = [] if record.waits_until is None else [record.waits_until]
        if (acknowledge_by := self.unacknowledged(record)) is not None:
            moments.append(acknowledge_by + 1)
        if record.stands_since is None and DUE not in record.breached:
            following = self.of(record).next_look(record.started_at, record.due_at, record.passed)
            moments += [] if following is None else [following[1]]
        return replace(record, look_at=min(moments, default=None))

    def unacknowledged(self, record: Record) -> int | None:
        """Until when the receipt is still to be confirmed; None where it was, need not be, or was found to be late."""
        done = record.acknowledged_at is not None or ACKNOWLEDGE in record.breached
        return None if done else record.acknowledge_by

    def verified(self, record: Record, at: int) -> Record:
        """Where the time begins with this, it begins now."""
        if self.of(record).times(record.right).start == "received" or record.verified_at is not None:
            return replace(record, verified_at=record.verified_at or at)
        return self.reckoned(replace(record, verified_at=at, started_at=at), at)

    def waiting(self, record: Record, pause: Pause, at: int) -> Record:
        """Waits for the person; the clock stands if the regime lets it."""
        regime = self.of(record)
        until = regime.clock.deadline(at, regime.waits).at
        stands = pause in regime.times(record.right).pauses
        since = record.stands_since if record.stands_since is not None else (at if stands else None)
        return self.looked(replace(record, waits_until=until, stands_since=since))

    def standing(self, record: Record, at: int) -> Record:
        """The clock stands, because a hold or a law does not let the request go on."""
        return self.looked(replace(record, waits_until=None, stands_since=record.stands_since or at))

    def running(self, record: Record, at: int) -> Record:
        """Nobody is waited for; the days that the clock stood are added to its time."""
        record = replace(record, waits_until=None)
        if record.stands_since is None:
            return self.looked(record)
        stood = record.stood + self.of(record).clock.days_between(record.stands_since, at)
        return self.reckoned(replace(record, stood=stood, stands_since=None), at)

    def extended(self, record: Record, at: int) -> Record:
        """With the extension that the regime allows.

        Raises:
            ExtensionError: the regime allows none, it was used, or the time is over.
        """
        times = self.of(record).times(record.right)
        if times.extension is None or record.extended_at is not None or at > record.due_at:
            raise ExtensionError
        return self.reckoned(replace(record, extended_at=at), at)

    def settled(self, record: Record, at: int) -> Record:
        """With its end noted, and for how long its record stays."""
        regime = self.of(record)
        return record.ended(at, regime.clock.deadline(at, regime.kept).at)

    def overdue(self, record: Record, at: int) -> bool:
        """Whether the time is over and the request is not."""
        return record.ended_at is None and record.stands_since is None and at > record.due_at


def _passed(regime: Regime, start: int, due: int, at: int) -> int:
    """The last point of escalation that lies behind."""
    share = (at - start) * 100 // max(1, due - start)
    return max((point for point in regime.escalates if point <= share), default=0)


WAITS = frozenset({RequestState.VERIFYING, RequestState.NEEDS_INFO})
"""States in which the desk waits for the person."""
