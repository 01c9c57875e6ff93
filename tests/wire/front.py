"""What stands between the switch and the service: passes everything on, keeps what was said, and can spoil answers on request."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import httpx
import orjson

LONGER_THAN_A_SWITCH_WAITS = 4.0
TOLD_WITHIN_SECONDS = 10.0

Spoiled = tuple[int, bytes] | None
"""A status and a body; None is a connection that closes without a word."""
Spoil = Callable[[dict[str, Any]], Spoiled]


@dataclass(frozen=True, slots=True)
class Exchange:
    """One call of the switch: where, what it said, and what the service answered."""

    path: str
    said: dict[str, Any]
    status: int
    answer: dict[str, Any]


class Front:
    """Serves on a port of the loopback until it is closed."""

    def __init__(self, service: str) -> None:
        self.exchanges: list[Exchange] = []
        self._client = httpx.Client(base_url=service, trust_env=False, timeout=20)
        self._spoil: Spoil | None = None
        self.ended = threading.Event()
        front = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - as the base class names it
                return

            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                answer = front.answer(self.path, body, self.headers["Authorization"])
                if answer is None:
                    self.close_connection = True
                    return
                self.send_response(answer[0])
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(answer[1])))
                self.end_headers()
                self.wfile.write(answer[1])

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.05})
        self._thread.start()

    def answer(self, path: str, body: bytes, authorization: str) -> Spoiled:
        """What the service answers, or what is made of it."""
        headers = {"Authorization": authorization, "Content-Type": "application/json"}
        answered = self._client.post(path, content=body, headers=headers)
        said = orjson.loads(answered.content) if answered.content else {}
        self.exchanges.append(Exchange(path, orjson.loads(body), answered.status_code, said))
        if self._spoil is not None and path.endswith("/route"):
            return self._spoil(said)
        return answered.status_code, answered.content

    @contextmanager
    def spoiling(self, spoil: Spoil) -> Iterator[None]:
        """While this lasts, answers to the question whom to connect are what `spoil` makes of them."""
        self._spoil = spoil
        try:
            yield
        finally:
            self._spoil = None

    def late(self, said: dict[str, Any]) -> Spoiled:
        """The right answer, later than a switch may wait."""
        self.ended.wait(LONGER_THAN_A_SWITCH_WAITS)
        return 200, orjson.dumps(said)

    def last_leg(self) -> str:
        """The leg of the last call that was connected."""
        return next(str(one.answer["leg"]) for one in reversed(self.exchanges) if "leg" in one.answer)

    def reason(self) -> str:
        """Why the last call that was asked about was refused."""
        return next(str(one.answer.get("reason")) for one in reversed(self.exchanges) if "action" in one.answer)

    def events_of(self, leg: str) -> list[dict[str, Any]]:
        """What the switch has told of a call, and the service taken, once it is over."""
        until = time.monotonic() + TOLD_WITHIN_SECONDS
        while True:
            told = [one for one in list(self.exchanges) if one.said.get("leg") == leg]
            if told and told[-1].said["event"] in {"ended", "failed"}:
                assert all(one.status == 204 for one in told)
                return [one.said for one in told]
            assert time.monotonic() < until, "the end of the call was not told"
            time.sleep(0.02)

    def close(self) -> None:
        """Stop serving."""
        self.ended.set()
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()
        self._client.close()
