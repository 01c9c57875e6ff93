"""A log is verified over HTTP as it is in a directory; what the server says is bounded, and never followed elsewhere."""

import gzip
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from moat_verifier.cli import run

from tests.support.audit_log import LOG, Log

PINNED = ["--vkey", str(LOG.verifier()), "--timeout", "2"]
Answer = tuple[int, dict[str, str], bytes]


@pytest.fixture
def serve(log: Log) -> Iterator[Callable[[Callable[[str, bytes | None], Answer]], str]]:
    """Serves the log through a function of path and content; gives the address."""
    running: list[tuple[ThreadingHTTPServer, threading.Thread]] = []

    def start(answer: Callable[[str, bytes | None], Answer]) -> str:
        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:
                path = log.root / self.path.removeprefix("/log/")
                status, headers, body = answer(self.path, path.read_bytes() if path.is_file() else None)
                self.send_response(status)
                for name, value in {"Content-Length": str(len(body)), **headers}.items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_: object) -> None:
                pass

        server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        server.daemon_threads = True
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        running.append((server, thread))
        return f"http://127.0.0.1:{server.server_address[1]}/log"

    yield start
    for server, thread in running:
        server.shutdown()
        thread.join()
        server.server_close()


def plain(_: str, content: bytes | None) -> Answer:
    return (404, {}, b"") if content is None else (200, {}, content)


Serve = Callable[[Callable[[str, bytes | None], Answer]], str]


def test_a_log_is_verified_over_http(serve: Serve, capsys: pytest.CaptureFixture[str]) -> None:
    address = serve(plain)
    assert run([address, *PINNED]) == 0
    assert run([f"{address}/", *PINNED]) == 0
    assert "entries: 257" in capsys.readouterr().out


def test_bundles_may_be_packed_by_gzip(serve: Serve) -> None:
    def packed(path: str, content: bytes | None) -> Answer:
        if content is None or "entries" not in path:
            return plain(path, content)
        return 200, {"Content-Encoding": "gzip"}, gzip.compress(content)

    assert run([serve(packed), *PINNED]) == 0


WRONG: dict[str, tuple[Callable[[bytes], Answer], int]] = {
    "gone": (lambda _: (404, {}, b""), 1),
    "failing": (lambda _: (500, {}, b""), 2),
    "elsewhere": (lambda _: (302, {"Location": "/log/checkpoint"}, b""), 2),
    "shorter": (lambda body: (200, {}, body[:-1]), 1),
    "longer": (lambda body: (200, {}, body + b"x"), 1),
    "another": (lambda body: (200, {}, bytes(len(body))), 1),
    "packed by another method": (lambda body: (200, {"Content-Encoding": "br"}, body), 2),
    "not packed": (lambda body: (200, {"Content-Encoding": "gzip"}, body), 1),
    "packed and cut": (lambda body: (200, {"Content-Encoding": "gzip"}, gzip.compress(body)[:-9]), 1),
    "a bomb": (lambda _: (200, {"Content-Encoding": "gzip"}, gzip.compress(bytes(50_000_000))), 1),
    "cut": (lambda body: (200, {"Content-Length": "8192", "Connection": "close"}, body[:100]), 2),
}


@pytest.mark.parametrize("how", WRONG)
def test_a_tile_that_is_not_served_as_it_was_is_no_success(how: str, serve: Serve) -> None:
    answer, expected = WRONG[how]

    def wrong(path: str, content: bytes | None) -> Answer:
        return plain(path, content) if content is None or "tile/0/000" not in path else answer(content)

    assert run([serve(wrong), *PINNED]) == expected


def test_a_server_that_is_not_there_cannot_be_checked() -> None:
    for address in ("http://127.0.0.1:9", "http://", "http://user@127.0.0.1/", "http://127.0.0.1:9/?x", "https://["):
        assert run([address, *PINNED]) == 2
