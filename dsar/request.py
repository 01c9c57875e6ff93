"""A request as the rest of the package sees it, and who acts upon it."""

import uuid
from base64 import urlsafe_b64encode
from dataclasses import dataclass
from enum import IntEnum, StrEnum

from audit.entry import Actor, ActorKind, ObjectRef
from audit.event_id import uuid7
from dsar.right import Requester, Right


class RequestState(StrEnum):
    """Received, acknowledged, verifying, needs_info, accepted, executing and review lead to completed. `on_hold` and `restricted`
    wait for a hold to be released or a law's period to end and go on by themselves; the rest are ends."""

    RECEIVED = "received"
    ACKNOWLEDGED = "acknowledged"
    VERIFYING = "verifying"
    NEEDS_INFO = "needs_info"
    ACCEPTED = "accepted"
    EXECUTING = "executing"
    REVIEW = "review"
    ON_HOLD = "on_hold"
    RESTRICTED = "restricted"
    COMPLETED = "completed"
    PARTIALLY_DENIED = "partially_denied"
    DENIED = "denied"
    WITHDRAWN = "withdrawn"
    EXPIRED = "expired"
    DUPLICATE = "duplicate"


ENDED = frozenset(
    {
        RequestState.COMPLETED,
        RequestState.PARTIALLY_DENIED,
        RequestState.DENIED,
        RequestState.WITHDRAWN,
        RequestState.EXPIRED,
        RequestState.DUPLICATE,
    }
)


class Level(IntEnum):
    """How surely the requester is who they say: nothing; a channel already held, or a session; a session and a fresh second
    factor; documents."""

    NONE = 0
    CHANNEL = 1
    TWO_FACTORS = 2
    DOCUMENT = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """One request. `subject` is the vault's number of the person, None where nobody is known by the name that was given. Times
    are milliseconds since the epoch."""

    tenant: int
    id: uuid.UUID
    right: Right
    regime: str
    requester: Requester
    subject: int | None
    state: RequestState
    level: Level
    locale: str
    received_at: int
    due_at: int

    @property
    def ref(self) -> ObjectRef:
        """The request as entries of the log name it."""
        return ref_of(self.id)

    @property
    def ended(self) -> bool:
        """Whether nothing will happen to it any more."""
        return self.state in ENDED


def ref_of(one: uuid.UUID) -> ObjectRef:
    """What was made here under an id, as entries of the log name it."""
    return ObjectRef(urlsafe_b64encode(one.bytes).decode().rstrip("="))


@dataclass(frozen=True, slots=True)
class By:
    """Who acts upon a request: in which call, by its id in the log, and when (milliseconds since the epoch)."""

    actor: Actor
    call: str
    at: int


def by_itself(at: int) -> By:
    """The service, which nobody has called."""
    return By(Actor(ActorKind.SYSTEM), str(uuid7(at)), at)
