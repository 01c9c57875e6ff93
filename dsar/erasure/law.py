"""Laws that have something kept although its person wants it erased (GDPR art. 17(3), PIPL art. 47(2)).

A law covers categories and purposes of what is held, and keeps it for a period that runs from an event: from the completion of an
order, say. Where nobody knows of the event, it runs from when the value was stored.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from dsar.holders.holder import Holding
from dsar.period import Period, Zone

EVERY = "*"
STORED = "stored"
"""The event that every value has: it was stored then."""


class Source(StrEnum):
    """How surely the law says so: its text was read, somebody who read it was, or neither, so that a lawyer should."""

    TEXT = "text"
    SECONDARY = "secondary"
    UNCONFIRMED = "unconfirmed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Law:
    """One provision. `start` names the event, and `regimes` the regimes of requests against which it may be held."""

    id: str
    name: str
    article: str
    source: Source
    regimes: frozenset[str]
    categories: frozenset[str]
    purposes: frozenset[str]
    start: str
    period: Period

    def covers(self, holding: Holding, regime: str) -> bool:
        """Whether it is about what is held, in a request of this regime, of which `gdpr_de` is a place of `gdpr`."""
        law = any(one in {EVERY, regime} or regime.startswith(f"{one}_") for one in self.regimes)
        named = ((holding.category, self.categories), (holding.purpose, self.purposes))
        return law and all(EVERY in allowed or one in allowed for one, allowed in named)


@dataclass(frozen=True, slots=True)
class Keeping:
    """A law that keeps something, until when in milliseconds since the epoch."""

    law: str
    until: int


@dataclass(frozen=True, slots=True)
class Laws:
    """All provisions that are in force here, in one version; their periods count by the calendar of `zone`."""

    version: str
    zone: Zone
    provisions: Sequence[Law]

    @property
    def events(self) -> frozenset[str]:
        """The events from which periods run, beside that something was stored."""
        return frozenset(law.start for law in self.provisions) - {STORED}

    def keeping(self, holding: Holding, regime: str, starts: Mapping[str, int], at: int) -> Keeping | None:
        """What keeps it longest at `at`; None where nothing does any more. `starts` are the events of its ref that are known."""
        found = [
            Keeping(law.id, law.period.ends(starts.get(law.start, holding.since), self.zone))
            for law in self.provisions
            if law.covers(holding, regime)
        ]
        return max((one for one in found if one.until > at), key=lambda one: one.until, default=None)

    def law(self, name: str) -> Law | None:
        """The provision with this id."""
        return next((law for law in self.provisions if law.id == name), None)
