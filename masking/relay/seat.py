"""Which routes a binding of each mode is made of: who dials which number, whom they reach, and what that person sees.

Whoever is called must see the number by which calling back works. So the number that a route shows is always one that the person
reached by it may dial.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from masking.relay.mode import SHAPES, Mode, Side

PARTY, ANYBODY, EXTENSION = b"\x01", b"\x02", b"\x03"
"""The first octet of a route's key (masking.relay.tables)."""

X, Y = "x", "y"


@dataclass(frozen=True, slots=True)
class Party:
    """Somebody as the relay keeps them: a number of its own, and the fingerprint of theirs."""

    id: int
    fingerprint: bytes

    @property
    def key(self) -> bytes:
        """Begins the routes that are theirs."""
        return PARTY + self.fingerprint


@dataclass(frozen=True, slots=True)
class Seat:
    """A route to be made: on number `dialled`, for the caller of `key`, who is the party if it is somebody's, to the party
    `target`, who sees the number `shown`."""

    dialled: str
    key: bytes
    party: int | None
    side: Side
    target: int | None
    shown: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Cast:
    """The people of a binding. `a` of a crew is the member who is reached from outside."""

    a: Party | None
    b: Party | None
    crew: Sequence[Party] = ()


def seats(mode: Mode, cast: Cast, extension: str | None) -> list[Seat]:
    """The routes of a binding."""
    a, b = _id(cast.a), _id(cast.b)
    shape = SHAPES[mode]
    inner = Y if shape.has_y else X
    made = [Seat(inner, member.key, member.id, Side.MEMBER, b, X) for member in cast.crew]
    if cast.a is not None and not cast.crew:
        made.append(Seat(inner, cast.a.key, cast.a.id, Side.A, b, X))
    if cast.b is not None and shape.has_b:
        made.append(Seat(X, cast.b.key, cast.b.id, Side.B, a, inner))
    if shape.exclusive:
        made.append(Seat(X, ANYBODY, None, Side.ANYBODY, a, X))
    if extension is not None:
        made.append(Seat(X, EXTENSION + extension.encode("ascii"), None, Side.ANYBODY, a, X))
    return made


def _id(party: Party | None) -> int | None:
    return None if party is None else party.id
