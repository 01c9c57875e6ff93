"""Looks for what must not be there, however it is written."""

import re
import unicodedata
from base64 import b64decode
from binascii import Error
from collections.abc import Iterable, Iterator
from urllib.parse import unquote

_BASE64 = re.compile(r"[A-Za-z0-9+/=_-]{8,}")
_HEX = re.compile(r"(?:[0-9A-Fa-f]{2}[ :-]?){8,}")


def leaks(message: bytes, needles: Iterable[str]) -> set[str]:
    """Those of `needles` that `message` says: plainly, with separators between, URL-escaped, in base64, in hex, in full-width or
    turned round."""
    views = list(_views(message.decode("utf-8", errors="replace")))
    return {needle for needle in needles if any(needle.casefold() in view for view in views)}


def _views(text: str) -> Iterator[str]:
    for plain in {text, unquote(text), unquote(unquote(text))}:
        normal = unicodedata.normalize("NFKC", plain).casefold()
        close = "".join(filter(str.isalnum, normal))
        yield from (normal, close, normal[::-1], close[::-1])
    for run in _BASE64.findall(text):
        for offset in range(4):
            yield from _decoded(run[offset:])
    for run in _HEX.findall(text):
        digits = re.sub("[^0-9A-Fa-f]", "", run)
        for shift in (0, 1):
            even = digits[shift : shift + (len(digits) - shift) // 2 * 2]
            yield bytes.fromhex(even).decode("latin-1").casefold()


def _decoded(run: str) -> Iterator[str]:
    standard = run.translate(str.maketrans("-_", "+/")).rstrip("=")
    standard = standard[: len(standard) - (len(standard) % 4 == 1)]
    try:
        yield b64decode(standard + "=" * (-len(standard) % 4)).decode("latin-1").casefold()
    except (Error, ValueError):
        return
