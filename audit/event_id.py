"""Event and request identifiers: UUID version 7 (RFC 9562, section 5.7).

They begin with the millisecond, so that an index over them grows at its end, and carry 74 random bits.
"""

import secrets
import uuid


def uuid7(at: int) -> uuid.UUID:
    """A fresh UUIDv7 of the moment `at`, in milliseconds since the epoch."""
    random = secrets.randbits(74)
    high, low = random >> 62, random & (1 << 62) - 1
    return uuid.UUID(int=(at & (1 << 48) - 1) << 80 | 0x7 << 76 | high << 64 | 0b10 << 62 | low)
