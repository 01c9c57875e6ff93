"""Codes of authenticator apps (RFC 6238 over SHA-1, six digits, thirty seconds: what all apps understand).

A code of the time step before, of the present one and of the next is taken, and of each step at most once (section 5.2). Five
wrong codes lock for fifteen minutes, the next five for thirty, and so on up to a day: about two hundred guesses a month, each
at three codes out of a million.

What is locked is not a member but one of `PLACES` places, into which a name falls by its digest: so a name that nobody has
meets the same, and what people type in place of a name is kept nowhere.
"""

import hmac
from dataclasses import dataclass
from hashlib import sha256

import pyotp

STEP_MS = 30_000
TRIES = 5
PLACES = 4_096
NO_SECRET = "A" * 32
"""What a code is compared with where there is no secret, so that it takes as long."""

_LOCK_MS = 15 * 60_000
_LOCK_AT_MOST_MS = 24 * 60 * 60_000
_AROUND = (-1, 0, 1)


@dataclass(frozen=True, slots=True)
class Guard:
    """Wrong codes in a place since the last right one. Times are milliseconds since the epoch."""

    failures: int = 0
    locked_until: int = 0

    def locked(self, at: int) -> bool:
        """Whether no code is looked at now."""
        return at < self.locked_until

    def failed(self, at: int) -> "Guard":
        """After a wrong code."""
        failures = self.failures + 1
        if failures % TRIES:
            return Guard(failures, self.locked_until)
        doublings = min(failures // TRIES - 1, 10)
        return Guard(failures, at + min(_LOCK_MS << doublings, _LOCK_AT_MOST_MS))


def place_of(name: str) -> int:
    """Where the wrong codes for a name are counted."""
    return int.from_bytes(sha256(name.encode()).digest()[:4], "big") % PLACES


def new_secret() -> str:
    """A fresh secret of 160 bits, in base 32 (RFC 4226, section 4, R6)."""
    return pyotp.random_base32(32)


def address(secret: str, *, name: str, issuer: str) -> str:
    """The address that apps read out of a picture."""
    return pyotp.TOTP(secret).provisioning_uri(name=name, issuer_name=issuer)


def matching_step(secret: str, code: str, at: int, last: int) -> int | None:
    """The time step after `last` that a code is of; None where there is none. `secret` is in base 32."""
    generator = pyotp.TOTP(secret)
    now = at // STEP_MS
    written = code.replace(" ", "").encode()
    matching = [
        step
        for step in (now + away for away in _AROUND)
        if hmac.compare_digest(generator.generate_otp(step).encode(), written)
    ]
    return max((step for step in matching if step > last), default=None)
