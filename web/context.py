"""The outermost layer of every answer: a request id, a clock reading, security headers, and one access line.

It stands around Flask as WSGI middleware, so that nothing is answered without it, not even what fails before routing. The
request id is made here. A client's own X-Request-Id is neither trusted nor repeated: it is free text, it may hold personal
data, and whoever chose it could make two requests look like one in the log.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from time import perf_counter
from typing import TYPE_CHECKING, Any, cast

import orjson
from flask import request

from audit.event_id import uuid7
from database.columns import millis
from web.edge_problems import INTERNAL
from web.principal import Principal
from web.problems import MEDIA_TYPE, ProblemError

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

KEY = "moat.context"

BODY_READ = "moat.body_read"
"""Set in the environment of a request whose body was read to its end."""

SECURITY_HEADERS = [
    (
        "Content-Security-Policy",
        "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
    ),
    ("X-Content-Type-Options", "nosniff"),
    ("X-Frame-Options", "DENY"),
    ("Referrer-Policy", "no-referrer"),
    ("Cross-Origin-Opener-Policy", "same-origin"),
    ("Cross-Origin-Resource-Policy", "same-origin"),
]
TRANSPORT_SECURITY = ("Strict-Transport-Security", "max-age=31536000")
_NO_STORE = ("Cache-Control", "no-store")


@dataclass(slots=True)
class RequestContext:
    """What is known of one request. `received_at` is the only clock reading of the request, and `at` the same in
    milliseconds since the epoch; `route` is the route's template."""

    request_id: str
    received_at: datetime
    at: int
    method: str
    started: float
    route: str = ""
    status: int = 0
    principal: Principal | None = None
    holds_slot: bool = False


AccessLine = Callable[[RequestContext, float], None]
"""Writes the line of a finished request; the float is its duration in milliseconds."""

FailureLine = Callable[[BaseException, str], None]
"""Notes an unexpected exception under a request id."""


def current() -> RequestContext:
    """The context of the request that this thread is serving."""
    return cast(RequestContext, request.environ[KEY])


class Envelope:
    """WSGI middleware that gives every request its context and every answer its headers."""

    def __init__(
        self,
        application: "WSGIApplication",
        *,
        now: Callable[[], datetime],
        access_line: AccessLine,
        failure_line: FailureLine,
        secure_transport: bool,
    ) -> None:
        self._application = application
        self._now = now
        self._access_line = access_line
        self._failure_line = failure_line
        self._headers = [*SECURITY_HEADERS, TRANSPORT_SECURITY] if secure_transport else SECURITY_HEADERS

    def __call__(self, environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        received_at = self._now()
        at = millis(received_at)
        context = RequestContext(
            request_id=str(uuid7(at)),
            received_at=received_at,
            at=at,
            method=environ["REQUEST_METHOD"],
            started=perf_counter(),
        )
        environ[KEY] = context

        def respond(status: str, headers: list[tuple[str, str]], exc_info: Any = None) -> Callable[[bytes], object]:
            context.status = int(status[:3])
            added = self._added(headers, context)
            if context.status >= 400 and _leaves_body(environ):
                added.append(("Connection", "close"))
            return start_response(status, headers + added, exc_info)

        try:
            return self._application(environ, respond)
        except Exception as error:  # the last resort: its message must reach neither the client nor a log
            self._failure_line(error, context.request_id)
            respond("500 INTERNAL SERVER ERROR", [("Content-Type", MEDIA_TYPE)])
            return [orjson.dumps(ProblemError(INTERNAL).body(context.request_id))]
        finally:
            self._access_line(context, (perf_counter() - context.started) * 1000)

    def _added(self, headers: list[tuple[str, str]], context: RequestContext) -> list[tuple[str, str]]:
        given = {name.lower() for name, _ in headers}
        ours = [header for header in (*self._headers, _NO_STORE) if header[0].lower() not in given]
        return [*ours, ("X-Request-Id", context.request_id)]


def _leaves_body(environ: "WSGIEnvironment") -> bool:
    """Whether a refusal left a body unread. The server will hang up then, and a client that was not told so would send its
    next request into the closed connection."""
    sent = environ.get("CONTENT_LENGTH", "") not in {"", "0"} or "HTTP_TRANSFER_ENCODING" in environ
    return sent and BODY_READ not in environ
