"""A server that behaves as HashiCorp Vault and OpenBao document their HTTP API: transit, AppRole, tokens, namespaces and states.

It encrypts for real, AES-256-GCM under keys that never leave it, and answers in the engines' own JSON with their own status codes
and words. Time passes when a test says so (`advance`), on top of the machine's. It differs where a test needs it to: what a token
may do is a list of path prefixes, and there is no storage.
"""

import json
import secrets
import signal
import ssl
import threading
import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from tests.support.server import free_port
from tests.support.transit_engine import Answer, Body, Engine

SEALED = {"errors": ["Vault is sealed"]}
FORBIDDEN = {"errors": ["1 error occurred:\n\t* permission denied\n\n"]}
EVERYTHING = ("transit/", "auth/token/")
ONLY_USE = ("transit/encrypt/", "transit/decrypt/", "auth/token/")


@dataclass
class Token:
    """A token: until when it lives, whether it may be renewed and till when at most, and where it may go."""

    ends: float
    period: float
    renewable: bool
    ends_at_last: float
    allowed: tuple[str, ...] = EVERYTHING


class TransitStandIn:
    """One server. `state` is active, sealed, standby or uninitialized; `forced` is a status that is
    answered to everything; `calls` is what it was asked, as `METHOD path`; while `pause` is set it answers nothing."""

    def __init__(self, certificate: tuple[Path, Path] | None = None, *, namespace: str = "") -> None:
        self.state = "active"
        self.forced: int | None = None
        self.namespace = namespace
        self.engine = Engine(self._now)
        self.tokens: dict[str, Token] = {}
        self.roles: dict[tuple[str, str], tuple[float, tuple[str, ...]]] = {}
        self.calls: list[str] = []
        self.pause = threading.Event()
        self.port = free_port()
        self.url = f"{'https' if certificate else 'http'}://localhost:{self.port}"
        self._certificate = certificate
        self._passed = 0.0
        self._lock = threading.RLock()
        self._server: ThreadingHTTPServer | None = None

    def __enter__(self) -> "TransitStandIn":
        self.up()
        return self

    def __exit__(self, *_: object) -> None:
        self.down()

    def up(self) -> None:
        """Listen, with everything as it was."""
        self._server = _Server(("127.0.0.1", self.port), type("Handler", (_Handler,), {"stand_in": self}))
        if self._certificate is not None:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(*self._certificate)
            self._server.socket = context.wrap_socket(self._server.socket, server_side=True)
        threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()

    def down(self) -> None:
        """Take no connections, and drop those that there are."""
        if self._server is not None:
            self._server.shutdown()
            self._server.server_close()
            self._server = None

    def advance(self, seconds: float) -> None:
        """Let time pass for the lives of tokens."""
        self._passed += seconds

    def token(self, ttl: float = 3600, *, renewable: bool = True, allowed: tuple[str, ...] = EVERYTHING) -> str:
        """A new token."""
        text = f"hvs.{secrets.token_urlsafe(18)}"
        now = self._now()
        self.tokens[text] = Token(now + ttl, ttl, renewable, now + 10 * ttl, allowed)
        return text

    def role(self, ttl: float = 3600, allowed: tuple[str, ...] = EVERYTHING) -> tuple[str, str]:
        """A new AppRole: its role id and a secret id."""
        pair = secrets.token_hex(8), secrets.token_hex(8)
        self.roles[pair] = (ttl, allowed)
        return pair

    def answer(self, method: str, path: str, headers: Mapping[str, str], body: Body) -> Answer:
        """What the API answers."""
        with self._lock:
            self.calls.append(f"{method} {path}")
            unfit = self._unfit(path, headers)
            if unfit is not None:
                return unfit
            if path == "auth/approle/login":
                return self._login(body)
            text = headers.get("X-Vault-Token", "")
            token = self.tokens.get(text)
            if token is None or token.ends <= self._now() or not path.startswith(token.allowed):
                return 403, FORBIDDEN
            if path.startswith("auth/token/"):
                return self._own_token(path, text, token)
            return self.engine.answer(method, path.split("/")[1:], body)

    def _unfit(self, path: str, headers: Mapping[str, str]) -> Answer | None:
        """The answer of a server that cannot work on this, or not now."""
        if self.forced is not None:
            return self.forced, {}
        if path == "sys/health":
            return {"active": 200, "standby": 429, "sealed": 503, "uninitialized": 501}[self.state], {}
        if self.state != "active":
            return {"sealed": (503, SEALED), "standby": (307, {}), "uninitialized": (501, SEALED)}[self.state]
        here = headers.get("X-Vault-Namespace", "").strip("/") == self.namespace
        if not here or not path.startswith(("transit/", "auth/")):
            return 404, {"errors": [f'no handler for route "{path}". route entry not found.']}
        return None

    def _login(self, body: Body) -> Answer:
        found = self.roles.get((body.get("role_id", ""), body.get("secret_id", "")))
        if found is None:
            return 400, {"errors": ["invalid role or secret ID"]}
        return 200, self._auth(self.token(found[0], allowed=found[1]))

    def _own_token(self, path: str, text: str, token: Token) -> Answer:
        if path == "auth/token/renew-self":
            if not token.renewable:
                return 400, {"errors": ["lease is not renewable"]}
            token.ends = min(self._now() + token.period, token.ends_at_last)
            return 200, self._auth(text)
        left = int(token.ends - self._now())
        return 200, {"data": {"id": text, "ttl": left, "renewable": token.renewable, "policies": ["moat"]}}

    def _auth(self, text: str) -> Body:
        token = self.tokens[text]
        lease = int(token.ends - self._now())
        return {"auth": {"client_token": text, "lease_duration": lease, "renewable": token.renewable, "policies": []}}

    def _now(self) -> float:
        return time.time() + self._passed


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    allow_reuse_address = True

    def __init__(self, *arguments: Any) -> None:
        super().__init__(*arguments)
        self._open: set[Any] = set()

    def process_request(self, request: Any, client_address: Any) -> None:
        self._open.add(request)
        super().process_request(request, client_address)

    def server_close(self) -> None:
        super().server_close()
        for connection in self._open:
            with suppress(OSError):
                connection.shutdown(2)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Clients hang up: that is what the tests make them do."""


class _Handler(BaseHTTPRequestHandler):
    stand_in: TransitStandIn
    protocol_version = "HTTP/1.1"
    wbufsize = 65_536

    def do_GET(self) -> None:
        self._answer()

    do_POST = do_DELETE = do_GET  # noqa: N815 - the names by which http.server finds them

    def _answer(self) -> None:
        length = int(self.headers.get("Content-Length") or 0)
        body = json.loads(self.rfile.read(length) or b"{}")
        while self.stand_in.pause.is_set():
            time.sleep(0.01)
        path = urlsplit(self.path).path.removeprefix("/v1/")
        status, answer = self.stand_in.answer(
            self.command, path, {name.title(): value for name, value in self.headers.items()}, body
        )
        octets = (
            b""
            if answer is None or status == 204
            else json.dumps({"request_id": secrets.token_hex(4), **answer}).encode()
        )
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(octets)))
        self.end_headers()
        self.wfile.write(octets)

    def log_message(self, *_: object) -> None:
        """Nothing on the tests' standard error."""


def main() -> None:
    """Run one until it is stopped, and print the variables by which `moat` finds it: python -m tests.support.transit_stand_in"""
    with TransitStandIn() as stand_in:
        print(f"export MOAT_TRANSIT_URL={stand_in.url} MOAT_TRANSIT_TOKEN={stand_in.token()}", flush=True)
        signal.pause()


if __name__ == "__main__":
    main()
