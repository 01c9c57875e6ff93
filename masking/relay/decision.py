"""What becomes of a call or a text to a relay number: connected, asked for an extension, or refused with a reason.

`decide` is the only place that decides it. Every adapter asks it and writes the answer in the words of its switch. It is pure:
what is known of the number, the caller and the binding is handed in, and anything that was not foreseen is a refusal.

A route of the caller's own goes before one by extension, and that before one for anybody: a courier who is bound to a customer on
X reaches that customer, whatever else X is used for.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from masking.relay.mode import Direction, Side


class CallKind(StrEnum):
    """What comes to a relay number."""

    VOICE = "voice"
    TEXT = "text"


class NumberState(StrEnum):
    """How a relay number may be used. Frozen: no new bindings, those that there are go on. Quarantined: nothing is connected.
    Suspended: the carrier does not serve it now. Retired: for good."""

    NEW = "new"
    AVAILABLE = "available"
    FROZEN = "frozen"
    QUARANTINED = "quarantined"
    SUSPENDED = "suspended"
    RETIRED = "retired"


class RefusalReason(StrEnum):
    """Why a call was not connected. `ended` is for people who were bound to the number not long ago."""

    NO_BINDING = "no_binding"
    ENDED = "ended"
    DIRECTION = "direction_denied"
    BLOCKED = "blocked"
    RATE = "rate_limited"
    ANONYMOUS = "anonymous_caller"
    EXTENSION = "unknown_extension"
    SUSPENDED = "number_suspended"
    NO_TEXTS = "texts_not_allowed"
    NOBODY_TO_REACH = "nobody_to_reach"
    FROZEN = "party_frozen"
    EMERGENCY = "emergency_number"
    INVALID = "invalid_number"
    UNAVAILABLE = "unavailable"


class RouteKind(StrEnum):
    """By what a route was found."""

    CALLER = "caller"
    EXTENSION = "extension"
    ANYBODY = "anybody"


@dataclass(frozen=True, slots=True, kw_only=True)
class Binding:
    """What a binding allows. `expires_at` and `closed_at` are milliseconds since the epoch."""

    id: int
    direction: Direction
    expires_at: int
    closed_at: int | None
    texts: bool
    max_seconds: int
    record: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Route:
    """Where a number leads a caller to: the party to reach, None where there is nobody; the number that the party sees; on which
    side the caller is. One that is `over` was somebody's who has been replaced, or whose binding has ended."""

    kind: RouteKind
    binding: Binding
    side: Side
    target: int | None
    show: int
    over: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """A call or a text: whether the caller has a number, whether the extension was given, and whether a limit or a block forbids
    it."""

    kind: CallKind
    anonymous: bool
    digits: str | None = None
    blocked: bool = False
    limited: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Connect:
    """Connect to the party and show the number."""

    binding: Binding
    side: Side
    target: int
    show: int


@dataclass(frozen=True, slots=True)
class Collect:
    """Ask the caller for an extension of this many digits; with `shows_care`, for the last digits of the number that they
    dialled, which a machine that calls many numbers does not key in."""

    digits: int
    shows_care: bool = False


@dataclass(frozen=True, slots=True)
class Refuse:
    """Connect nobody. `binding` is the one that the caller has or had, if any."""

    reason: RefusalReason
    binding: int | None = None


Decision = Connect | Collect | Refuse

_CONNECTING = frozenset({NumberState.AVAILABLE, NumberState.FROZEN})


def decide(state: NumberState, routes: Sequence[Route], call: Call, at: int, *, extension_digits: int = 0) -> Decision:
    """What becomes of a call at `at` (milliseconds since the epoch). `routes` are those that the number has for this caller, this
    extension and anybody; `extension_digits` is how many digits it asks for, 0 for a number without extensions."""
    if state in {NumberState.SUSPENDED, NumberState.NEW}:
        return Refuse(RefusalReason.SUSPENDED)
    found = {route.kind: route for route in routes}
    own = None if call.anonymous else found.get(RouteKind.CALLER)
    if own is None and extension_digits:
        if call.digits is None:
            return Collect(extension_digits)
        own = found.get(RouteKind.EXTENSION)
        if own is None:
            return Refuse(RefusalReason.EXTENSION)
    route = own or found.get(RouteKind.ANYBODY)
    if route is None:
        return Refuse(RefusalReason.ANONYMOUS if call.anonymous else RefusalReason.NO_BINDING)
    return _by_route(state, route, call, at)


def _by_route(state: NumberState, route: Route, call: Call, at: int) -> Decision:
    binding = route.binding
    if route.over or binding.closed_at is not None or binding.expires_at <= at or state not in _CONNECTING:
        return Refuse(RefusalReason.ENDED, binding.id)
    for forbidden, reason in (
        (call.blocked, RefusalReason.BLOCKED),
        (not _may_begin(route.side, binding.direction), RefusalReason.DIRECTION),
        (call.kind is CallKind.TEXT and not binding.texts, RefusalReason.NO_TEXTS),
        (call.kind is CallKind.TEXT and call.anonymous, RefusalReason.ANONYMOUS),
        (call.limited, RefusalReason.RATE),
    ):
        if forbidden:
            return Refuse(reason, binding.id)
    if route.target is None:
        return Refuse(RefusalReason.NOBODY_TO_REACH, binding.id)
    return Connect(binding=binding, side=route.side, target=route.target, show=route.show)


def _may_begin(side: Side, direction: Direction) -> bool:
    if direction is Direction.BOTH:
        return True
    return (side in {Side.A, Side.MEMBER}) == (direction is Direction.A)
