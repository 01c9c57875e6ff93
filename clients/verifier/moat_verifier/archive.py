"""Reading a ZIP archive that somebody else made, without trusting anything it says about itself.

Refused before a byte is unpacked: names that are absolute, climb, link or repeat; other methods, encryption, comments; members
that overlap; more members, bytes or expansion than the bounds allow.
"""

import re
import stat
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import IO, Self

from moat_verifier.errors import CannotCheckError, TamperedError

MEMBERS_AT_MOST = 1_000_000
BYTES_AT_MOST = 64 * 1024**3
RATIO_AT_MOST = 100

_NAME = re.compile(r"[A-Za-z0-9._-]+(?:/[A-Za-z0-9._-]+)*")
_LOCAL_HEADER_BYTES = 30
_SMALL_BYTES = 1024 * 1024
_CHUNK_BYTES = 256 * 1024
_ENCRYPTED = 0x1


@dataclass(frozen=True, slots=True)
class Bounds:
    """How much an archive may hold. `ratio` is asked of members over 1 MiB."""

    members: int = MEMBERS_AT_MOST
    total_bytes: int = BYTES_AT_MOST
    ratio: int = RATIO_AT_MOST


class ZipSource:
    """The members of an archive. To be closed.

    Raises:
        CannotCheckError: it is no archive or goes beyond the bounds.
        TamperedError: it breaks a rule for archives.
    """

    def __init__(self, path: Path, bounds: Bounds) -> None:
        try:
            self._file = zipfile.ZipFile(path)
        except (OSError, zipfile.BadZipFile, ValueError, NotImplementedError):
            raise CannotCheckError("the archive cannot be read as ZIP") from None
        try:
            self.members = _members(self._file, path.stat().st_size, bounds)
        except BaseException:
            self._file.close()
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._file.close()

    def read(self, path: str, *, limit: int) -> bytes | None:
        info = self.members.get(path)
        if info is None:
            return None
        if info.file_size > limit:
            raise TamperedError(path, "is longer than it can be")
        return b"".join(self.chunks(path))

    def chunks(self, path: str) -> Iterator[bytes]:
        """The bytes of a member, piece by piece, checked against its CRC at the end.

        Raises:
            TamperedError: the member is damaged.
        """
        try:
            with self._file.open(self.members[path]) as member:
                yield from iter(lambda: member.read(_CHUNK_BYTES), b"")
        except (zipfile.BadZipFile, zlib.error, EOFError, OSError, NotImplementedError, RuntimeError):
            raise TamperedError(path, "cannot be unpacked") from None

    def stream(self, path: str) -> IO[bytes]:
        """A member to be read in pieces; errors while reading are those of `zipfile`."""
        return self._file.open(self.members[path])


def _members(file: zipfile.ZipFile, archive_bytes: int, bounds: Bounds) -> dict[str, zipfile.ZipInfo]:
    infos = file.infolist()
    if len(infos) > bounds.members:
        raise CannotCheckError(f"the archive has more than {bounds.members} members")
    if sum(info.file_size for info in infos) > bounds.total_bytes:
        raise CannotCheckError(f"the archive unpacks to more than {bounds.total_bytes} bytes")
    if file.comment:
        raise TamperedError("archive", "has a comment")
    members: dict[str, zipfile.ZipInfo] = {}
    folded: set[str] = set()
    for info in infos:
        _check_member(info, bounds)
        if info.filename.lower() in folded:
            raise TamperedError("archive", "has two members of one name")
        folded.add(info.filename.lower())
        members[info.filename] = info
    _check_places(infos, archive_bytes)
    return members


def _check_member(info: zipfile.ZipInfo, bounds: Bounds) -> None:
    name = info.filename
    if info.orig_filename != name or not _NAME.fullmatch(name) or any(part in {".", ".."} for part in name.split("/")):
        raise TamperedError("archive", "has a member whose name is not allowed")
    if stat.S_IFMT(info.external_attr >> 16) not in {0, stat.S_IFREG}:
        raise TamperedError(name, "is not a regular file")
    if info.flag_bits & _ENCRYPTED or info.compress_type not in {zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED}:
        raise TamperedError(name, "is encrypted or packed by another method")
    if info.file_size > _SMALL_BYTES and info.file_size > bounds.ratio * max(info.compress_size, 1):
        raise CannotCheckError(f"{name} expands more than {bounds.ratio} times")


def _check_places(infos: list[zipfile.ZipInfo], archive_bytes: int) -> None:
    """That the archive begins with a member and no byte of it belongs to two members."""
    end = 0
    for info in sorted(infos, key=lambda info: info.header_offset):
        if info.header_offset < end or (end == 0 and info.header_offset):
            raise TamperedError("archive", "has bytes before its members, or members that overlap")
        end = info.header_offset + _LOCAL_HEADER_BYTES + len(info.filename) + info.compress_size
    if end > archive_bytes:
        raise TamperedError("archive", "ends before its members do")
