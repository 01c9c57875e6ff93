"""Whether this process may use the keys that it has in memory.

A key provider that an operator has switched off must mean something to a process that has already opened its keys, and a
provider that is away for a minute must not stop a delivery. So whatever is cached, the keyring and every DEK opened with it,
may be used for a bounded time after the root keys were last proved; then everything is forgotten, and every use refused until
a proof succeeds. The state is one process's own.
"""

import threading
from collections.abc import Callable
from time import monotonic

from vault.errors import KeysUnavailableError

KEPT_SECONDS = 900.0


class Seal:
    """Closed until the first proof. `elapsed` counts seconds and never jumps, whatever happens to the clock."""

    def __init__(self, kept_seconds: float = KEPT_SECONDS, elapsed: Callable[[], float] = monotonic) -> None:
        self.kept_seconds = kept_seconds
        self._elapsed = elapsed
        self._until: float | None = None
        self._cause: str | None = "unreachable"
        self._forget: list[Callable[[], None]] = []
        self._lock = threading.Lock()

    @property
    def cause(self) -> str | None:
        """Why the last proof failed; None while the provider answers."""
        return self._cause

    def on_closing(self, forget: Callable[[], None]) -> None:
        """Have `forget` called whenever the seal closes: it drops keys from memory."""
        self._forget.append(forget)

    def proved(self) -> None:
        """The root keys were proved just now."""
        with self._lock:
            self._until, self._cause = self._elapsed() + self.kept_seconds, None

    def failed(self, cause: str) -> None:
        """A proof failed. What is cached may be used until its time has passed."""
        self._cause = cause
        self.closed()

    def closed(self) -> bool:
        """Whether no key may be used; the first to see it forgets them all."""
        until = self._until
        if until is not None and self._elapsed() < until:
            return False
        if until is not None:
            with self._lock:
                if self._until != until:
                    return False
                self._until = None
            for forget in self._forget:
                forget()
        return True

    def require(self) -> None:
        """Raises KeysUnavailableError while no key may be used."""
        if self.closed():
            raise KeysUnavailableError(self._cause or "unreachable")
