"""Records of one category on their way into a package: kept sealed, in a file without a name, under a key that nobody else has.

Holders give categories in any order, and a package has them one after another, twice (JSON, CSV). What is between must not be in
memory, for people with very much data, nor readable on the disk, for nobody. So records are sealed by ChaCha20-Poly1305 under a
key that lives in this object, and lie in a file that was never linked into a directory: when the process dies, both are gone.

    frame   length of the sealed octets (4, big-endian) · sealed octets (nonce: number of the frame, 12, big-endian)
    opened  whole lines, each with its LF

The format never outlives the process that wrote it, and so has no version.
"""

from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryFile
from typing import Self

from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305

FRAME_BYTES = 64 * 1024
_NONCE_BYTES = 12
_LENGTH_BYTES = 4


class Spool:
    """Lines to be written once and read as often as needed. To be closed."""

    def __init__(self, directory: Path) -> None:
        self._file = TemporaryFile(dir=directory)  # noqa: SIM115 - closed by close()
        self._cipher = ChaCha20Poly1305(ChaCha20Poly1305.generate_key())
        self._waiting = bytearray()
        self._frames = 0
        self.count = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def add(self, line: bytes) -> None:
        """Keep a line, which must not hold an LF.

        Raises:
            OSError: the disk does not take it.
        """
        self._waiting += line + b"\n"
        self.count += 1
        if len(self._waiting) >= FRAME_BYTES:
            self._flush()

    def lines(self) -> Iterator[bytes]:
        """Every line in order, without its end. One reader at a time."""
        self._flush()
        self._file.seek(0)
        for number in range(self._frames):
            length = int.from_bytes(self._file.read(_LENGTH_BYTES), "big")
            opened = self._cipher.decrypt(number.to_bytes(_NONCE_BYTES, "big"), self._file.read(length), None)
            yield from opened.removesuffix(b"\n").split(b"\n")

    def close(self) -> None:
        """Let go of everything."""
        self._waiting.clear()
        self._file.close()

    def _flush(self) -> None:
        if self._waiting:
            sealed = self._cipher.encrypt(self._frames.to_bytes(_NONCE_BYTES, "big"), bytes(self._waiting), None)
            self._file.seek(0, 2)
            self._file.write(len(sealed).to_bytes(_LENGTH_BYTES, "big") + sealed)
            self._frames += 1
            self._waiting.clear()
