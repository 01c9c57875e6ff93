"""Whom the front page of a demo lets in: people who do not exist, and staff who work nowhere."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import pyotp

from web.principal import Role


@dataclass(frozen=True, slots=True, kw_only=True)
class Resident:
    """A made-up person of the platform. `part` names what there is to see about them, as `front.parts` says it."""

    subject: str
    name: str = field(repr=False)
    part: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Official:
    """A made-up member of staff. `secret` is that of their authenticator app, which the front page stands in for."""

    name: str
    role: Role
    secret: str = field(repr=False)

    def code(self, at: int) -> str:
        """What their app shows at a time in milliseconds since the epoch."""
        return pyotp.TOTP(self.secret).at(at // 1000)


@dataclass(frozen=True, slots=True, kw_only=True)
class Sent:
    """A message that left. It went nowhere: this page is everybody's telephone."""

    channel: str
    title: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Cast:
    """All of them. `sent` gives the messages that left, the latest first."""

    residents: Sequence[Resident]
    officials: Sequence[Official]
    sent: Callable[[], Sequence[Sent]]

    def resident(self, subject: str) -> Resident | None:
        """The person with an id of the platform, if the page lets them in."""
        return next((one for one in self.residents if one.subject == subject), None)

    def official(self, name: str) -> Official | None:
        """The member of staff with a name, if the page lets them in."""
        return next((one for one in self.officials if one.name == name), None)
