"""A PNG without anything but the picture (W3C PNG, third edition, sections 5 and 11).

Kept are the critical chunks, and those that say how samples are to be shown. Everything else goes: texts, times, Exif, colour
profiles, further frames, chunks that nobody knows, and whatever follows the end. Checksums are verified; no sample is decoded.
"""

from collections.abc import Iterator
from struct import pack, unpack
from zlib import crc32

from vault.pictures.reader import PictureError, Reader

SIGNATURE = b"\x89PNG\r\n\x1a\n"
_SHOWN = frozenset({b"PLTE", b"tRNS", b"gAMA", b"cHRM", b"sRGB", b"sBIT", b"bKGD", b"pHYs", b"hIST"})
_SMALL = 1024
"""Octets of such a chunk at most: a palette has 768."""
_LARGEST = 2**31 - 1
_ANCILLARY = 0x20


def stripped_png(reader: Reader) -> Iterator[bytes]:
    """The pieces of a picture, of which the signature has been read.

    Raises:
        PictureError: it is not a well-formed PNG.
    """
    yield SIGNATURE
    first, data = True, False
    while True:
        length, name = unpack(">I4s", reader.take(8))
        if length > _LARGEST or not name.isalpha() or first != (name == b"IHDR") or (first and length != 13):
            raise PictureError("malformed")
        first = False
        if name == b"IDAT":
            data = True
            yield pack(">I4s", length, name)
            yield from _checked(reader, name, length)
            continue
        if name == b"IEND":
            if length or not data:
                raise PictureError("malformed")
            yield pack(">I4s", 0, name) + b"".join(_checked(reader, name, 0))
            return
        kept = name == b"IHDR" or name in _SHOWN
        if not kept and not name[0] & _ANCILLARY:
            raise PictureError("malformed")
        if kept and length > _SMALL:
            raise PictureError("malformed")
        chunk = _checked(reader, name, length)
        if kept:
            yield pack(">I4s", length, name) + b"".join(chunk)
        else:
            for _ in chunk:
                pass


def _checked(reader: Reader, name: bytes, length: int) -> Iterator[bytes]:
    """The octets of a chunk and its checksum, which must be right."""
    checksum = crc32(name)
    for piece in reader.pieces(length):
        checksum = crc32(piece, checksum)
        yield piece
    told = reader.take(4)
    if told != pack(">I", checksum):
        raise PictureError("malformed")
    yield told
