"""When a call that failed is made again: exponentially later, with a random part, so that whoever comes back is not met by
everything at once."""

from collections.abc import Callable

FIRST_MS = 2_000
LONGEST_MS = 6 * 3_600_000
ATTEMPTS_AT_MOST = 16
"""Attempts after which nobody tries any more: with the delays above, about a day after the first."""


def delay_ms(attempts: int, draw: Callable[[int], int], *, asked_ms: int = 0) -> int:
    """Milliseconds to the next attempt after `attempts` that failed: between half of FIRST · 2^(n-1) and all of it, at most
    six hours. `draw(n)` gives a random number below n. Whoever asks for longer (Retry-After) gets it, within the same
    bound."""
    whole = min(LONGEST_MS, FIRST_MS << min(attempts - 1, 20))
    drawn = whole // 2 + draw(whole // 2 + 1)
    return max(drawn, min(asked_ms, LONGEST_MS))
