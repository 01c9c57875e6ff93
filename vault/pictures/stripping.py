"""Taking out of a picture what does not belong to what it shows, while it comes in. Its beginning says which format it has."""

from collections.abc import Iterator
from enum import StrEnum
from itertools import chain
from typing import BinaryIO, NamedTuple

from vault.pictures.jpeg import SOI, stripped_jpeg
from vault.pictures.png import SIGNATURE, stripped_png
from vault.pictures.reader import PictureError, Reader
from vault.pictures.webp import stripped_webp

_HEIF_BRANDS = frozenset({b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1", b"msf1", b"heif", b"avif"})
"""What a file of HEIF or AVIF says that it is (ISO/IEC 23008-12 section 10, after the box `ftyp` of ISO/IEC 14496-12)."""


class Format(StrEnum):
    """The formats that are taken."""

    JPEG = "jpeg"
    PNG = "png"
    WEBP = "webp"


class Stripped(NamedTuple):
    """A picture on its way: its format and its pieces, which may raise PictureError while they are read."""

    format: Format
    pieces: Iterator[bytes]


def strip(source: BinaryIO, *, at_most: int) -> Stripped:
    """What of `source` is the picture, in constant memory.

    Raises:
        PictureError: it begins like none of the formats; `heic` where a phone wrote it as phones do by default.
    """
    reader = Reader(source, at_most=at_most)
    if (head := reader.take(2)) == bytes((0xFF, SOI)):
        return Stripped(Format.JPEG, stripped_jpeg(reader))
    head += reader.take(6)
    if head == SIGNATURE:
        return Stripped(Format.PNG, stripped_png(reader))
    if head[:4] == b"RIFF" and reader.take(4) == b"WEBP":
        return Stripped(Format.WEBP, stripped_webp(reader))
    if head[4:] == b"ftyp" and reader.take(4) in _HEIF_BRANDS:
        raise PictureError("heic")
    raise PictureError("unknown_format")


def in_chunks(pieces: Iterator[bytes], size: int) -> Iterator[tuple[bytes, bool]]:
    """The same octets in chunks of `size`, each with whether it is the last."""
    waiting = b""
    for piece in chain(pieces, (b"",)):
        waiting += piece
        while len(waiting) > size:  # One octet more shows that the chunk is not the last.
            yield waiting[:size], False
            waiting = waiting[size:]
    yield waiting, True
