"""The made-up cloud as a small HTTP server, for tests and demos; it calls nobody and keeps everything in memory.

    POST   /bindings          hold a binding            {"held"}
    PUT    /bindings/<held>   hold it otherwise
    DELETE /bindings/<held>   hold it no more
    POST   /calls             {"caller", "x"}: pretend that somebody dials, and push what a cloud would tell of it

The first three are signed by whoever has the secret. The last is for whoever plays with it, on loopback: it tells nobody's
number.
"""

import itertools
from collections.abc import Callable, Mapping
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Final
from urllib.parse import unquote, urlsplit

import orjson

from masking.relay.providers.errors import ProviderError
from masking.relay.providers.simulated import SimulatedCloud
from masking.relay.providers.simulator import HEADER, is_signed, signature

LONGEST: Final = 64 * 1024
SPOKEN_SECONDS: Final = 42

Push = Callable[[str, Mapping[str, str], bytes], None]
"""Posts a body with headers to an address."""


class CloudServer(ThreadingHTTPServer):
    """The server. `receipts` is the address that receipts are pushed to, None for nowhere."""

    daemon_threads = True

    def __init__(
        self,
        address: tuple[str, int],
        secret: bytes,
        *,
        now_seconds: Callable[[], int],
        push: Push,
        receipts: str | None = None,
    ) -> None:
        self.cloud = SimulatedCloud()
        self.secret = secret
        self.now_seconds = now_seconds
        self.receipts = receipts
        self._push = push
        self._calls = itertools.count(1)
        super().__init__(address, _Handler)

    def call(self, caller: str, x: str) -> bool:
        """Pretend that somebody dials a number and talks; whether anybody was reached. Who it was is told to nobody."""
        found = self.cloud.reached(caller, x)
        if found is None or self.receipts is None:
            return found is not None
        held, at = found[0], self.now_seconds() * 1000
        number = next(self._calls)
        began = at - SPOKEN_SECONDS * 1000
        told = {
            "id": f"receipt-{number}",
            "call": f"call-{number}",
            "held": held.name,
            "reference": held.line["reference"],
            "kind": "voice",
            "ended": True,
            "began": began,
            "side": "a" if caller == held.line["a"] else "b",
            "events": [{"event": "answered", "at": began}, {"event": "ended", "at": at, "released": "caller"}],
        }
        self.tell([told])
        return True

    def tell(self, told: object) -> None:
        """Push receipts, signed."""
        assert self.receipts is not None
        body = orjson.dumps(told)
        signed = signature(self.secret, self.now_seconds(), "POST", urlsplit(self.receipts).path, body)
        self._push(self.receipts, {HEADER: signed, "Content-Type": "application/json"}, body)


class _Handler(BaseHTTPRequestHandler):
    server: CloudServer
    protocol_version = "HTTP/1.1"

    def log_message(self, *_: Any) -> None:
        """Nothing: lines of calls would hold numbers."""

    def do_POST(self) -> None:
        body = self._body()
        if self.path.endswith("/calls"):
            asked = orjson.loads(body)
            return self._answer(200, {"reached": self.server.call(str(asked["caller"]), str(asked["x"]))})
        return self._signed(body, lambda: {"held": self.server.cloud.bind(orjson.loads(body))})

    def do_PUT(self) -> None:
        body = self._body()
        self._signed(body, lambda: self.server.cloud.change(self._held(), orjson.loads(body)))

    def do_DELETE(self) -> None:
        self._signed(self._body(), lambda: self.server.cloud.unbind(self._held()))

    def _signed(self, body: bytes, work: Callable[[], dict[str, str] | None]) -> None:
        server, presented = self.server, self.headers.get(HEADER, "")
        now = server.now_seconds()
        if not is_signed(server.secret, presented, now, method=self.command, path=self.path, body=body):
            return self._answer(HTTPStatus.UNAUTHORIZED, {"fault": "credentials"})
        try:
            return self._answer(HTTPStatus.OK, work() or {})
        except ProviderError as error:
            return self._answer(HTTPStatus.CONFLICT, {"fault": error.fault.value})

    def _held(self) -> str:
        return unquote(self.path.rpartition("/")[2])

    def _body(self) -> bytes:
        return self.rfile.read(min(int(self.headers.get("Content-Length") or 0), LONGEST))

    def _answer(self, status: int, fields: Mapping[str, object]) -> None:
        body = orjson.dumps(fields)
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)
