"""How a request goes from state to state: one table, and what is not in it is refused."""

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType

from dsar.desk.errors import RequestStateError
from dsar.request import RequestState as S


class Move(StrEnum):
    """What happens to a request. `extend` and those after it change no state."""

    ACKNOWLEDGE = "acknowledge"
    VERIFY = "verify"
    PAUSE = "pause"
    CONTINUE = "continue"
    ACCEPT = "accept"
    EXECUTE = "execute"
    REVIEW = "review"
    APPROVE = "approve"
    HOLD = "hold"
    RESTRICT = "restrict"
    RESUME = "resume"
    COMPLETE = "complete"
    COMPLETE_PARTLY = "complete_partly"
    DENY = "deny"
    WITHDRAW = "withdraw"
    EXPIRE = "expire"
    EXTEND = "extend"
    ASSIGN = "assign"
    ESCALATE = "escalate"
    BREACH = "breach"
    RECKON = "reckon"


_BEFORE = frozenset({S.RECEIVED, S.ACKNOWLEDGED, S.VERIFYING, S.NEEDS_INFO})
_WORKED_ON = frozenset({S.ACCEPTED, S.EXECUTING, S.REVIEW})
_WAITING = frozenset({S.ON_HOLD, S.RESTRICTED})
_OPEN = _BEFORE | _WORKED_ON | _WAITING

MOVES: Mapping[Move, tuple[frozenset[S], S | None]] = MappingProxyType(
    {
        Move.ACKNOWLEDGE: (frozenset({S.RECEIVED}), S.ACKNOWLEDGED),
        Move.VERIFY: (_BEFORE, S.VERIFYING),
        Move.PAUSE: (_BEFORE - {S.NEEDS_INFO}, S.NEEDS_INFO),
        Move.CONTINUE: (frozenset({S.NEEDS_INFO}), S.VERIFYING),
        Move.ACCEPT: (_BEFORE, S.ACCEPTED),
        Move.EXECUTE: (frozenset({S.ACCEPTED}), S.EXECUTING),
        Move.REVIEW: (frozenset({S.ACCEPTED}), S.REVIEW),
        Move.APPROVE: (frozenset({S.REVIEW}), S.EXECUTING),
        Move.HOLD: (_WORKED_ON | {S.RESTRICTED}, S.ON_HOLD),
        Move.RESTRICT: (_WORKED_ON | {S.ON_HOLD}, S.RESTRICTED),
        Move.RESUME: (_WAITING, S.EXECUTING),
        Move.COMPLETE: (frozenset({S.EXECUTING}), S.COMPLETED),
        Move.COMPLETE_PARTLY: (frozenset({S.EXECUTING}), S.PARTIALLY_DENIED),
        Move.DENY: (_BEFORE | {S.ACCEPTED, S.REVIEW}, S.DENIED),
        Move.WITHDRAW: (_BEFORE | {S.ACCEPTED, S.REVIEW} | _WAITING, S.WITHDRAWN),
        Move.EXPIRE: (frozenset({S.VERIFYING, S.NEEDS_INFO}), S.EXPIRED),
        Move.EXTEND: (_BEFORE | _WORKED_ON, None),
        Move.ASSIGN: (_OPEN, None),
        Move.ESCALATE: (_OPEN, None),
        Move.BREACH: (_OPEN, None),
        Move.RECKON: (_OPEN, None),
    }
)
"""From which states each move is made, and to which it leads; None where it changes none. What is executing is neither denied nor
withdrawn: a part of it has happened."""


def after(state: S, move: Move) -> S:
    """The state after a move.

    Raises:
        RequestStateError: it is not made from this one.
    """
    from_, to = MOVES[move]
    if state not in from_:
        raise RequestStateError
    return state if to is None else to
