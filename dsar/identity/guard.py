"""Bounds on asking for codes and on guessing them, for each thing that can be named: an account, a phone, an e-mail address.

They are the same whether anybody is known by the name or not. Three wrong tries close it for fifteen minutes, the next three for
thirty, and so on up to a day; who has shown who they are, or has kept quiet for two weeks, begins anew. So there are about a
hundred guesses at one name in a month, each at a code of its own out of a million.

Times are milliseconds since the epoch.
"""

from dataclasses import dataclass, replace

TRIES = 3
"""Tries of one challenge, and wrong ones of one name before it is locked."""
FIRST_LOCK_MS = 15 * 60_000
LONGEST_LOCK_MS = 24 * 3_600_000
FORGOTTEN_MS = 14 * 86_400_000

RESEND_MS = 60_000
SENDS_AN_HOUR = 5
HOUR_MS = 3_600_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Guard:
    """What has been tried of late under one name. `sends` counts within the hour that began at `window_at`."""

    failures: int = 0
    locked_until: int = 0
    sends: int = 0
    window_at: int = 0
    sent_at: int = 0
    touched_at: int = 0

    def locked(self, at: int) -> bool:
        """Whether nothing is accepted under the name."""
        return at < self.locked_until

    def wait_to_ask(self, at: int) -> int:
        """Milliseconds until another code may be asked for; 0 is now."""
        ends = [self.locked_until, self.sent_at + RESEND_MS if self.sent_at else 0]
        if self.sends >= SENDS_AN_HOUR:
            ends.append(self.window_at + HOUR_MS)
        return max(0, max(ends) - at)

    def asked(self, at: int) -> "Guard":
        """After a code was asked for."""
        fresh = at >= self.window_at + HOUR_MS
        return replace(
            self,
            sends=1 if fresh else self.sends + 1,
            window_at=at if fresh else self.window_at,
            sent_at=at,
            touched_at=at,
        )

    def failed(self, at: int) -> "Guard":
        """After a wrong try."""
        quiet = at >= max(self.touched_at, self.locked_until) + FORGOTTEN_MS
        failures = 1 if quiet else self.failures + 1
        locked_until = self.locked_until
        if failures % TRIES == 0:
            locked_until = at + min(LONGEST_LOCK_MS, FIRST_LOCK_MS << min(failures // TRIES - 1, 16))
        return replace(self, failures=failures, locked_until=locked_until, touched_at=at)

    def succeeded(self, at: int) -> "Guard":
        """After somebody has shown who they are. Messages are still counted: each costs, and disturbs."""
        return replace(self, failures=0, locked_until=0, touched_at=at)
