"""Where the bytes of a log come from. Every read is bounded by what the caller expects to find."""

import stat
from pathlib import Path
from typing import Protocol

from moat_verifier.errors import CannotCheckError, TamperedError


class Source(Protocol):
    """A place with named bytes, such as a directory, an archive or a web address."""

    def read(self, path: str, *, limit: int) -> bytes | None:
        """The bytes under `path`, or None where there is nothing.

        Raises:
            TamperedError: there are more than `limit` bytes.
            CannotCheckError: they cannot be read.
        """
        ...


class DirectorySource:
    """A directory of this machine. Links are not followed."""

    def __init__(self, root: Path) -> None:
        self._root = root

    def read(self, path: str, *, limit: int) -> bytes | None:
        place = self._root / path
        try:
            if not stat.S_ISREG(place.lstat().st_mode):
                raise TamperedError(path, "is not a regular file")
            with place.open("rb") as file:
                content = file.read(limit + 1)
        except (FileNotFoundError, NotADirectoryError):
            return None
        except OSError:
            raise CannotCheckError(f"{path} cannot be read") from None
        if len(content) > limit:
            raise TamperedError(path, "is longer than it can be")
        return content


class Within:
    """Part of another source: everything under a prefix."""

    def __init__(self, source: Source, prefix: str) -> None:
        self._source = source
        self._prefix = prefix

    def read(self, path: str, *, limit: int) -> bytes | None:
        return self._source.read(self._prefix + path, limit=limit)
