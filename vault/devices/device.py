"""A device as the vault knows it, and how long its key serves."""

from typing import NamedTuple

DAY_MS = 86_400_000
LIFE_MS = 90 * DAY_MS
"""A key that nobody renews ends by itself."""
KEPT_ENDED_MS = 30 * DAY_MS
"""For so long an ended key is remembered: it cannot be registered again meanwhile."""
LIVE_AT_MOST = 5
"""Live keys of one person."""


class Device(NamedTuple):
    """The key of a device, and whose it is by the vault's number. Times are in milliseconds since the epoch."""

    id: int
    subject: int
    public_key: bytes
    created_at: int
    expires_at: int
    revoked_at: int | None

    def live(self, at: int) -> bool:
        """Whether something may be sealed for it at `at`."""
        return self.revoked_at is None and self.expires_at > at
