"""One delivery: the row, and the body that a receiver gets.

    {"type": "consent.withdrawn", "timestamp": "2026-11-22T08:00:00.000Z",
     "data": {"event", "subject", "purpose", "state", "notice_version", "epoch"}}

The body is a pure function of the row and of the person's id, so that every attempt sends the same octets. `timestamp` is when it
happened. `epoch` grows with each event of the person: a receiver that has seen a higher one can leave this one out.
"""

from typing import NamedTuple
from uuid import UUID

import orjson

from consent.records.consent_id import consent_id
from database.columns import rfc3339
from database.transaction import Row


class Delivery(NamedTuple):
    """A row of the outbox."""

    id: int
    message: UUID
    subject: int
    event: int
    topic: str
    purpose: str
    notice_version: int | None
    epoch: int
    happened_at: int
    state: str
    attempts: int
    next_at: int
    status: int | None
    error: str | None
    ended_at: int | None

    @classmethod
    def of(cls, row: Row) -> "Delivery":
        """The delivery of a row as the store reads it."""
        number, message, *others = row
        return cls(number, UUID(bytes=bytes(message)), *others)

    @property
    def message_id(self) -> str:
        """What the receiver knows it by."""
        return f"msg_{self.message.hex}"

    def body(self, platform_id: str) -> bytes:
        """What the receiver gets."""
        told = {
            "type": self.topic,
            "timestamp": rfc3339(self.happened_at),
            "data": {
                "event": consent_id(self.event),
                "subject": platform_id,
                "purpose": self.purpose,
                "state": self.topic.removeprefix("consent."),
                "notice_version": self.notice_version,
                "epoch": self.epoch,
            },
        }
        return orjson.dumps(told)
