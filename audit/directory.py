"""One log as a directory of files that never change, and one that does: its checkpoint.

Every file is written beside its place, synced and renamed into it, and then the directories are synced, so that what has a name
is whole and stays. A path is never written twice with other bytes. Once a tile is full its narrower forerunners go; who asks for
one of them gets the beginning of the full tile, which is the same.
"""

import fcntl
import os
import secrets
import shutil
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from mmap import ACCESS_READ, mmap
from pathlib import Path
from typing import overload

from audit.errors import MalformedError, PathOccupiedError
from audit.tile import WIDTH, TilePath, cut, places_in_bundle

CHECKPOINT = "checkpoint"
HOLDER = "holder"
LOCK = "lock"

SYNCED_AT_ONCE = 16

_MODE = 0o700


class LogFiles:
    """The files of one log under `root`."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def read(self, path: TilePath) -> bytes:
        """A tile or bundle of exactly this width, cut from a wider one where that is what there is.

        Raises:
            MalformedError: what lies there is not what its path says.
            OSError: there is none.
        """
        for found in self._holding(path):
            with suppress(FileNotFoundError):
                return cut((self.root / str(found)).read_bytes(), found, path.width)
        raise FileNotFoundError(f"the log has no {path}")

    def bundle(self, path: TilePath) -> "Bundle":
        """The entries of a bundle of exactly this width. Those that nobody asks for are not read from the disk.

        Raises:
            MalformedError: what lies there is not what its path says.
            OSError: there is none.
        """
        for found in self._holding(path):
            with suppress(FileNotFoundError), (self.root / str(found)).open("rb") as file:
                if os.fstat(file.fileno()).st_size == 0:
                    raise MalformedError("a bundle is empty")
                return Bundle(mmap(file.fileno(), 0, access=ACCESS_READ), found.width, path.width)
        raise FileNotFoundError(f"the log has no {path}")

    def _holding(self, path: TilePath) -> Iterator[TilePath]:
        """What may hold a tile or bundle, the likeliest first."""
        yield path
        yield path.full
        yield from self._narrower(path)

    def checkpoint(self) -> bytes | None:
        """The checkpoint that was published last."""
        try:
            return (self.root / CHECKPOINT).read_bytes()
        except FileNotFoundError:
            return None

    def write(self, files: Iterable[tuple[TilePath, bytes]]) -> None:
        """Write tiles and bundles, durable when this returns.

        Raises:
            PathOccupiedError: one was written before, with other bytes.
            OSError: the disk does not take them. Those that have a name are whole.
        """
        touched: set[Path] = set()
        new: list[tuple[Path, bytes]] = []
        filled: list[TilePath] = []
        for path, octets in files:
            target = self.root / str(path)
            if not self._holds(path, octets):
                _make_directories(target.parent, touched)
                touched.add(target.parent)
                new.append((target, octets))
            if path.width == WIDTH:
                filled.append(path)
        _write_all(new)
        _sync_all(touched)
        for path in filled:
            shutil.rmtree(self.root / f"{path}.p", ignore_errors=True)

    def publish(self, note: bytes) -> None:
        """Replace the checkpoint, durable when this returns."""
        _make_directories(self.root, set())
        _write(self.root / CHECKPOINT, note)
        _sync(self.root)

    def _holds(self, path: TilePath, octets: bytes) -> bool:
        try:
            written = (self.root / str(path)).read_bytes()
        except FileNotFoundError:
            return False
        if written != octets:
            raise PathOccupiedError(str(path))
        return True

    def _narrower(self, path: TilePath) -> list[TilePath]:
        """Unfilled tiles at this place that are wide enough, the narrowest first."""
        with suppress(FileNotFoundError):
            names = [one.name for one in (self.root / f"{path.full}.p").iterdir() if one.name.isdecimal()]
            return [TilePath(path.level, path.number, width) for width in sorted(map(int, names)) if width > path.width]
        return []


class Bundle(Sequence[bytes]):
    """The first `width` entries of a bundle that holds `held`. A single entry can be longer than all others together."""

    def __init__(self, octets: mmap, held: int, width: int) -> None:
        self._octets = octets
        self._places = places_in_bundle(octets, held)[:width]

    def __len__(self) -> int:
        return len(self._places)

    @overload
    def __getitem__(self, index: int) -> bytes: ...

    @overload
    def __getitem__(self, index: slice) -> list[bytes]: ...

    def __getitem__(self, index: int | slice) -> bytes | list[bytes]:
        if isinstance(index, slice):
            return [self._octets[start:end] for start, end in self._places[index]]
        start, end = self._places[index]
        return self._octets[start:end]


class LogDirectory:
    """The directory of all logs of a deployment on one host, and who may write into it."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self._lock: int | None = None

    def files(self, log: int) -> LogFiles:
        """The files of a log."""
        return LogFiles(self.root / str(log))

    def latest(self) -> int | None:
        """The number of the newest log that has a checkpoint here."""
        with suppress(FileNotFoundError):
            numbers = [int(one.name) for one in self.root.iterdir() if one.name.isdecimal()]
            return next(
                (one for one in sorted(numbers, reverse=True) if self.files(one).checkpoint() is not None), None
            )
        return None

    def seize(self) -> bool:
        """Become the one process that writes here, unless another is. The kernel lets go when this process ends."""
        if self._lock is None:
            self.root.mkdir(mode=_MODE, parents=True, exist_ok=True)
            handle = os.open(self.root / LOCK, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
            try:
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                os.close(handle)
                return False
            self._lock = handle
        return True

    def release(self) -> None:
        """Let another process write here."""
        if self._lock is not None:
            os.close(self._lock)
            self._lock = None

    def holder(self) -> str:
        """A name that this directory keeps. Whoever holds the directory is the only one to use it, so that a process that died
        with a lease is succeeded at once by the next one here."""
        try:
            return (self.root / HOLDER).read_text("ascii")
        except FileNotFoundError:
            name = secrets.token_hex(8)
            _write(self.root / HOLDER, name.encode())
            return name


def write_durably(target: Path, octets: bytes) -> None:
    """Replace a file in one step, durable when this returns.

    Raises:
        OSError: the disk does not take it; what was there is still there.
    """
    _write(target, octets)
    _sync(target.parent)


def sync_directory(directory: Path) -> None:
    """Make the names in a directory durable."""
    _sync(directory)


def _make_directories(directory: Path, touched: set[Path]) -> None:
    """Make what is missing and note the parents, which must be synced for the new names to last."""
    missing = []
    while not directory.exists():
        missing.append(directory)
        directory = directory.parent
    for one in reversed(missing):
        one.mkdir(mode=_MODE, exist_ok=True)
        touched.add(one.parent)


def _write(target: Path, octets: bytes) -> None:
    _write_all([(target, octets)])


def _write_all(files: Sequence[tuple[Path, bytes]]) -> None:
    """Write files beside their places, sync all of them, and then rename each into its place."""
    named = [(target.with_name(f".{target.name}.{os.getpid()}"), target) for target, _ in files]
    try:
        for (beside, _), (_, octets) in zip(named, files, strict=True):
            handle = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o600)
            with os.fdopen(handle, "wb") as file:
                file.write(octets)
        _sync_all(beside for beside, _ in named)
        for beside, target in named:
            os.rename(beside, target)  # noqa: PTH104 - the step that makes it visible, by its own name
    except BaseException:
        for beside, _ in named:
            with suppress(OSError):
                beside.unlink()
        raise


def _sync_all(paths: Iterable[Path]) -> None:
    """Make files or directories durable. File systems commit what is synced at one time together, so that many at once take
    hardly longer than one."""
    wanted = list(paths)
    if len(wanted) == 1:
        _sync(wanted[0])
    elif wanted:
        with ThreadPoolExecutor(min(SYNCED_AT_ONCE, len(wanted))) as pool:
            list(pool.map(_sync, wanted))


def _sync(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
