"""Files of pages: style, scripts. Their address holds a digest of what they are, so that a browser asks for each once, and a new
version is another address. They are packed once, at the start: they hold nothing secret that a packed length could tell of.
"""

import gzip
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from hashlib import sha256
from pathlib import Path

from flask import Blueprint, Response, request

from web.auth import public
from web.edge_problems import NOT_FOUND
from web.problems import ProblemError

PREFIX = "/static"
FOREVER = "public, max-age=31536000, immutable"

_TYPES = {".css": "text/css; charset=utf-8", ".js": "text/javascript; charset=utf-8", ".svg": "image/svg+xml"}


@dataclass(frozen=True, slots=True)
class Asset:
    """One file, plain and packed."""

    digest: str
    media_type: str
    plain: bytes
    packed: bytes


class Assets:
    """The files in some directories, by name."""

    def __init__(self, directories: Iterable[Path]) -> None:
        files = [file for directory in directories for file in sorted(directory.iterdir()) if file.suffix in _TYPES]
        self._assets: Mapping[str, Asset] = {file.name: _asset(file) for file in files}

    def url(self, name: str) -> str:
        """The address of a file.

        Raises:
            KeyError: there is none of this name.
        """
        return f"{PREFIX}/{self._assets[name].digest}/{name}"

    def blueprint(self) -> Blueprint:
        """What serves them."""
        pages = Blueprint("static_files", __name__)
        pages.add_url_rule(f"{PREFIX}/<digest>/<name>", "file", public(self.file))
        return pages

    def file(self, digest: str, name: str) -> Response:
        """One file, as this version has it."""
        asset = self._assets.get(name)
        if asset is None or asset.digest != digest:
            raise ProblemError(NOT_FOUND)
        packs = request.accept_encodings.quality("gzip") > 0
        answer = Response(asset.packed if packs else asset.plain, content_type=asset.media_type)
        answer.headers["Cache-Control"] = FOREVER
        answer.headers["Vary"] = "Accept-Encoding"
        if packs:
            answer.headers["Content-Encoding"] = "gzip"
        return answer


@cache
def shipped(roots: tuple[Path, ...]) -> Assets:
    """The files of all packages of pages in some directories."""
    return Assets([found for root in roots for found in sorted(root.glob("*/static"))])


def _asset(file: Path) -> Asset:
    octets = file.read_bytes()
    packed = gzip.compress(octets, compresslevel=9, mtime=0)
    return Asset(sha256(octets).hexdigest()[:16], _TYPES[file.suffix], octets, packed)
