"""Where packages lie: `<id>.age` once one is whole, `.<id>.partial` while it is written. Both are ciphertext.

A file is there for its row, and goes when the row does: whatever ends a package only changes its row, and the sweep removes what
has none, so that no kill leaves a file behind.
"""

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import IO
from uuid import UUID

_MODE = 0o600
_DIRECTORY_MODE = 0o700


class Counted:
    """A file that is being written, with the length and SHA-256 of what went into it."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file
        self._digest = sha256()
        self.size = 0

    def write(self, octets: bytes) -> int:
        self._file.write(octets)
        self._digest.update(octets)
        self.size += len(octets)
        return len(octets)

    def flush(self) -> None:
        self._file.flush()

    @property
    def digest(self) -> bytes:
        """The SHA-256 of everything so far."""
        return self._digest.digest()


@dataclass(frozen=True, slots=True)
class Shelf:
    """The directory of packages of this host."""

    root: Path

    def path(self, package: UUID) -> Path:
        """Where a package lies once it is whole."""
        return self.root / f"{package}.age"

    def prepare(self) -> Path:
        """The directory, made if it is missing."""
        self.root.mkdir(mode=_DIRECTORY_MODE, parents=True, exist_ok=True)
        return self.root

    @contextmanager
    def written(self, package: UUID) -> Iterator[Counted]:
        """A file to write, which is in its place, whole and durable, when this ends; unless something is raised.

        Raises:
            OSError: the disk does not take it.
        """
        draft = self.prepare() / f".{package}.partial"
        descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, _MODE)
        try:
            with open(descriptor, "wb") as file:  # noqa: PTH123 - a descriptor, not a path
                yield Counted(file)
                file.flush()
                os.fsync(descriptor)
            draft.rename(self.path(package))
            self._sync()
        except BaseException:
            draft.unlink(missing_ok=True)
            raise

    def remove(self, package: UUID) -> None:
        """Remove whatever there is of a package."""
        self.path(package).unlink(missing_ok=True)
        (self.root / f".{package}.partial").unlink(missing_ok=True)

    def sweep(self, keeps: Callable[[], set[UUID]]) -> int:
        """Remove every file of a package that is not among those that `keeps` gives; tells how many files that were.

        The files are listed first: a package that begins meanwhile has its row before its file.
        """
        with suppress(FileNotFoundError):
            found = [(path, package) for path in self.root.iterdir() if (package := _package_of(path)) is not None]
            kept = keeps() if found else set()
            gone = [path for path, package in found if package not in kept]
            for path in gone:
                path.unlink(missing_ok=True)
            return len(gone)
        return 0

    def _sync(self) -> None:
        descriptor = os.open(self.root, os.O_RDONLY | os.O_DIRECTORY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def _package_of(path: Path) -> UUID | None:
    with suppress(ValueError):
        return UUID(path.name.removeprefix(".").removesuffix(".age").removesuffix(".partial"))
    return None
