"""A few processes that look for names, so that no call waits for others' texts to be read: bounded, and full is told.

Each is `python -m masking.names.serving`, which reads and answers frames on its standard streams and ends with them. They start
with the first text. Texts are in memory and in the pipe only.
"""

import subprocess
import sys
from collections.abc import Sequence
from contextlib import suppress
from queue import Empty, LifoQueue
from threading import Lock

from masking.detection.span import Span
from masking.finding import NamesBusyError
from masking.names.frames import read_frame, write_frame


class NamesPool:
    """Asks `size` processes at most, and waits `patience` seconds for one to be free. Safe to share between threads."""

    def __init__(self, *, size: int = 1, patience: float = 2.0) -> None:
        self._patience = patience
        self._free: LifoQueue[subprocess.Popen[bytes] | None] = LifoQueue()
        self._lock = Lock()
        self._started: list[subprocess.Popen[bytes]] = []
        self._closed = False
        for _ in range(size):
            self._free.put(None)

    def names(self, texts: Sequence[str]) -> list[list[Span]]:
        """The names in each text.

        Raises:
            NamesBusyError: no process became free in time, or the one that was asked ended.
        """
        try:
            process = self._free.get(timeout=self._patience)
        except Empty:
            raise NamesBusyError from None
        kept = None
        try:
            if process is not None and process.poll() is not None:
                self._ended(process)
                process = None
            process = process or self._start()
            assert process.stdin is not None
            assert process.stdout is not None
            write_frame(process.stdin, texts)
            answer = read_frame(process.stdout)
            if answer is None:
                raise NamesBusyError
            kept = process
        except (OSError, ValueError):  # it ended, or this pool was closed meanwhile
            raise NamesBusyError from None
        finally:
            if kept is None and process is not None:
                self._ended(process)
            self._free.put(kept)
        return [[Span(*span) for span in spans] for spans in answer]

    def close(self) -> None:
        """End the processes. Whoever asks afterwards is told that nobody is free."""
        with self._lock:
            self._closed = True
            started, self._started = self._started, []
        for process in started:
            _end(process)

    def _start(self) -> subprocess.Popen[bytes]:
        with self._lock:
            if self._closed:
                raise NamesBusyError
            command = [sys.executable, "-m", "masking.names.serving"]
            process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)  # noqa: S603 - no word of it is anybody's
            self._started.append(process)
            return process

    def _ended(self, process: subprocess.Popen[bytes]) -> None:
        with self._lock:
            self._started = [one for one in self._started if one is not process]
        _end(process)


def _end(process: subprocess.Popen[bytes]) -> None:
    with suppress(OSError):
        process.kill()
    process.wait()
    for stream in (process.stdin, process.stdout):
        if stream is not None:
            with suppress(OSError):
                stream.close()
