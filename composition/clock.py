"""The clock of a deployment, and what is done at its host's console by it."""

from datetime import UTC, datetime

from audit.entry import Actor, ActorKind
from audit.event_id import uuid7
from database.columns import millis
from web.issuance import Occasion


def utc_now() -> datetime:
    """The clock of the settings."""
    return datetime.now(UTC)  # noqa: TID251 - the one place where the clock is read


def operator_occasion() -> Occasion:
    """Somebody at the host's console does something now."""
    at = millis(utc_now())
    return Occasion(actor=Actor(ActorKind.OPERATOR), request=str(uuid7(at)), at=at)
