"""The states of subscriptions and deliveries."""

from enum import StrEnum


class WebhookState(StrEnum):
    """`paused` by whoever manages it, `gone` by a receiver that answered 410. In both, deliveries wait."""

    ACTIVE = "active"
    PAUSED = "paused"
    GONE = "gone"


class DeliveryState(StrEnum):
    """`queued` is tried until it is `delivered`, or `dead` after the last attempt; a dead one can be replayed."""

    QUEUED = "queued"
    DELIVERED = "delivered"
    DEAD = "dead"


class Failure(StrEnum):
    """Why an attempt failed, where it was not simply a status."""

    STATUS = "status"
    REDIRECT = "redirect"
    NO_ANSWER = "no_answer"
    NOT_ALLOWED = "not_allowed"
    GONE = "gone"
    ERASED = "subject_erased"
