"""A tiled log on the web, read over one connection kept open. Redirects are not followed and no proxy is used."""

import http.client
import ssl
import zlib
from typing import Self
from urllib.parse import quote, urlsplit

from moat_verifier.errors import CannotCheckError, TamperedError

_GONE = {404, 410}
_GZIP_WINDOW = 16 + zlib.MAX_WBITS


class UrlSource:
    """Everything under a URL prefix. To be closed.

    Raises:
        CannotCheckError: the address is malformed.
    """

    def __init__(self, prefix: str, timeout_seconds: float) -> None:
        try:
            parts = urlsplit(prefix)
            host, port = parts.hostname, parts.port
        except ValueError:
            raise CannotCheckError("the address is malformed") from None
        if parts.scheme not in {"http", "https"} or not host or parts.username or parts.query or parts.fragment:
            raise CannotCheckError("the address is malformed")
        self._path = parts.path.rstrip("/") + "/"
        if parts.scheme == "https":
            context = ssl.create_default_context()
            self._connection: http.client.HTTPConnection = http.client.HTTPSConnection(
                host, port, timeout=timeout_seconds, context=context
            )
        else:
            self._connection = http.client.HTTPConnection(host, port, timeout=timeout_seconds)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._connection.close()

    def read(self, path: str, *, limit: int) -> bytes | None:
        """The resource's bytes, or None where the server says that there is none (404 or 410)."""
        status, encoding, body = self._get(self._path + quote(path), limit)
        if status in _GONE:
            return None
        if status != 200:
            raise CannotCheckError(f"{path}: the server answered {status}")
        if encoding == "gzip":
            body = _unpacked(path, body, limit)
        elif encoding not in {"", "identity"}:
            raise CannotCheckError(f"{path}: the server packed it by another method than gzip")
        if len(body) > limit:
            raise TamperedError(path, "is longer than it can be")
        return body

    def _get(self, path: str, limit: int) -> tuple[int, str, bytes]:
        for attempt in (1, 2):  # a server may close a connection that it kept open
            try:
                self._connection.request("GET", path, headers={"Accept-Encoding": "gzip, identity"})
                answer = self._connection.getresponse()
                announced = answer.length
                body = answer.read(limit + 1)
                if announced is not None and len(body) < min(announced, limit + 1):
                    raise http.client.IncompleteRead(body)
                if not answer.isclosed():
                    self._connection.close()
                return answer.status, answer.headers.get("Content-Encoding", "").lower(), body
            except (http.client.HTTPException, OSError) as failed:
                self._connection.close()
                if attempt == 2 or isinstance(failed, TimeoutError | ssl.SSLError):
                    raise CannotCheckError("the server cannot be reached") from None
        raise AssertionError("unreachable")


def _unpacked(path: str, body: bytes, limit: int) -> bytes:
    unpacker = zlib.decompressobj(_GZIP_WINDOW)
    try:
        unpacked = unpacker.decompress(body, limit + 1)
    except zlib.error:
        raise TamperedError(path, "cannot be unpacked") from None
    if not unpacker.eof and len(unpacked) <= limit:
        raise TamperedError(path, "cannot be unpacked")
    return unpacked
