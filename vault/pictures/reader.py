"""Reading octets of a picture as they come, in constant memory and up to a bound."""

from collections.abc import Iterator
from typing import BinaryIO

AT_ONCE = 64 * 1024


class PictureError(ValueError):
    """Octets that are no picture as they must be. `code` is unknown_format, heic, cut, malformed, animated or too_large."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


class Reader:
    """Gives octets of a source in pieces. Every member raises PictureError: `cut` where the source ends too early, `too_large`
    where it goes beyond the bound."""

    def __init__(self, source: BinaryIO, *, at_most: int) -> None:
        self._source = source
        self._left = at_most
        self._buffer = bytearray()  # From its front, octets are taken without moving the others.

    def take(self, count: int) -> bytes:
        """The next `count` octets."""
        while len(self._buffer) < count:
            self._fill()
        return self._taken(count)

    def pieces(self, count: int) -> Iterator[bytes]:
        """The next `count` octets, in pieces."""
        while count:
            if not self._buffer:
                self._fill()
            piece = self._taken(min(count, len(self._buffer)))
            count -= len(piece)
            yield piece

    def scan(self) -> Iterator[bytes]:
        """Entropy-coded data of a JPEG, up to the marker that ends it, which stays (ITU-T T.81 sections B.1.1.2 and B.1.1.5):
        X'FF' is followed there by X'00', or is a restart marker. Fill octets before a marker are left out."""
        looked = 0
        while True:
            found = self._buffer.find(b"\xff", looked)
            if found < 0 or found + 1 == len(self._buffer):
                if whole := len(self._buffer) if found < 0 else found:
                    yield self._taken(whole)
                looked = 0
                self._fill()
                continue
            following = self._buffer[found + 1]
            if following == 0x00 or 0xD0 <= following <= 0xD7:
                looked = found + 2
                continue
            if found:
                yield self._taken(found)
            if following != 0xFF:
                return
            self._taken(1)
            looked = 0

    def _taken(self, count: int) -> bytes:
        taken = bytes(self._buffer[:count])
        del self._buffer[:count]
        return taken

    def _fill(self) -> None:
        more = self._source.read(AT_ONCE)
        if not more:
            raise PictureError("cut")
        self._left -= len(more)
        if self._left < 0:
            raise PictureError("too_large")
        self._buffer += more
