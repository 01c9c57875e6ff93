"""What a subscription can ask for, and under what each change of a consent is told."""

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


def topic_of(state: str) -> Topic | None:
    """Under what a change to this state is told; None for one that nobody is told, such as a deferral."""
    return _OF_STATE.get(state)
