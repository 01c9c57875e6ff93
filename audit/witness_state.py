"""What a witness has signed last of each log, as files that outlive it.

<directory>/<SHA-256 of the origin, hexadecimal>/checkpoint    the note, with the witness's line
<directory>/<SHA-256 of the origin, hexadecimal>/lock          whose holder alone may replace it
"""

import fcntl
import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from audit.directory import CHECKPOINT, LOCK, sync_directory, write_durably
from audit.origin import directory_of

_ORIGIN_HASH = re.compile(r"[0-9a-f]{64}")


class Held:
    """A log's checkpoint while nobody else can change it."""

    def __init__(self, directory: Path) -> None:
        self._path = directory / CHECKPOINT

    def latest(self) -> bytes | None:
        """The checkpoint, if there was one."""
        return self._path.read_bytes() if self._path.exists() else None

    def replace(self, note: bytes) -> None:
        """Keep another one, durable when this returns.

        Raises:
            OSError: the disk does not take it; the one before is still there.
        """
        write_durably(self._path, note)


class WitnessState:
    """Checkpoints under a directory, shared by the threads and processes of a witness."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory

    @contextmanager
    def exclusive(self, origin: str) -> Iterator[Held]:
        """Hold a log's checkpoint. The kernel lets go when the process ends, however it does.

        Raises:
            OSError: the directory cannot be used.
        """
        place = self._directory / directory_of(origin)
        if not place.is_dir():
            place.mkdir(mode=0o700, parents=True, exist_ok=True)
            sync_directory(self._directory)
        handle = os.open(place / LOCK, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(handle, fcntl.LOCK_EX)  # of the open file, so that two threads exclude each other, too
            yield Held(place)
        finally:
            os.close(handle)

    def read(self, origin_hash: str) -> bytes | None:
        """The checkpoint signed last, for whoever asks. None for what is no hash of an origin."""
        if not _ORIGIN_HASH.fullmatch(origin_hash):
            return None
        return Held(self._directory / origin_hash).latest()
