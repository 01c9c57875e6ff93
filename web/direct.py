"""Operations that are answered without the ways of a web framework, which would be most of what such a call costs.

Only the ordinary call is answered here: a POST of a small JSON body by a credential that was looked up within the last second
and that may. Whatever is not like that, or what the operation does not answer, goes the way of all calls as if nobody had
looked at it: there alone it is refused, looked up, counted against its source or recorded.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from io import BytesIO
from typing import TYPE_CHECKING, NamedTuple, Protocol, cast

from web.context import KEY, RequestContext
from web.limits import Slots
from web.principal import Principal, Scope
from web.recent_callers import Caller

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

BODY_AT_MOST = 65_536
_JSON = "application/json"


class DirectCall(NamedTuple):
    """A call: who calls and the digest of the credential, the request id, when it came (milliseconds), and the body."""

    principal: Principal
    secret: bytes
    request: str
    at: int
    body: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class DirectOperation:
    """An operation that may be answered directly: where it is, what scope it takes, and what gives the answer to a call.

    `answer` gives None for whatever it cannot answer, malformed bodies among them, and has had no effect then. One that only
    looks into memory takes what was looked up a moment ago for true. One that `works` takes a slot as all calls do, and asks
    `web.standing` in its transaction whether the credential still works.
    """

    path: str
    scope: Scope
    answer: Callable[[DirectCall], bytes | None]
    works: bool = False


class Recall(Protocol):
    """Recognises callers."""

    def __call__(self, header: str, scope: Scope, at: int) -> Caller | None:
        """The caller of an Authorization header who was let in within the last second and still may call what takes `scope`."""


class DirectAnswers:
    """WSGI middleware that answers what it can and hands the rest on."""

    def __init__(
        self, application: "WSGIApplication", operations: Sequence[DirectOperation], recall: Recall, slots: Slots
    ) -> None:
        self._application = application
        self._operations = {operation.path: operation for operation in operations}
        self._recall = recall
        self._slots = slots

    def __call__(self, environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        operation = self._operations.get(environ["PATH_INFO"])
        if operation is None or not _ordinary(environ):
            return self._application(environ, start_response)
        context = cast(RequestContext, environ[KEY])
        known = self._recall(environ.get("HTTP_AUTHORIZATION", ""), operation.scope, context.at)
        if known is None:
            return self._application(environ, start_response)
        body = environ["wsgi.input"].read(int(environ["CONTENT_LENGTH"]))
        call = DirectCall(known.principal, known.secret, context.request_id, context.at, body)
        answer = self._answer(operation, call) if len(body) == int(environ["CONTENT_LENGTH"]) else None
        if answer is None:
            environ["wsgi.input"] = BytesIO(body)
            return self._application(environ, start_response)
        context.route, context.principal = operation.path, known.principal
        start_response("200 OK", [("Content-Type", _JSON), ("Content-Length", str(len(answer)))])
        return [answer]

    def _answer(self, operation: DirectOperation, call: DirectCall) -> bytes | None:
        if not operation.works:
            return operation.answer(call)
        if not self._slots.enter_now():
            return None
        try:
            return operation.answer(call)
        finally:
            self._slots.leave()


def _ordinary(environ: "WSGIEnvironment") -> bool:
    length = environ.get("CONTENT_LENGTH", "")
    return (
        environ["REQUEST_METHOD"] == "POST"
        and environ.get("CONTENT_TYPE") == _JSON
        and len(length) <= 5
        and length.isdecimal()
        and length.isascii()
        and int(length) <= BODY_AT_MOST
        and not environ.get("QUERY_STRING")
        and "HTTP_TRANSFER_ENCODING" not in environ
    )
