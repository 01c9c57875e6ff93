"""A WebP without anything but the picture (RFC 9649).

Kept are the bitstream (VP8 or VP8L) and its alpha channel; of the header of the extended form, size and whether there is alpha.
Everything else goes: Exif, XMP, colour profiles, chunks that nobody knows, and whatever follows the bitstream. A file of frames
is refused. No sample is decoded.

The length of the whole stands at the head, so it must be known before the first octet goes out. It is: what is kept before the
bitstream is small, and nothing after it is kept.
"""

from collections.abc import Iterator
from struct import pack, unpack

from vault.pictures.reader import PictureError, Reader

_EXTENDED = b"VP8X"
_BITSTREAMS = frozenset({b"VP8 ", b"VP8L"})
_ALPHA = b"ALPH"
_ALPHA_AT_MOST = 1024 * 1024
_HAS_ALPHA, _ANIMATED = 0x10, 0x02


def stripped_webp(reader: Reader) -> Iterator[bytes]:
    """The pieces of a picture, of which `RIFF`, the length and `WEBP` have been read.

    Raises:
        PictureError: it is not a well-formed WebP of one picture.
    """
    extended = alpha = b""
    place = 0
    while True:
        name, length = unpack("<4sI", reader.take(8))
        if name in _BITSTREAMS:
            break
        if name == _EXTENDED:
            if place or length != 10:
                raise PictureError("malformed")
            extended = _header(reader.take(10))
        elif name == _ALPHA and extended and not alpha:
            if length > _ALPHA_AT_MOST:
                raise PictureError("malformed")
            alpha = reader.take(length + length % 2)[:length]
        elif name in {b"ANIM", b"ANMF"}:
            raise PictureError("animated")
        elif not extended:
            raise PictureError("malformed")
        else:
            for _ in reader.pieces(length + length % 2):
                pass
        place += 1
    kept = (_chunk(_EXTENDED, extended) if extended else b"") + (_chunk(_ALPHA, alpha) if alpha else b"")
    yield b"RIFF" + pack("<I", 4 + len(kept) + 8 + length + length % 2) + b"WEBP" + kept + name + pack("<I", length)
    yield from reader.pieces(length)
    if length % 2:
        reader.take(1)
        yield b"\x00"


def _header(octets: bytes) -> bytes:
    if octets[0] & _ANIMATED:
        raise PictureError("animated")
    return bytes((octets[0] & _HAS_ALPHA,)) + b"\x00\x00\x00" + octets[4:]


def _chunk(name: bytes, octets: bytes) -> bytes:
    return name + pack("<I", len(octets)) + octets + bytes(len(octets) % 2)
