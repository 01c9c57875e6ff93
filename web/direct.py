"""Operations that are answered from memory, without the ways of a web framework, which would be most of what such a call costs.

Only the ordinary call is answered here: a POST of a small JSON body by a credential that was looked up within the last second
and that may. Whatever is not like that, or what the operation does not know by heart, goes the way of all calls as if nobody had
looked at it: there alone it is refused, looked up, counted against its source or recorded.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from io import BytesIO
from typing import TYPE_CHECKING, Protocol, cast

from web.context import KEY, RequestContext
from web.principal import Principal, Scope

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

BODY_AT_MOST = 65_536
_JSON = "application/json"


@dataclass(frozen=True, slots=True, kw_only=True)
class DirectOperation:
    """An operation that may be answered from memory: where it is, what scope it takes, and what gives the answer to a body.

    `answer` gives None for whatever it cannot answer at once, malformed bodies among them, and has no effect.
    """

    path: str
    scope: Scope
    answer: Callable[[Principal, bytes], bytes | None]


class Recall(Protocol):
    """Recognises callers."""

    def __call__(self, header: str, scope: Scope, at: int) -> Principal | None:
        """The caller of an Authorization header who was let in within the last second and still may call what takes `scope`."""


class DirectAnswers:
    """WSGI middleware that answers what it can and hands the rest on."""

    def __init__(self, application: "WSGIApplication", operations: Sequence[DirectOperation], recall: Recall) -> None:
        self._application = application
        self._operations = {operation.path: operation for operation in operations}
        self._recall = recall

    def __call__(self, environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        operation = self._operations.get(environ["PATH_INFO"])
        if operation is None or not _ordinary(environ):
            return self._application(environ, start_response)
        context = cast(RequestContext, environ[KEY])
        principal = self._recall(environ.get("HTTP_AUTHORIZATION", ""), operation.scope, context.at)
        if principal is None:
            return self._application(environ, start_response)
        body = environ["wsgi.input"].read(int(environ["CONTENT_LENGTH"]))
        answer = operation.answer(principal, body) if len(body) == int(environ["CONTENT_LENGTH"]) else None
        if answer is None:
            environ["wsgi.input"] = BytesIO(body)
            return self._application(environ, start_response)
        context.route, context.principal = operation.path, principal
        start_response("200 OK", [("Content-Type", _JSON), ("Content-Length", str(len(answer)))])
        return [answer]


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
