"""What sending a message needs of others. The composition root wires them."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Protocol


class Channel(StrEnum):
    """How a person is reached."""

    SMS = "sms"
    EMAIL = "email"


@dataclass(frozen=True, slots=True)
class Contact:
    """An address of a person, which is never shown, logged or kept."""

    channel: Channel
    address: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Written:
    """A message in a person's language, in the form of one channel. `title` is the subject line of an e-mail; SMS has none."""

    template: str
    locale: str
    title: str = field(repr=False)
    text: str = field(repr=False)


class ContactBook(Protocol):
    """Where people can be reached."""

    def contact(self, tenant: int, subject: int, channels: Sequence[Channel]) -> Contact | None:
        """An address of the person for the first of `channels` that has one, opened now and recorded as a disclosure."""


class Transport(Protocol):
    """One way by which messages leave. `channels` are those it can carry, the preferred one first."""

    channels: Sequence[Channel]

    def deliver(self, contact: Contact, message: Written) -> None:
        """Hand the message over. Raises OSError where it did not leave."""
