"""What counts as too much, and what is done about it: the rules of one tenant."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum


class Bound(StrEnum):
    """Of what there is a limit: attempts of one caller, within one binding, to one number, and of the tenant."""

    CALLER = "caller"
    BINDING = "binding"
    NUMBER = "number"
    TENANT = "tenant"


class Signal(StrEnum):
    """What looks like abuse. Probing: one caller, many numbers that lead nowhere. Short calls: many, each over at once.
    Fan-out: one caller, many different people. Refused: one caller, again and again."""

    PROBING = "probing"
    SHORT_CALLS = "short_calls"
    FAN_OUT = "fan_out"
    REFUSED = "refused"


class Measure(StrEnum):
    """What is done, beside the case that an officer sees: the caller keys in digits first, the caller is frozen in the relay,
    the bindings in which it happened are, or nothing but the case."""

    STEP_UP = "step_up"
    FREEZE_CALLER = "freeze_caller"
    FREEZE_BINDING = "freeze_binding"
    CASE = "case"


class Cause(StrEnum):
    """What ends calls that are under way: that their binding was ended, a block, a freeze, or the erasure of somebody in them."""

    UNBIND = "unbind"
    BLOCK = "block"
    FREEZE = "freeze"
    ERASE = "erase"


@dataclass(frozen=True, slots=True)
class Limit:
    """So many attempts in a span (milliseconds), as they come: a bucket that holds `burst` of them and fills evenly."""

    calls: int
    per: int
    burst: int

    @property
    def step(self) -> int:
        """Microseconds after which the bucket holds one attempt more."""
        return max(1, self.per * 1000 // self.calls)

    @property
    def span(self) -> int:
        """Microseconds in which a full bucket empties."""
        return self.step * self.burst


@dataclass(frozen=True, slots=True, kw_only=True)
class Watch:
    """From which count on within a span (milliseconds) something is a signal, and what is done then and for how long. Of
    short calls (of less than `under` milliseconds) there must be so many among those answered, in percent."""

    signal: Signal
    count: int
    within: int
    measure: Measure
    lasts: int
    under: int = 0
    share: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """The rules of a tenant. What `hang_up` names ends calls that are under way, `hang_up_after` so many milliseconds; where
    `legal` is on, who called whom is sealed for a law and kept for so many months."""

    version: int
    limits: Mapping[Bound, Limit]
    watches: tuple[Watch, ...]
    short: int
    hang_up: frozenset[Cause]
    hang_up_after: int
    legal: bool
    legal_months: int
