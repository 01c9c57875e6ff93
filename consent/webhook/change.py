"""What changed for a person's consent, and what subscribers are told of it."""

from dataclasses import dataclass
from enum import StrEnum


class Topic(StrEnum):
    """What a subscription can ask for. A renewal is told as `consent.given`."""

    GIVEN = "consent.given"
    REFUSED = "consent.refused"
    WITHDRAWN = "consent.withdrawn"
    EXPIRED = "consent.expired"
    INVALIDATED = "consent.invalidated"


_OF_STATE = {
    "given": Topic.GIVEN,
    "renewed": Topic.GIVEN,
    "refused": Topic.REFUSED,
    "withdrawn": Topic.WITHDRAWN,
    "expired": Topic.EXPIRED,
    "invalidated": Topic.INVALIDATED,
}

URGENT = frozenset({Topic.WITHDRAWN, Topic.REFUSED, Topic.INVALIDATED})
"""After these the data must not be used, so they are told before anything else."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One event of one person's consent. `subject` is the vault's internal number, `epoch` grows with each of the person's
    events, `at` is in milliseconds since the epoch of time."""

    event: int
    subject: int
    purpose: str
    state: str
    epoch: int
    at: int
    notice_version: int | None = None

    @property
    def topic(self) -> Topic | None:
        """Under what the change is told; None for one that nobody is told, such as a deferral."""
        return _OF_STATE.get(self.state)
