"""A ZIP archive as a stream: octets as they come, nothing to seek in, in memory that does not grow with its members."""

import stat
import zipfile
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from hashlib import sha256
from typing import NamedTuple

BLOCK_BYTES = 64 * 1024


class Listed(NamedTuple):
    """A member as the manifest lists it; the digest is SHA-256 in hexadecimal."""

    name: str
    length: int
    digest: str


class _Sink:
    """What zipfile writes to: it can neither seek nor tell, so that lengths and sums go behind the members."""

    def __init__(self) -> None:
        self._waiting = bytearray()

    def write(self, octets: bytes) -> int:
        self._waiting += octets
        return len(octets)

    def flush(self) -> None:
        """Nothing lies anywhere else."""

    def take(self) -> bytes:
        octets = bytes(self._waiting)
        self._waiting.clear()
        return octets


class ZipStream:
    """An archive that is being written. `at` is the time of its members, in milliseconds since the epoch."""

    def __init__(self, at: int) -> None:
        self._sink = _Sink()
        self._archive = zipfile.ZipFile(self._sink, "w")  # type: ignore[call-overload]  # it writes and flushes only, which does
        self._time = datetime.fromtimestamp(at / 1000, UTC).timetuple()[:6]
        self.listed: list[Listed] = []

    def add(self, name: str, octets: Iterable[bytes]) -> Iterator[bytes]:
        """The archive's octets of one more member, which is listed once they have all been taken."""
        info = zipfile.ZipInfo(name, self._time)
        info.create_system = 3
        info.external_attr = (stat.S_IFREG | 0o600) << 16
        info.compress_type = zipfile.ZIP_DEFLATED
        digest, length = sha256(), 0
        with self._archive.open(info, "w", force_zip64=True) as member:
            for piece in _blocks(octets):
                member.write(piece)
                digest.update(piece)
                length += len(piece)
                yield self._sink.take()
        self.listed.append(Listed(name, length, digest.hexdigest()))
        yield self._sink.take()

    def end(self) -> Iterator[bytes]:
        """The archive's last octets."""
        self._archive.close()
        yield self._sink.take()


def _blocks(octets: Iterable[bytes]) -> Iterator[bytes]:
    """The octets in pieces that are worth a call each."""
    waiting = bytearray()
    for piece in octets:
        waiting += piece
        if len(waiting) >= BLOCK_BYTES:
            yield bytes(waiting)
            waiting.clear()
    if waiting:
        yield bytes(waiting)
