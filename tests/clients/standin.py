"""A small service of the fixed HTTP shapes, for tests of what calls it: tokens from a dictionary, no cryptography.

It keeps to what callers rely on: one answer for each item in its place, normal forms that refuse what is invalid,
an Idempotency-Key that conflicts under another body, and problems as RFC 9457 has them.
"""

import hashlib
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import httpx
import orjson

from vault.identifier import KINDS, InvalidIdentifier, normal_form
from vault.opaque_id import reads_as_personal

CREDENTIAL = "moat_test_standin"


@dataclass
class StandIn:
    """The state of the service, and what it was asked. ``faults`` are answered first, one for each call."""

    stored: dict[str, tuple[str, str, str]] = field(default_factory=dict)
    keys: dict[tuple[str, str], str] = field(default_factory=dict)
    calls: list[tuple[str, str, str | None]] = field(default_factory=list)
    faults: list[httpx.Response | Exception] = field(default_factory=list)
    slow: Callable[[], None] = lambda: None
    lock: threading.Lock = field(default_factory=threading.Lock)
    in_flight: int = 0
    most_in_flight: int = 0
    items_seen: int = 0

    def handle(self, request: httpx.Request) -> httpx.Response:
        """Answer one request; who the caller is, apart from faults and counts."""
        if request.url.path == "/v1/whoami":
            return httpx.Response(200, json={"tenant": 1, "credential": 1, "name": "standin", "role": "service"})
        with self.lock:
            self.in_flight += 1
            self.most_in_flight = max(self.most_in_flight, self.in_flight)
            key = request.headers.get("Idempotency-Key")
            fault = self.faults.pop(0) if self.faults else None
            self.calls.append((request.method, request.url.raw_path.decode(), key))
        try:
            self.slow()
            if isinstance(fault, Exception):
                raise fault
            return fault or self._answer(request, key)
        finally:
            with self.lock:
                self.in_flight -= 1

    def _answer(self, request: httpx.Request, key: str | None) -> httpx.Response:
        body = request.read()
        asked = orjson.loads(body) if body else {}
        answers = {"/v1/tokenize": self._tokenize, "/v1/detokenize": self._detokenize, "/v1/search": self._search}
        serve = answers.get(request.url.path)
        refused = self._refuse(request, key, body, asked)
        if refused or serve is None:
            return refused or problem(404, "not_found")
        self.items_seen += len(asked["items"])
        items = [serve(item, asked) for item in asked["items"]]
        if asked.get("atomic") and any("error" in item for item in items):
            return problem(422, "atomic_batch_failed")
        return httpx.Response(200, content=orjson.dumps({"items": items}), headers={"X-Request-Id": "req-1"})

    def _refuse(
        self, request: httpx.Request, key: str | None, body: bytes, asked: dict[str, list[dict[str, str]]]
    ) -> httpx.Response | None:
        """What the service refuses whole."""
        if request.headers.get("Authorization") != f"Bearer {CREDENTIAL}":
            return problem(401, "unauthenticated")
        with self.lock:
            digest = hashlib.sha256(body).hexdigest()
            if key and self.keys.setdefault((request.url.path, key), digest) != digest:
                return problem(409, "idempotency_conflict")
        items = asked.get("items", [])
        if len(items) > 10_000 or any(len(item.get("token", "")) > 64 for item in items):
            return problem(422, "invalid_request")
        return None

    def _tokenize(self, item: dict[str, str], asked: dict[str, object]) -> dict[str, object]:
        if asked.get("purpose") == "delivry":
            return {"error": {"code": "unknown_purpose"}}
        if reads_as_personal(item["subject"]):
            return {"error": {"code": "subject_is_personal"}}
        try:
            normal = normal_form(KINDS[item["kind"]], item["value"], region="CN")
        except InvalidIdentifier as invalid:
            return {"error": {"code": invalid.code, "detail": invalid.detail}}
        named = hashlib.sha256("\n".join((item["subject"], item["kind"], normal)).encode()).hexdigest()
        token = f"tok_{named[:32]}"
        with self.lock:
            created = token not in self.stored
            self.stored.setdefault(token, (item["subject"], item["kind"], item["value"]))
        return {"token": token, "created": created}

    def _detokenize(self, item: dict[str, str], asked: dict[str, object]) -> dict[str, object]:
        if item["token"] not in self.stored:
            return {"error": {"code": "not_found"}}
        subject, kind, value = self.stored[item["token"]]
        if asked["purpose"] == "marketing_sms":
            return {"error": {"code": "denied", "reason": "no_consent"}}
        shown = value if asked.get("view") == "plain" else value[:1] + "**"
        return {"kind": kind, "subject": subject, "value": shown, "view": asked.get("view", "masked")}

    def _search(self, item: dict[str, str], asked: dict[str, object]) -> dict[str, object]:
        same = [
            {"token": token, "subject": subject}
            for token, (subject, kind, value) in self.stored.items()
            if (kind, value) == (item["kind"], item["value"])
        ]
        limit = int(str(asked["limit"]))
        return {"matches": same[:limit], "truncated": len(same) > limit}


def problem(status: int, code: str, **members: object) -> httpx.Response:
    """Build a refusal of a whole call."""
    content = orjson.dumps({"type": "about:blank", "title": code, "status": status, "code": code, **members})
    return httpx.Response(status, content=content, headers={"X-Request-Id": "req-9"})


@contextmanager
def served(service: StandIn) -> Iterator[str]:
    """Serve on loopback, for tests whose caller is another process, and yield the address."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True

        def _serve(self) -> None:
            length = int(self.headers.get("Content-Length", 0))
            body = self.rfile.read(length)
            if len(body) < length:  # the caller was killed while it sent
                self.close_connection = True
                return
            request = httpx.Request(
                self.command, f"http://standin{self.path}", headers=list(self.headers.items()), content=body
            )
            answer = service.handle(request)
            self.send_response(answer.status_code)
            for name, value in answer.headers.items():
                if name.lower() != "content-length":
                    self.send_header(name, value)
            self.send_header("Content-Length", str(len(answer.content)))
            self.end_headers()
            self.wfile.write(answer.content)

        do_GET = do_POST = do_PUT = do_DELETE = _serve  # noqa: N815  the names that http.server calls

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002  as inherited
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
