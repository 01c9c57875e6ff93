"""Callers whose credentials were looked up a moment ago: for operations whose answers may be a moment old themselves, and for
those that ask in their own transaction whether the credential still works."""

import secrets
from hashlib import blake2b
from typing import NamedTuple

from web.principal import Principal

RECENT_SECONDS = 0.9
_CALLERS_AT_MOST = 1_024


class Caller(NamedTuple):
    """A caller, and the digest under which the credential is stored."""

    principal: Principal
    secret: bytes
    looked_up_at: float
    ends_at: float


class RecentCallers:
    """Remembers callers by what they presented: a keyed digest of it, so that neither memory nor the time that a comparison
    takes tells of a text that works."""

    def __init__(self) -> None:
        self._key = secrets.token_bytes(32)
        self._callers: dict[bytes, Caller] = {}

    def remember(self, presented: str, caller: Caller) -> None:
        """Note who presented this. `looked_up_at` is of the monotonic clock, before the look-up began; the credential ends at
        `ends_at`, in milliseconds since the epoch."""
        if len(self._callers) >= _CALLERS_AT_MOST:
            self._callers.clear()
        self._callers[self._digest(presented)] = caller

    def recall(self, presented: str, *, now: float, at: int) -> Caller | None:
        """Who presented this within the last `RECENT_SECONDS`, unless the credential has ended since. `now` is of the monotonic
        clock, `at` in milliseconds since the epoch."""
        caller = self._callers.get(self._digest(presented))
        if caller is None or now - caller.looked_up_at >= RECENT_SECONDS or at >= caller.ends_at:
            return None
        return caller

    def _digest(self, presented: str) -> bytes:
        return blake2b(presented.encode("utf-8", "surrogateescape"), key=self._key, digest_size=32).digest()
