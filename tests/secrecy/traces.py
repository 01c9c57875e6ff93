"""Finding texts in bytes, in every encoding in which they could have got there.

A long list of patterns goes over each file at once: the first four bytes of all patterns are looked up by two tables of bits,
and only the few places where both agree are compared.
"""

import base64
import html
import json
import zipfile
from collections.abc import Iterable, Iterator
from pathlib import Path
from urllib.parse import quote

import numpy as np

SHORTEST = 6
"""Patterns of fewer bytes would be found by chance."""

_SEPARATORS = str.maketrans("", "", " -.,·()+@_年月日")


def writings(text: str) -> Iterator[tuple[str, bytes]]:
    """The encodings of a text by name."""
    plain = text.encode()
    yield "utf-8", plain
    yield "utf-16-le", text.encode("utf-16-le")
    yield "utf-16-be", text.encode("utf-16-be")
    yield "gb18030", text.encode("gb18030")
    for name, encoded in (("utf-8", plain), ("gb18030", text.encode("gb18030"))):
        yield f"hex of {name}", encoded.hex().encode()
        yield f"HEX of {name}", encoded.hex().upper().encode()
        for offset in range(3):
            for kind, alphabet in (("base64", base64.b64encode), ("base64url", base64.urlsafe_b64encode)):
                yield f"{kind} of {name} at {offset}", _inside(alphabet(b"\0" * offset + encoded), offset, len(encoded))
    yield "url", quote(text, safe="").encode()
    yield "url, lower case", quote(text, safe="").lower().encode()
    yield "url of gb18030", quote(text.encode("gb18030"), safe="").encode()
    escaped = json.dumps(text)[1:-1]
    yield "json", escaped.encode()
    yield "JSON", escaped.upper().replace("\\U", "\\u").encode()
    yield "python", repr(plain)[2:-1].encode()
    yield "html", html.escape(text).encode()
    yield "reversed", text[::-1].encode()
    yield "separators removed", text.translate(_SEPARATORS).encode()
    yield "separators removed, reversed", text.translate(_SEPARATORS)[::-1].encode()


def _inside(encoded: bytes, offset: int, length: int) -> bytes:
    """The digits of a base64 text that depend on nothing but the bytes from `offset` on."""
    first = -(-offset * 8 // 6)
    return encoded[first : (offset + length) * 8 // 6]


class Traces:
    """Searches bytes for all writings of some texts."""

    def __init__(self, texts: Iterable[str]) -> None:
        self._patterns: dict[bytes, list[tuple[bytes, str]]] = {}
        self._first = np.zeros(1 << 16, dtype=bool)
        self._second = np.zeros(1 << 16, dtype=bool)
        for text in dict.fromkeys(texts):
            for name, pattern in writings(text):
                if len(pattern) >= SHORTEST:
                    self._add(pattern, f"{text!r} as {name}")

    def _add(self, pattern: bytes, label: str) -> None:
        known = self._patterns.setdefault(pattern[:4], [])
        if all(pattern != other for other, _ in known):
            known.append((pattern, label))
        self._first[int.from_bytes(pattern[:2], "little")] = True
        self._second[int.from_bytes(pattern[2:4], "little")] = True

    def within(self, data: bytes) -> set[str]:
        """What is found in `data`."""
        if len(data) < SHORTEST:
            return set()
        octets = np.frombuffer(data, dtype=np.uint8).astype(np.uint16)
        pairs = octets[:-1] | (octets[1:] << 8)
        places = np.flatnonzero(self._first[pairs[:-2]] & self._second[pairs[2:]])
        return {
            label
            for place in places.tolist()
            for pattern, label in self._patterns.get(data[place : place + 4], ())
            if data.startswith(pattern, place)
        }

    def in_files(self, files: Iterable[Path]) -> list[str]:
        """What is found in the bytes and in the names of files, each with the file."""
        found = []
        for path in files:
            pieces = [path.name.encode(), path.read_bytes(), *_unpacked(path)]
            labels = set().union(*map(self.within, pieces))
            found += [f"{label} in {path.name}" for label in sorted(labels)]
        return found


def _unpacked(path: Path) -> list[bytes]:
    """The members of an archive, which its own bytes may hold compressed."""
    if not zipfile.is_zipfile(path):
        return []
    with zipfile.ZipFile(path) as archive:
        return [archive.read(name) for name in archive.namelist()]
