"""Every exception ends as a problem, and an unexpected one as nothing more than a request id."""

from collections.abc import Callable, Sequence

import orjson
from flask import Response
from werkzeug.exceptions import HTTPException, MethodNotAllowed

from web.context import FailureLine, current
from web.edge_problems import (
    BAD_REQUEST,
    INTERNAL,
    METHOD_NOT_ALLOWED,
    NOT_FOUND,
    TOO_LARGE,
    UNSUPPORTED_MEDIA_TYPE,
)
from web.problems import MEDIA_TYPE, Catalogue, ProblemError

PageAnswer = Callable[[ProblemError], Response | None]
"""Says a problem to a person, on a page; None where no person asked for one."""

_BY_STATUS = {404: NOT_FOUND, 405: METHOD_NOT_ALLOWED, 413: TOO_LARGE, 415: UNSUPPORTED_MEDIA_TYPE}


class ProblemAnswers:
    """Turns what was raised into the answer."""

    def __init__(self, catalogue: Catalogue, failure_line: FailureLine, pages: Sequence[PageAnswer] = ()) -> None:
        self._catalogue = catalogue
        self._failure_line = failure_line
        self._pages = pages

    def answer(self, error: Exception) -> Response:
        """The problem that `error` is declared to be, or an internal one, which is noted with its request id."""
        found = self._catalogue.of(error)
        if found is None and isinstance(error, HTTPException):
            found = _of_http(error)
        if found is None:
            self._failure_line(error, current().request_id)
            found = ProblemError(INTERNAL)
        said = (page(found) for page in self._pages)
        return next((answer for answer in said if answer is not None), None) or problem_response(found)


def problem_response(error: ProblemError) -> Response:
    """`error` as an answer to the current request."""
    body = orjson.dumps(error.body(current().request_id))
    return Response(body, status=error.problem.status, headers=error.headers, content_type=MEDIA_TYPE)


def _of_http(error: HTTPException) -> ProblemError | None:
    if error.code is None or error.code >= 500:
        return None
    headers = {}
    if isinstance(error, MethodNotAllowed) and error.valid_methods:
        headers["Allow"] = ", ".join(sorted(error.valid_methods))
    return ProblemError(_BY_STATUS.get(error.code, BAD_REQUEST), headers=headers)
