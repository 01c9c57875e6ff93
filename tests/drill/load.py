"""Sixteen writers at once: how long each call took, and whether any failed."""

import itertools
import threading
import time
from random import Random
from typing import Any

from tests.drill.operations import Caller, UnansweredError, tokenizing
from tests.support.server import Server

WRITERS = 16
LONGEST_CALL_SECONDS = 1.0
WARM_UP_CALLS = 2


class Load:
    """Writers that call without a pause until the time is over."""

    def __init__(self, server: Server, credential: str, seed: int) -> None:
        self._port = server.port
        self._credential = credential
        self._seed = seed
        self._numbers = itertools.count(1)
        self._lock = threading.Lock()
        self.durations: list[float] = []
        self.failures: list[str] = []

    def run(self, seconds: float) -> None:
        """Write for that long; returns when the last call is answered."""
        until = time.monotonic() + seconds
        threads = [threading.Thread(target=self._write, args=(number, until)) for number in range(WRITERS)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    def _write(self, number: int, until: float) -> None:
        caller, random, took = Caller(self._port, self._credential), Random(f"{self._seed}-{number}"), []
        try:
            while time.monotonic() < until:
                operation = tokenizing(next(self._numbers), random)
                began = time.monotonic()
                caller.call(operation)
                took.append(time.monotonic() - began)
        except (AssertionError, UnansweredError) as failure:
            self.failures.append(str(failure))
        finally:
            caller.close()
            with self._lock:
                self.durations += took

    def figures(self) -> dict[str, Any]:
        """Calls and their durations in milliseconds; `ok` unless a call failed or took more than a second."""
        ordered = sorted(self.durations)
        longest = ordered[-1] if ordered else 0.0
        return {
            "writers": WRITERS,
            "calls": len(ordered),
            "p50_ms": round(_quantile(ordered, 0.50) * 1000, 1),
            "p99_ms": round(_quantile(ordered, 0.99) * 1000, 1),
            "longest_ms": round(longest * 1000, 1),
            "faults": self.failures,
            "ok": bool(ordered) and not self.failures and longest <= LONGEST_CALL_SECONDS,
        }


def sixteen_writers(server: Server, seed: int, seconds: float) -> dict[str, Any]:
    """Start the service, load it, stop it."""
    server.start()
    try:
        load = Load(server, server.credential("service", scopes=["vault:preserving"]), seed)
        load.run(seconds)
    finally:
        server.stop()
    return {"seconds": seconds, **load.figures()}


def _quantile(ordered: list[float], share: float) -> float:
    return ordered[min(len(ordered) - 1, int(len(ordered) * share))] if ordered else 0.0
