"""Where the numbers that were dialled lead, and what is known there: one statement for all calls that are answered together."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import Any, NamedTuple

from database.transaction import Transaction
from masking.relay import store
from masking.relay.bound import By
from masking.relay.decision import Binding, CallKind, Connect, NumberState, Route, RouteKind
from masking.relay.mode import Direction, Side
from masking.relay.seat import ANYBODY, EXTENSION, PARTY

_KINDS = {PARTY[0]: RouteKind.CALLER, EXTENSION[0]: RouteKind.EXTENSION, ANYBODY[0]: RouteKind.ANYBODY}


@dataclass(frozen=True, slots=True, repr=False)
class Incoming:
    """A call or a text that came: who asks, the number dialled, what was keyed in, the caller's number in E.164 and its
    fingerprint; both are empty where there is none."""

    by: By
    dialled: str
    kind: CallKind
    digits: str | None
    number: str
    caller: bytes


class Reached(NamedTuple):
    """Whom a route leads to: the fingerprint of the number, the vault's numbers of the person and of the record, until when they
    are frozen in the relay, and whether they or the number are blocked for the caller."""

    fingerprint: bytes
    subject: int
    record: int
    frozen_until: int | None
    blocked: bool


@dataclass(frozen=True, slots=True)
class Found:
    """A route as stored, with the pseudonym of the order, the parties of the binding, who calls and who is reached."""

    route: Route
    order: str
    parties: tuple[int | None, int | None]
    caller: int | None
    reached: Reached | None


@dataclass(frozen=True, slots=True)
class Dialled:
    """A relay number that was dialled: its id, its state, how many digits it asks for, and the routes for this caller."""

    number: int
    state: NumberState
    digits: int
    found: list[Found] = field(default_factory=list)

    def of(self, decision: Connect) -> Found:
        """The route that was chosen."""
        wanted = decision.binding.id, decision.side, decision.target
        return next(one for one in self.found if (one.route.binding.id, one.route.side, one.route.target) == wanted)

    @property
    def caller(self) -> int | None:
        """The person who calls, where their own route tells."""
        return next((one.caller for one in self.found if one.caller is not None), None)


def dialled_by(tx: Transaction, tenant: int, calls: Sequence[Incoming], at: int) -> list[Dialled | None]:
    """What each of the calls has dialled, in order; None for what is no number of this relay."""
    asked = [(place, call.dialled, call.caller, key) for place, call in enumerate(calls) for key in _keys(call)]
    dialled: list[Dialled | None] = [None] * len(calls)
    for row in tx.all(store.DIALLED_BY, rows=asked, tenant=tenant, at=at, anybody=b""):
        columns = iter(row)
        place, number, state, digits = islice(columns, 4)
        one = dialled[place] or Dialled(number, NumberState(state), digits)
        dialled[place] = one
        if (found := _found(*columns)) is not None:
            one.found.append(found)
    return dialled


def _keys(call: Incoming) -> Iterator[bytes]:
    """Under which routes of a call are kept."""
    yield ANYBODY
    if call.caller:
        yield PARTY + call.caller
    if call.digits is not None:
        yield EXTENSION + call.digits.encode("ascii")


def _found(key: bytes | None, side: str, target: int | None, shown: int, over: int | None, *rest: Any) -> Found | None:
    if key is None:
        return None
    number, direction, texts, record, seconds, expires_at, closed_at, order, a, b, caller, *reached = rest
    binding = Binding(
        id=number,
        direction=Direction(direction),
        expires_at=expires_at,
        closed_at=closed_at,
        texts=bool(texts),
        max_seconds=seconds,
        record=bool(record),
    )
    kind = _KINDS[bytes(key)[0]]
    route = Route(kind=kind, binding=binding, side=Side(side), target=target, show=shown, over=over is not None)
    return Found(route, order, (a, b), caller, None if reached[0] is None else _reached(*reached))


def _reached(fingerprint: bytes, subject: int, record: int, frozen_until: int | None, blocked: int) -> Reached:
    return Reached(bytes(fingerprint), subject, record, frozen_until, bool(blocked))
