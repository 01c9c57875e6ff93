"""Small pictures for tests, full of what does not belong to them."""

import io
from struct import pack
from zlib import crc32

from PIL import Image, PngImagePlugin

CANARY = b"GPS 31.234567,121.498765 canary-of-a-camera"


def _shown(size: tuple[int, int] = (48, 32)) -> Image.Image:
    image = Image.new("RGB", size)
    image.putdata([((x * 5) % 256, (y * 7) % 256, (x * y) % 256) for y in range(size[1]) for x in range(size[0])])
    return image


def jpeg(
    orientation: int = 6, *, progressive: bool = False, size: tuple[int, int] = (48, 32), said: bytes = CANARY
) -> bytes:
    """With Exif, XMP, a colour profile, comments, a thumbnail in JFIF, and more behind its end."""
    image = _shown(size)
    exif = image.getexif()
    exif[0x0112] = orientation
    exif[0x010F] = said.decode()
    out = io.BytesIO()
    image.save(out, "JPEG", exif=exif, comment=said, icc_profile=said, progressive=progressive, quality=90)
    plain = out.getvalue()
    xmp = b"http://ns.adobe.com/xap/1.0/\x00" + said
    return plain[:2] + b"\xff\xe1" + pack(">H", len(xmp) + 2) + xmp + plain[2:] + said


def png() -> bytes:
    """With texts, a time and an unknown chunk, and more behind its end."""
    told = PngImagePlugin.PngInfo()
    told.add_text("Comment", CANARY.decode())
    told.add_itxt("XML:com.adobe.xmp", CANARY.decode())
    out = io.BytesIO()
    _shown().save(out, "PNG", pnginfo=told)
    plain = out.getvalue()
    chunk = b"caNy" + CANARY
    return plain[:33] + pack(">I", len(CANARY)) + chunk + pack(">I", crc32(chunk)) + plain[33:] + CANARY


def webp(*, lossless: bool = False, alpha: bool = False) -> bytes:
    """With Exif, XMP and a colour profile."""
    image = _shown()
    if alpha:
        image.putalpha(90)
    exif = image.getexif()
    exif[0x010F] = CANARY.decode()
    out = io.BytesIO()
    image.save(out, "WEBP", exif=exif, xmp=CANARY, icc_profile=CANARY, lossless=lossless, quality=80)
    return out.getvalue()


def samples(octets: bytes) -> bytes:
    """What a picture shows, without turning it."""
    with Image.open(io.BytesIO(octets)) as image:
        return image.convert("RGBA").tobytes()


def turned(octets: bytes) -> int:
    """The orientation that a picture tells."""
    with Image.open(io.BytesIO(octets)) as image:
        return int(image.getexif().get(0x0112, 1))


MADE_PNG = png()
