"""JSON in and out.

A request body reaches its model as text: pydantic parses and validates in one pass, and no tree of Python objects stands in
between. What pydantic would let pass although readers disagree about it (a name twice in one object, NaN) is refused first.
"""

from typing import Any, cast

import orjson
from flask import Request, Response, request
from flask.json.provider import JSONProvider
from pydantic import BaseModel, ConfigDict

from formats.strict_json import read_json
from web.context import BODY_READ
from web.edge_problems import BAD_REQUEST, MALFORMED_JSON, TOO_LARGE, UNSUPPORTED_MEDIA_TYPE
from web.problems import ProblemError


class Body(BaseModel):
    """Base of every request model: unknown fields are refused, numbers are finite, and error texts do not quote the input."""

    model_config = ConfigDict(extra="forbid", allow_inf_nan=False, hide_input_in_errors=True, frozen=True)


class JsonRequest(Request):
    """A request whose JSON is its text."""

    submitted: bytes = b""

    def get_json(self, force: bool = False, silent: bool = False, cache: bool = True) -> Any:  # noqa: ARG002 - Flask's signature
        """The body as text that is known to be one JSON value without repeated names; models parse it.

        Raises:
            ProblemError: 415 if the body is not declared as JSON, 400 if it is not well formed.
        """
        if not self.is_json:
            raise ProblemError(UNSUPPORTED_MEDIA_TYPE)
        self.submitted = self._whole()
        try:
            return strict_text(self.submitted)
        except (ValueError, RecursionError):
            raise ProblemError(MALFORMED_JSON) from None

    def _whole(self) -> bytes:
        """The body, known to be neither cut at the limit nor by the client.

        Werkzeug ends a chunked body at the limit without a word, and cannot tell a client that hung up from one that was done.

        Raises:
            ProblemError: 413 or 400.
        """
        body = self.get_data(cache=False)
        if self.content_length is None:
            if self.max_content_length is not None and len(body) >= self.max_content_length:
                raise ProblemError(TOO_LARGE)
        elif len(body) != self.content_length:
            raise ProblemError(BAD_REQUEST)
        self.environ[BODY_READ] = True
        return body


class OrjsonProvider(JSONProvider):
    """Answers in compact UTF-8."""

    def dumps(self, obj: Any, **_options: Any) -> str:
        return orjson.dumps(obj).decode()

    def loads(self, s: str | bytes, **_options: Any) -> Any:
        return orjson.loads(s)

    def response(self, *args: Any, **kwargs: Any) -> Any:
        body = orjson.dumps(self._prepare_response_obj(args, kwargs))
        return Response(body, content_type="application/json")


def strict_text(octets: bytes) -> str:
    """The text of one JSON value without repeated names or numbers that JSON has not.

    Raises:
        ValueError: it is none.
        RecursionError: it is nested too deeply.
    """
    text = octets.decode()
    read_json(text)
    return text


def submitted() -> bytes:
    """The octets of the JSON body of this request, as they came."""
    return cast(JsonRequest, request).submitted
