"""Legs name calls and are in the order of time: the bounds of a span of time among them (RFC 9562, section 5.7)."""

LAST = b"\xff" * 16


def first_leg(at: int) -> bytes:
    """Below every leg of the moment `at` (milliseconds since the epoch) and of later ones, above every earlier one."""
    return max(0, min(at, (1 << 48) - 1)).to_bytes(6, "big") + bytes(10)
