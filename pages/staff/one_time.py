"""Codes of authenticator apps (RFC 6238 over SHA-1, six digits, thirty seconds: what all apps understand).

A code of the time step before, of the present one and of the next is taken, and of each step at most once (section 5.2). Five
wrong codes lock for fifteen minutes, the next five for thirty, and so on up to a day: about three hundred guesses a month, each
at three codes out of a million.
"""

import hmac
from dataclasses import dataclass

import pyotp

STEP_MS = 30_000
TRIES = 5
_LOCK_MS = 15 * 60_000
_LOCK_AT_MOST_MS = 24 * 60 * 60_000
_AROUND = (-1, 0, 1)


@dataclass(frozen=True, slots=True)
class Guard:
    """What is remembered of codes that were tried: the last step that was taken, and wrong ones since. Times are milliseconds."""

    step: int = 0
    failures: int = 0
    locked_until: int = 0

    def locked(self, at: int) -> bool:
        """Whether no code is looked at now."""
        return at < self.locked_until

    def failed(self, at: int) -> "Guard":
        """After a wrong code."""
        failures = self.failures + 1
        if failures % TRIES:
            return Guard(self.step, failures, self.locked_until)
        span = min(_LOCK_MS << (failures // TRIES - 1), _LOCK_AT_MOST_MS)
        return Guard(self.step, failures, at + span)


def matching_step(secret: str, code: str, at: int, last: int) -> int | None:
    """The time step after `last` that a code is of; None where there is none. `secret` is in base 32."""
    generator = pyotp.TOTP(secret)
    now = at // STEP_MS
    found = [
        step
        for step in (now + away for away in _AROUND)
        if hmac.compare_digest(generator.generate_otp(step).encode(), code.encode()) and step > last
    ]
    return max(found, default=None)
