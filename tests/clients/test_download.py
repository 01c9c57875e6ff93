"""Fetching an export by the Python client: in pieces, begun anew when the connection breaks, and never kept half."""

import io
from collections.abc import Iterator

import httpx
import pytest
from moat_client.client import Moat
from moat_client.errors import MoatError

WHOLE = bytes(range(256)) * 1_000


class Breaking(httpx.SyncByteStream):
    """A body that ends too early."""

    def __iter__(self) -> Iterator[bytes]:
        yield WHOLE[:1_000]
        raise httpx.ReadError("gone")


def moat(*answers: httpx.Response) -> Moat:
    left = iter(answers)
    return Moat(
        "http://moat.test", "t", transport=httpx.MockTransport(lambda _: next(left)), sleep=lambda _seconds: None
    )


def test_a_download_that_broke_off_is_begun_anew() -> None:
    told: list[tuple[int, int]] = []
    broken = httpx.Response(200, stream=Breaking(), headers={"Content-Length": str(len(WHOLE))})
    into = io.BytesIO()
    moat(broken, httpx.Response(503), httpx.Response(200, content=WHOLE)).download_audit_export(
        "job", into, lambda done, total: told.append((done, total))
    )
    assert into.getvalue() == WHOLE
    assert told[-1] == (len(WHOLE), len(WHOLE))


def test_a_refused_download_is_raised_and_not_written() -> None:
    into = io.BytesIO()
    gone = httpx.Response(410, json={"code": "export_expired", "title": "The export has gone"})
    with pytest.raises(MoatError, match="export_expired"):
        moat(gone).download_audit_export("job", into)
    assert into.getvalue() == b""
