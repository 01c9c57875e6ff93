"""Places outside the database that remember checkpoints, so that a database put back from a copy is noticed.

Both hold, as a witness does (c2sp.org/tlog-witness), the latest checkpoint of a log at <sha256 of its origin>/checkpoint.
"""

from collections.abc import Callable, Sequence
from pathlib import Path

from audit.directory import CHECKPOINT, write_durably
from audit.errors import RefusedError
from audit.origin import directory_of


class DirectoryAnchor:
    """A directory on another disk or host, where every published checkpoint is kept.

    It must exist: an anchor that is not mounted must not look like one that remembers nothing.
    """

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        self.name = str(directory)

    def checkpoints(self, origin: str) -> Sequence[bytes]:
        """The checkpoint that was kept last.

        Raises:
            RefusedError: the directory is not there.
            OSError: it cannot be read.
        """
        if not self._directory.is_dir():
            raise RefusedError(
                f"the anchor {self.name} is not a directory: mount it, or make it if nothing was ever kept there"
            )
        kept = self._directory / directory_of(origin) / CHECKPOINT
        return [kept.read_bytes()] if kept.exists() else []

    def keep(self, note: bytes) -> None:
        """Replace the log's checkpoint.

        Raises:
            OSError: the directory does not take it.
        """
        place = self._directory / directory_of(note.partition(b"\n")[0].decode())
        place.mkdir(exist_ok=True)
        write_durably(place / CHECKPOINT, note)


class UrlAnchor:
    """An address that remembers checkpoints by itself, such as a witness or an auditor's copy. `fetch` gives None for 404.

    `fetch` raises OSError when it gets no answer.
    """

    def __init__(self, url: str, fetch: Callable[[str], bytes | None]) -> None:
        self.name = url.rstrip("/")
        self._fetch = fetch

    def checkpoints(self, origin: str) -> Sequence[bytes]:
        """The checkpoint that the address has."""
        found = self._fetch(f"{self.name}/{directory_of(origin)}/{CHECKPOINT}")
        return [] if found is None else [found]

    def keep(self, note: bytes) -> None:
        """Nothing: who keeps that address fetches or is sent checkpoints on another way."""
