"""How often a key has sealed, counted without writing at every seal.

AES-GCM with random 96-bit nonces takes at most 2^32 invocations of one key (NIST SP 800-38D section 8.3). A KEK counts what it
wraps and a DEK what it seals. Each seal is counted with probability 2^-16, and then as 2^16: one write for 65,536 seals, no
matter how they come, and nothing to remember between them. A rotation counts what it does exactly.

Of 2^32 seals, 65,536 are expected to be counted, with a standard deviation of 256. The bound below lies 4,096 of them lower, so
that a key which has sealed 2^32 times is taken for one that may still seal with a probability below 2^-180 (sixteen standard
deviations). Half of the limit is when a rotation is due by itself.
"""

import secrets
from collections.abc import Iterator
from math import log, log1p

WEIGHT = 1 << 16
SEALS_DUE = 1 << 31
SEALS_AT_MOST = (1 << 32) - 4_096 * WEIGHT

_RATE = log1p(-1 / WEIGHT)
_uniform = secrets.SystemRandom().random


def counted(count: int) -> Iterator[int]:
    """Which of `count` seals, numbered from 0, are to be counted as `WEIGHT` each: mostly none."""
    at = _gap()
    while at < count:
        yield at
        at += 1 + _gap()


def _gap() -> int:
    """Seals that are not counted before the next one that is: geometrically distributed."""
    return int(log(1.0 - _uniform()) / _RATE)
