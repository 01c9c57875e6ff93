"""Proving the root keys now and again, so that a process begins to work when their provider answers, and ends when it is gone.

A start whose provider is away is no failure: the process answers that it is not ready, and why, and opens by itself. Only a
provider that answers, and has not the root of this database, is a reason to refuse the start.
"""

import secrets
import threading
from collections.abc import Callable

from vault.custody.roots import Roots
from vault.errors import KeysUnavailableError, RootKeyError

PROVED_EVERY_SECONDS = 30.0
RETRIED_AFTER_SECONDS = 0.5
RETRIED_AFTER_AT_MOST = 30.0


class Unsealing:
    """Opens the root keys, and proves them in a thread of its own from then on.

    `opened` runs after the first proof and before anything may use a key. `told` hears of each change: a code or the name of
    an unforeseen exception, or None when all is well again.
    """

    def __init__(self, roots: Roots, *, opened: Callable[[], None], told: Callable[[str | None], None]) -> None:
        self._roots = roots
        self._opened = opened
        self._told = told
        self._open = False
        self._said: str | None = None
        self._stopped = threading.Event()
        self._thread: threading.Thread | None = None

    @property
    def is_open(self) -> bool:
        """Whether the root keys were proved since this process began."""
        return self._open

    def attempt(self) -> bool:
        """Prove once; False where the provider does not answer.

        Raises:
            RootKeyError: it answers, and the root keys are not those of this database; nothing was changed.
        """
        try:
            if self._open:
                self._roots.prove()
            else:
                self._roots.open()
                self._opened()
                self._open = True
        except KeysUnavailableError as error:
            self._failed(error.cause)
            return False
        except RootKeyError as error:
            self._roots.seal.failed(error.cause)
            raise
        self._roots.seal.proved()
        self._tell(None)
        return True

    def start(self) -> None:
        """Begin proving in a thread."""
        self._thread = threading.Thread(target=self._run, name="unsealing", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Prove no more, and let go of the providers."""
        self._stopped.set()
        if self._thread is not None:
            self._thread.join()
        self._roots.close()

    def _failed(self, cause: str) -> None:
        self._roots.seal.failed(cause)
        self._tell(cause)

    def _tell(self, cause: str | None) -> None:
        if cause != self._said:
            self._said = cause
            self._told(cause)

    def _run(self) -> None:
        seal = self._roots.seal
        steady = min(PROVED_EVERY_SECONDS, seal.kept_seconds / 3)
        patience = RETRIED_AFTER_SECONDS
        wait = steady if self._open else patience
        while not self._stopped.wait(_jittered(wait)):
            if self._tried():
                wait, patience = steady, RETRIED_AFTER_SECONDS
            else:
                wait, patience = patience, min(2 * patience, RETRIED_AFTER_AT_MOST)

    def _tried(self) -> bool:
        try:
            return self.attempt()
        except RootKeyError as error:
            self._tell(error.cause)
            return False
        except Exception as error:  # the database may be away too; a thread that ended would never open anything again
            self._tell(type(error).__qualname__)
            self._roots.seal.closed()
            return False


def _jittered(seconds: float) -> float:
    """Three quarters to all of it, so that processes which lost a provider together do not come back together."""
    return seconds * (3 + secrets.randbelow(1001) / 1000) / 4
