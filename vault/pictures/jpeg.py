"""A JPEG without anything but the picture (ITU-T T.81; JFIF 1.02; Exif 2.32 section 4.5).

Kept are the segments that a decoder needs, JFIF's density without its thumbnail, Adobe's segment, which says what the colours
are, and of Exif the orientation alone, without which pictures of phones lie on their side. Everything else goes: Exif with
places, times, makes and thumbnails, XMP, IPTC, colour profiles, comments, and whatever follows the end of the picture. No sample
is decoded.
"""

from collections.abc import Iterator
from struct import pack, unpack

from vault.pictures.reader import PictureError, Reader

SOI, EOI, SOS = 0xD8, 0xD9, 0xDA
_APP0, _APP1, _APP14, _APP15, _COM = 0xE0, 0xE1, 0xEE, 0xEF, 0xFE
_NEEDED = frozenset({0xC4, 0xCC, 0xDB, 0xDC, 0xDD, SOS}) | (frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC})
_FRAMES = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
_EXIF = b"Exif\x00\x00"
_ORIENTATION = 0x0112
_SHORT = 3


def stripped_jpeg(reader: Reader) -> Iterator[bytes]:
    """The pieces of a picture, of which the first two octets have been read.

    Raises:
        PictureError: it is not a well-formed JPEG.
    """
    yield bytes((0xFF, SOI))
    framed = scanned = turned = False
    while True:
        code = _marker(reader)
        if code == EOI:
            if not scanned:
                raise PictureError("malformed")
            yield bytes((0xFF, EOI))
            return
        payload = _payload(reader, code)
        if code in _NEEDED:
            framed |= code in _FRAMES
            yield _segment(code, payload)
            if code == SOS:
                if not framed:
                    raise PictureError("malformed")
                scanned = True
                yield from reader.scan()
        elif code == _APP1 and not turned and (orientation := orientation_of(payload)) > 1:
            turned = True
            yield _segment(_APP1, _exif(orientation))
        elif code == _APP0 and payload[:5] == b"JFIF\x00" and len(payload) >= 14:
            yield _segment(_APP0, payload[:12] + b"\x00\x00")
        elif code == _APP14 and payload[:5] == b"Adobe" and len(payload) == 12:
            yield _segment(_APP14, payload)


def orientation_of(payload: bytes) -> int:
    """The orientation that an Exif segment tells, 1 to 8; 1 where it tells none."""
    if not payload.startswith(_EXIF):
        return 1
    tiff = payload[len(_EXIF) :]
    order = {b"II*\x00": "<", b"MM\x00*": ">"}.get(tiff[:4])
    if order is None or len(tiff) < 8:
        return 1
    (at,) = unpack(f"{order}I", tiff[4:8])
    if at + 2 > len(tiff):
        return 1
    (count,) = unpack(f"{order}H", tiff[at : at + 2])
    for place in range(at + 2, min(at + 2 + 12 * count, len(tiff) - 11), 12):
        tag, kind, values, value = unpack(f"{order}HHIH", tiff[place : place + 10])
        if tag == _ORIENTATION:
            return value if kind == _SHORT and values == 1 and 1 <= value <= 8 else 1
    return 1


def _exif(orientation: int) -> bytes:
    """An Exif segment that says nothing but the orientation."""
    return _EXIF + b"MM\x00*" + pack(">IHHHIHHI", 8, 1, _ORIENTATION, _SHORT, 1, orientation, 0, 0)


def _marker(reader: Reader) -> int:
    if reader.take(1) != b"\xff":
        raise PictureError("malformed")
    code = 0xFF
    while code == 0xFF:  # Any number of fill octets may stand before the code.
        code = reader.take(1)[0]
    return code


def _payload(reader: Reader, code: int) -> bytes:
    """What is in a segment. Markers without one have no place between segments."""
    if code not in _NEEDED and not _APP0 <= code <= _APP15 and code != _COM:
        raise PictureError("malformed")
    (length,) = unpack(">H", reader.take(2))
    if length < 2:
        raise PictureError("malformed")
    return reader.take(length - 2)


def _segment(code: int, payload: bytes) -> bytes:
    return bytes((0xFF, code)) + pack(">H", len(payload) + 2) + payload
