"""How a person stands to a purpose: what their consent events come to.

`Held.after` is the one definition of it. The table of present standings is kept with it, the past is rebuilt with it, so that
the answer to a question about a past moment is the one that was given then.

    given, renewed   allow until `valid_until`, where nothing else speaks against it
    refused          denies, and starts the time in which nobody may ask again
    deferred         "later": changes nothing where there is a standing, and is one where there is none
    withdrawn        denies from now on (PIPL art. 15, GDPR art. 7(3))
    expired          denies: the time that the consent was given for is over
    invalidated      denies: the consent was never good, as that of a child without a guardian (PIPL art. 31)
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import NamedTuple


class State(StrEnum):
    """What an event did."""

    GIVEN = "given"
    REFUSED = "refused"
    DEFERRED = "deferred"
    WITHDRAWN = "withdrawn"
    RENEWED = "renewed"
    EXPIRED = "expired"
    INVALIDATED = "invalidated"


class ExpressedBy(StrEnum):
    """Who expressed it: the person, a guardian, or the person's browser by a Global Privacy Control signal. Nobody expresses an
    expiry or an invalidation: `system`."""

    SELF = "self"
    GUARDIAN = "guardian"
    SIGNAL = "signal"
    SYSTEM = "system"


GRANTS = frozenset({State.GIVEN, State.RENEWED})
"""The states that can allow."""

NO_TO_ALL_BELOW = frozenset({State.REFUSED, State.WITHDRAWN})
"""Who says no to a purpose says no to those below it."""


class Event(NamedTuple):
    """An event as far as standings depend on it. `instant` is in microseconds, `stated_at` and `valid_until` in milliseconds
    since the epoch of time; `recipients` are ids of the register, the ones that the notice named."""

    id: int
    epoch: int
    purpose: str
    state: State
    instant: int
    stated_at: int | None
    notice_version: int | None
    recipients: frozenset[str]
    expressed_by: ExpressedBy
    valid_until: int | None
    child: bool


class Standing(NamedTuple):
    """How a person stands to one purpose. `event` and `epoch` are those of the event that decides; `refused_at` is when the
    person last said no, in milliseconds."""

    state: State
    event: int
    epoch: int
    instant: int
    stated_at: int | None
    notice_version: int | None
    recipients: frozenset[str]
    expressed_by: ExpressedBy
    valid_until: int | None
    refused_at: int | None

    @property
    def moment(self) -> int:
        """When the person said so, as far as is known, in milliseconds."""
        return self.instant // 1000 if self.stated_at is None else self.stated_at

    def grants(self, at: int) -> bool:
        """Whether it is a consent that has not run out at `at` (milliseconds)."""
        return self.state in GRANTS and (self.valid_until is None or at < self.valid_until)


@dataclass(frozen=True, slots=True)
class Held:
    """All that is known of one person's consents. `epoch` is the number of events behind it, 0 for a person without any;
    `instant` is that of the last, in microseconds; `child` whether the person is known to be under 14."""

    epoch: int = 0
    instant: int = 0
    child: bool = False
    standings: Mapping[str, Standing] = field(default_factory=dict)

    def after(self, event: Event) -> "Held":
        """What is known after one more event."""
        before = self.standings.get(event.purpose)
        standings = {**self.standings, event.purpose: _standing(before, event)}
        return replace(self, epoch=event.epoch, instant=event.instant, child=event.child, standings=standings)


NOTHING = Held()


def held_after(events: Iterable[Event]) -> Held:
    """What is known of a person after these events, in the order of their epochs."""
    held = NOTHING
    for event in events:
        held = held.after(event)
    return held


def _standing(before: Standing | None, event: Event) -> Standing:
    if event.state is State.DEFERRED and before is not None:
        return before
    if before is not None and event.state in {State.WITHDRAWN, State.EXPIRED, State.INVALIDATED}:
        # The notice and the recipients of what has ended stay readable in its standing.
        return before._replace(
            state=event.state,
            event=event.id,
            epoch=event.epoch,
            instant=event.instant,
            stated_at=event.stated_at,
            expressed_by=event.expressed_by,
            valid_until=None,
        )
    no = event.state is State.REFUSED
    return Standing(
        state=event.state,
        event=event.id,
        epoch=event.epoch,
        instant=event.instant,
        stated_at=event.stated_at,
        notice_version=event.notice_version,
        recipients=event.recipients,
        expressed_by=event.expressed_by,
        valid_until=event.valid_until,
        refused_at=event.instant // 1000 if no else None if before is None else before.refused_at,
    )
