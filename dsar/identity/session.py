"""A person's session, and how sure it makes.

It rests on what was shown: that the platform's server says so, or a code that went to a phone or to an e-mail address. Two
different things make two factors, as long as a code among them is fresh. The same phone twice is one thing.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from dsar.request import Level

LIFE_MS = 30 * 60_000
FRESH_MS = 10 * 60_000
"""For how long a code counts as a second factor of what is asked after it."""


class Factor(StrEnum):
    """What a session can rest on."""

    PLATFORM = "platform"
    SMS = "sms"
    EMAIL = "email"


@dataclass(frozen=True, slots=True, kw_only=True)
class Session:
    """An open session of the person with the vault's number `subject`. Times are milliseconds since the epoch."""

    tenant: int
    digest: bytes
    subject: int
    platform_at: int | None
    sms_at: int | None
    email_at: int | None
    expires_at: int

    def level(self, at: int) -> Level:
        """How sure it makes of the person at this moment."""
        shown = {Factor.PLATFORM: self.platform_at, Factor.SMS: self.sms_at, Factor.EMAIL: self.email_at}
        return level_of({factor: when for factor, when in shown.items() if when is not None}, at)


def level_of(shown: Mapping[Factor, int], at: int) -> Level:
    """How sure these make at this moment, each with the time when it was shown; what is older than a session lives is nothing."""
    live = {factor: when for factor, when in shown.items() if at < when + LIFE_MS}
    fresh_code = any(factor is not Factor.PLATFORM and at < when + FRESH_MS for factor, when in live.items())
    if len(live) > 1 and fresh_code:
        return Level.TWO_FACTORS
    return Level.CHANNEL if live else Level.NONE
