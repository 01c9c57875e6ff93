"""A receiver of webhooks on the loopback: it notes what it gets and answers as a test tells it to."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import orjson


@dataclass(frozen=True)
class Received:
    """One call: its path, its headers with small letters, its octets, and the status that it got."""

    path: str
    headers: dict[str, str]
    body: bytes
    status: int

    @property
    def told(self) -> dict[str, Any]:
        return dict(orjson.loads(self.body))

    @property
    def what(self) -> tuple[str, str]:
        """The type and the person."""
        return self.told["type"], self.told["data"]["subject"]


@dataclass
class Receiver:
    """`answer` gives a status and headers for a call; `slow` is how long it takes, in seconds."""

    port: int = 0
    answer: Callable[[Received], int] = lambda _: 200
    headers: dict[str, str] = field(default_factory=dict)
    slow: float = 0.0
    calls: list[Received] = field(default_factory=list)

    @property
    def origin(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def taken(self) -> list[Received]:
        """What was answered with 2xx."""
        return [one for one in self.calls if 200 <= one.status < 300]

    def wait(self, count: int, seconds: float = 30.0) -> list[Received]:
        """What was taken, as soon as it is as much as that."""
        until = time.monotonic() + seconds
        while len(self.taken) < count:
            assert time.monotonic() < until, f"{len(self.taken)} of {count} deliveries came"
            time.sleep(0.01)
        return self.taken


@contextmanager
def receiving() -> Iterator[Receiver]:
    """A receiver that listens."""
    receiver = Receiver()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            length = int(self.headers["Content-Length"])
            body = self.rfile.read(length)
            if len(body) < length:
                return  # whoever called was killed in the middle of it
            headers = {name.lower(): value for name, value in self.headers.items()}
            asked = Received(self.path, headers, body, 0)
            status = receiver.answer(asked)
            receiver.calls.append(Received(self.path, headers, body, status))
            time.sleep(receiver.slow)
            self.send_response(status)
            for name, value in {**receiver.headers, "Content-Length": "0"}.items():
                self.send_header(name, value)
            self.end_headers()

        def log_message(self, *_arguments: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    server.handle_error = lambda *_: None  # type: ignore[method-assign]  # a client that hangs up is expected here
    receiver.port = server.server_port
    threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
    try:
        yield receiver
    finally:
        server.shutdown()
        server.server_close()
