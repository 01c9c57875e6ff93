"""What providers are, and what they need of others. The composition root wires them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple, Protocol

from masking.relay.calls.progress import Event
from masking.relay.decision import CallKind
from masking.relay.mode import Direction, Mode, Side


class Answered(NamedTuple):
    """What a provider answered; header names in small letters."""

    status: int
    headers: Mapping[str, str]
    body: bytes


class Outside(Protocol):
    """The way out, to origins that the operator allows and to no others."""

    def call(self, method: str, url: str, headers: Mapping[str, str], body: bytes) -> Answered:
        """Make one call that follows no redirect. Raises OSError where no answer came, PermissionError where it is not
        allowed."""


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class Line:
    """A binding as a provider is asked to hold it. `a` and `b` are numbers of people, in E.164, which the provider needs to
    connect them; hence no repr. `reference` names the binding in what the provider tells; times are milliseconds since the
    epoch."""

    reference: str
    mode: Mode
    a: str
    b: str | None
    x: str
    y: str | None
    extension: str | None
    direction: Direction
    record: bool
    max_seconds: int
    expires_at: int
    now: int

    @property
    def seconds_left(self) -> int:
        """For how long it lasts, a second at least."""
        return max(1, (self.expires_at - self.now) // 1000)


class Provider(Protocol):
    """Holds bindings at a cloud. Every call is remote: never inside a transaction.

    Raises ProviderError for whatever was not done.
    """

    def bind(self, line: Line) -> str:
        """Have a binding held; the provider's name of it."""

    def change(self, held: str, line: Line) -> None:
        """Have it held as `line` says now."""

    def unbind(self, held: str, x: str) -> None:
        """Have it held no more; one that the provider does not know is none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Receipt:
    """Something that a provider tells: of the call or text that it names `call`, on the binding that it names `held` or that was
    bound with `reference`. What it says of numbers, and of words in a text, is not read at all. Only one that has `ended` tells
    all of a call; `events` name it by `call`. `began` is in milliseconds since the epoch."""

    id: str
    held: str
    reference: str
    call: str
    kind: CallKind
    ended: bool
    began: int
    side: Side | None = None
    refused: bool = False
    events: Sequence[Event] = ()
