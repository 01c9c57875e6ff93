"""Bounds on what a caller can take: calls a second, failed attempts, and calls at once. All of them use bounded memory."""

import threading
from collections import OrderedDict
from collections.abc import Hashable

KEYS_AT_MOST = 10_000


class TokenBuckets:
    """A token bucket per key: `burst` calls at once, refilled by `rate` a second. `rate` 0 is no limit.

    The longest unused bucket makes room for a new one. Forgetting it fills it, which is why there are many.
    """

    def __init__(self, *, rate: float, burst: int, keys: int = KEYS_AT_MOST) -> None:
        self._rate = rate
        self._burst = float(burst)
        self._keys = keys
        self._lock = threading.Lock()
        self._buckets: OrderedDict[Hashable, tuple[float, float]] = OrderedDict()

    def take(self, key: Hashable, now: float) -> float:
        """Take one token of `key` at `now` (monotonic seconds): 0 if there was one, otherwise the seconds until there is."""
        if self._rate <= 0:
            return 0.0
        with self._lock:
            level, since = self._buckets.get(key, (self._burst, now))
            level = min(self._burst, level + max(0.0, now - since) * self._rate)
            granted = level >= 1
            self._buckets[key] = (level - 1 if granted else level, now)
            self._buckets.move_to_end(key)
            if len(self._buckets) > self._keys:
                self._buckets.popitem(last=False)
        return 0.0 if granted else (1 - level) / self._rate


class Slots:
    """How many calls a process works on at once. A call waits at most `patience` seconds for its slot."""

    def __init__(self, count: int, *, patience: float) -> None:
        self._semaphore = threading.BoundedSemaphore(count)
        self._patience = patience

    def enter(self) -> bool:
        """Take a slot, or tell that none became free in time."""
        return self._semaphore.acquire(blocking=False) or self._semaphore.acquire(timeout=self._patience)

    def enter_now(self) -> bool:
        """Take a slot, or tell that none is free."""
        return self._semaphore.acquire(blocking=False)

    def leave(self) -> None:
        """Give a slot back."""
        self._semaphore.release()
