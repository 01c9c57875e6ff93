"""The thread that publishes and measures how far numbering lags, beside whatever else its process does."""

import threading
from collections.abc import Callable
from time import monotonic

from audit.lag import LagWatch
from audit.publisher import Publisher

INTERVAL_SECONDS = 1.0
AFTER_FAILURE_SECONDS = 5.0


class PublishingError(Exception):
    """The last attempt to publish failed; its cause was reported when it happened."""


class Publishing:
    """Runs a publisher every second, and at once while more is waiting; without one it only measures.

    `failed` is told of each failure that is a new one.
    """

    def __init__(
        self, publisher: Publisher | None, watch: LagWatch, *, failed: Callable[[BaseException], None]
    ) -> None:
        self._publisher = publisher
        self._watch = watch
        self._failed = failed
        self._stop = threading.Event()
        self._thread: threading.Thread | None = None
        self._trouble: str | None = None

    def start(self) -> None:
        """Begin in a thread of its own."""
        self._thread = threading.Thread(target=self.run, name="audit-publisher", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Publish what there is once more, and let go of the lease."""
        self._stop.set()
        if self._thread is not None:
            self._thread.join()
        elif self._publisher is not None:
            self._publisher.close()

    def catch_up(self) -> None:
        """Publish all that there is in this thread, where no other has been begun. Raises what `Publisher.run_once` does."""
        while self._run_once():
            pass

    def check(self) -> None:
        """Raises PublishingError if the last attempt failed."""
        if self._trouble is not None:
            raise PublishingError

    def run(self) -> None:
        """Publish until `stop`."""
        wait = 0.0
        while not self._stop.wait(wait):
            begun = monotonic()
            more = self._attempt(self._run_once)
            spent = monotonic() - begun
            wait = AFTER_FAILURE_SECONDS if self._trouble else 0.0 if more else max(0.0, INTERVAL_SECONDS - spent)
        if self._publisher is not None:
            self._attempt(self._publisher.run_once)
            self._attempt(self._publisher.close)

    def _run_once(self) -> bool:
        try:
            return self._publisher is not None and self._publisher.run_once()
        finally:
            self._watch.measure()

    def _attempt(self, work: Callable[[], bool | None]) -> bool:
        try:
            more = bool(work())
        except Exception as error:  # a publisher that ended would publish nothing ever again
            if self._trouble != (trouble := f"{type(error).__name__}: {error}"):
                self._failed(error)
            self._trouble = trouble
            return False
        self._trouble = None
        return more
