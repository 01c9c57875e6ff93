"""A binding: what is asked for, what is changed of it, and what there is."""

from dataclasses import dataclass
from typing import Any, NamedTuple

from audit.entry import Actor
from masking.relay.errors import BindingNotFoundError, DurationError, ModeFieldsError
from masking.relay.mode import SHAPES, Direction, Mode
from masking.relay.ports import PartyName

CALL_SECONDS_AT_MOST = 6 * 3_600
CREW_AT_MOST = 200
"""People behind a number of a group; what carriers allow (study of peers, Alibaba AXG)."""


class By(NamedTuple):
    """Who acts, for which tenant, in which request, and when (milliseconds since the epoch). `secret` names a credential that was
    looked up a moment before and is to be asked about again in the transaction; empty where it was looked up for this request."""

    tenant: int
    actor: Actor
    request: str
    at: int
    secret: bytes = b""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """A binding that is asked for. `lasts` is a span in milliseconds, the pool's where none is given; `max_seconds` bounds a
    call; `area` are wishes for where the number is from, the best first; `x` is a number that must be it.

    Raises:
        ModeFieldsError: the mode takes other fields.
        DurationError: it would last no time at all, or a call would.
    """

    mode: Mode
    pool: str
    order: str
    a: PartyName | None = None
    b: PartyName | None = None
    crew: tuple[PartyName, ...] = ()
    area: tuple[str, ...] = ()
    x: str | None = None
    lasts: int | None = None
    direction: Direction = Direction.BOTH
    texts: bool = True
    record: bool = False
    max_seconds: int = 3_600

    def __post_init__(self) -> None:
        shape = SHAPES[self.mode]
        if (self.a is None) is not shape.has_group:
            raise ModeFieldsError("a")
        if shape.has_b is not None and (self.b is not None) is not shape.has_b:
            raise ModeFieldsError("b")
        if bool(self.crew) is not shape.has_group or len(self.crew) > CREW_AT_MOST:
            raise ModeFieldsError("crew")
        if not 0 < self.max_seconds <= CALL_SECONDS_AT_MOST or (self.lasts is not None and self.lasts <= 0):
            raise DurationError


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """What is to be different about a binding; None leaves it. `b` is put in the place of who was there, on the same number.
    `crew` are all members that a group has from now on. `lasts` counts from now. `version` is the one that the caller has
    seen."""

    b: PartyName | None = None
    crew: tuple[PartyName, ...] = ()
    lasts: int | None = None
    direction: Direction | None = None
    texts: bool | None = None
    record: bool | None = None
    max_seconds: int | None = None
    version: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Bound:
    """A binding as it is. People are parties, numbers are ids of relay numbers; whoever was erased is not there any more.
    `ref` is the order as the rest of the service names it."""

    id: int
    pool: int
    mode: Mode
    order_ref: str
    a: int | None
    b: int | None
    crew: int | None
    x: int
    y: int | None
    extension: str | None
    direction: Direction
    texts: bool
    record: bool
    max_seconds: int
    version: int
    created_at: int
    expires_at: int
    closed_at: int | None
    close_reason: str | None
    ref: str | None = None

    @classmethod
    def of(cls, row: tuple[Any, ...] | None) -> "Bound":
        """The binding of a row of `masking.relay.store`. Raises BindingNotFoundError where there is none."""
        if row is None:
            raise BindingNotFoundError
        read = dict(zip(cls.__dataclass_fields__, row, strict=True))
        read |= {
            "mode": Mode(read["mode"]),
            "direction": Direction(read["direction"]),
            "texts": bool(read["texts"]),
            "record": bool(read["record"]),
        }
        return cls(**read)

    def row(self, tenant: int) -> tuple[Any, ...]:
        """Its row, to be inserted."""
        values = {name: getattr(self, name) for name in self.__dataclass_fields__}
        values |= {"mode": self.mode.value, "direction": self.direction.value}
        return (tenant, *values.values())

    def live(self, at: int) -> bool:
        """Whether it connects anybody at `at`."""
        return self.closed_at is None and self.expires_at > at

    @property
    def numbers(self) -> tuple[int, ...]:
        """Its one or two numbers."""
        return (self.x,) if self.y is None else (self.x, self.y)
