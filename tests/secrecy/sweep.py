"""Canaries in every place of every operation of the OpenAPI document: path, query, header, body, wrongly typed and malformed.

The operations and the shapes of their bodies come from the document alone, so that a new operation is swept as soon as it is
there.
"""

import itertools
import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

from tests.secrecy.canary import CANARIES, IN_IDS, PURPOSES, SWEPT
from tests.secrecy.exchange import Recorder, raw

HEADERS = (
    "X-Request-Id",
    "Idempotency-Key",
    "Cookie",
    "Accept",
    "Content-Type",
    "If-Match",
    "Origin",
    "Content-Encoding",
)
"""Each in a call of its own: for its sake a call may be refused."""
UNREFUSED = ("User-Agent", "Referer", "Accept-Language", "X-Forwarded-For", "Forwarded", "traceparent", "X-Canary")
"""All in one call, each with a value of its own: no call is refused for them."""

NOBODY = "999999"
"""An id that fits every path and belongs to nothing."""

_SHAPES = ("{}", "order:{}", "ticket:{}", "a{}", "phone.{}", "name.a{}")
_FIXED = {
    "purpose": "delivery",
    "ref": "order:o-1",
    "kind": "phone",
    "subject": SWEPT,
    "value": "x",
    "token": "tok_x",
    "secret": "a-made-up-token",
}

STOCK = ("/v1/relay/numbers", "number")
"""What is put there becomes a number of the relay: the platform's own, in any writing, and told to everybody who uses it."""

_SAMPLES = {"object": {"phone": "x"}, "integer": 60, "number": 60, "boolean": False}


class Sweep:
    """Sends what nobody should send; `credentials` are those of roles that together may call everything."""

    def __init__(self, recorder: Recorder, document: dict[str, Any], credentials: dict[str, str]) -> None:
        self._record = recorder
        self._document = document
        self._credentials = list(credentials.values())
        self._texts = itertools.cycle([canary.writings[0] for canary in CANARIES])
        self.swept: set[str] = set()

    def go(self) -> None:
        """Sweep every operation."""
        for path, methods in self._document["paths"].items():
            for method, operation in methods.items():
                self._operation(method.upper(), path, operation)
                self.swept.add(operation["operationId"])

    def _operation(self, method: str, path: str, operation: dict[str, Any]) -> None:
        body = self._body_of(operation)
        allowed, other = self._callers(method, path)
        self._send(method, _filled(path, next(self._texts)), other, body)
        subject = [SWEPT] if "{subject}" in path else []
        texts = (*IN_IDS, next(self._texts), *subject) if "{" in path else (NOBODY,)
        for text in texts:
            self._send(method, _filled(path, text), allowed, body)
        self._queries(method, path, operation, allowed)
        if body is not None:
            self._bodies(method, path, allowed, body, self._schema_of(operation))
        alone = [{header: next(self._texts)} for header in HEADERS]
        for headers in (*alone, {header: next(self._texts) for header in UNREFUSED}):
            self._send(method, _filled(path, NOBODY), self._credentials[0], body, headers)
        for kind in ("Bearer", "Basic", "bearer moat_"):
            self._send(method, _filled(path, NOBODY), None, body, {"Authorization": f"{kind} {next(self._texts)}"})
        self._send("PATCH", _filled(path, next(self._texts)), self._credentials[0], {"value": next(self._texts)})

    def _callers(self, method: str, path: str) -> tuple[str | None, str | None]:
        """Who gets beyond the scope check, and somebody else."""
        for credential in self._credentials:
            answer = self._record.call(method, _filled(path, NOBODY), credential=credential)
            if answer.status_code not in {401, 403}:
                return credential, next(one for one in self._credentials if one != credential)
        return None, self._credentials[0]

    def _queries(self, method: str, path: str, operation: dict[str, Any], credential: str | None) -> None:
        names = [one["name"] for one in operation.get("parameters", []) if one["in"] == "query"]
        for name in (*names, "unknown", next(self._texts)):
            for text in (next(self._texts), IN_IDS[0], f"a{IN_IDS[0]}"):
                query = f"?{quote(name, safe='')}={quote(text, safe='')}"
                self._send(method, _filled(path, NOBODY) + query, credential, self._body_of(operation))

    def _bodies(self, method: str, path: str, credential: str | None, body: Any, schema: dict[str, Any]) -> None:
        target = _filled(path, SWEPT if "{subject}" in path else NOBODY)
        for place, pattern in self._places(schema):
            if (path, place[-1]) == STOCK:
                continue
            fitting = [shape.format(text) for shape in _SHAPES for text in IN_IDS]
            fitting = [text for text in fitting if pattern is None or re.search(pattern, text)]
            for value in (*fitting[:6], next(self._texts), [next(self._texts)], {next(self._texts): 1}):
                self._send(method, target, credential, _with(body, place, value))
            self._send(method, target, credential, _with(body, (*place[:-1], next(self._texts)), next(self._texts)))
        for broken in _malformed(body, next(self._texts)):
            self._raw(method, target, credential, broken, "application/json")
        for kind in ("text/{}", "application/x-{}"):
            self._raw(method, target, credential, raw(next(self._texts)), kind.format(IN_IDS[0]))

    def _send(self, method: str, target: str, credential: str | None, body: Any, headers: Any = None) -> None:
        if body is None:
            self._record.attempt(method, target, credential=credential, headers=headers)
        else:
            sent = {"Content-Type": "application/json", **(headers or {})}
            self._record.attempt(method, target, credential=credential, headers=sent, content=raw(body))

    def _raw(self, method: str, target: str, credential: str | None, body: bytes, kind: str) -> None:
        self._record.attempt(method, target, credential=credential, headers={"Content-Type": kind}, content=body)

    def _schema_of(self, operation: dict[str, Any]) -> dict[str, Any]:
        content = operation.get("requestBody", {}).get("content", {})
        media: list[dict[str, Any]] = list(content.values())
        return media[0].get("schema", {}) if media else {}

    def _body_of(self, operation: dict[str, Any]) -> Any:
        schema = self._schema_of(operation)
        return self._sample(schema, "") if schema else None

    def _resolved(self, schema: dict[str, Any]) -> dict[str, Any]:
        while "$ref" in schema:
            schema = self._document["components"]["schemas"][schema["$ref"].rsplit("/", 1)[-1]]
        for word in ("anyOf", "oneOf", "allOf"):
            if word in schema:
                return self._resolved(schema[word][0])
        return schema

    def _sample(self, schema: dict[str, Any], name: str) -> Any:
        """A body as it should be, with all its fields that are required or have a known value."""
        schema = self._resolved(schema)
        if "enum" in schema or "const" in schema:
            return schema.get("const", schema.get("enum", [None])[0])
        if "properties" in schema:
            wanted = {*schema.get("required", ()), *(set(_FIXED) & set(schema["properties"]))}
            return {key: self._sample(one, key) for key, one in schema["properties"].items() if key in wanted}
        if schema.get("type") == "array":
            return [self._sample(schema["items"], name)]
        return _FIXED.get(name, _SAMPLES.get(schema.get("type", "string"), "x"))

    def _places(self, schema: dict[str, Any], at: tuple[Any, ...] = ()) -> Iterator[tuple[tuple[Any, ...], str | None]]:
        """Every place of a body, with the pattern that its text must fit."""
        schema = self._resolved(schema)
        for name, one in schema.get("properties", {}).items():
            inner = self._resolved(one)
            yield (*at, name), inner.get("pattern")
            yield from self._places(inner, (*at, name))
        if "items" in schema:
            yield from self._places(schema["items"], (*at, 0))
        if "patternProperties" in schema or schema.get("additionalProperties", False) is not False:
            for text in ("a13913752648", "phone.13913752648", "name.a310115198703142830", "13913752648"):
                yield (*at, text), None


def _filled(path: str, text: str) -> str:
    return re.sub(r"\{[^}]+\}", lambda _: quote(text, safe=""), path)


def _with(body: Any, place: tuple[Any, ...], value: Any) -> Any:
    """A copy of `body` with `value` at a place, which is made if it is not there."""
    if not place:
        return value
    first, *rest = place
    if isinstance(first, int):
        return [_with(body[0] if isinstance(body, list) and body else {}, tuple(rest), value)]
    known: dict[Any, Any] = body if isinstance(body, dict) else {}
    return {**known, first: _with(known.get(first), tuple(rest), value)}


def _malformed(body: Any, text: str) -> Iterator[bytes]:
    whole = raw({**body, "value": text} if isinstance(body, dict) else [text])
    yield whole[:-2]
    yield raw(text)
    yield text.encode()
    yield text.encode("gb18030")
    yield b'{"%s": 1, "%s": 2}' % (text.encode(), text.encode())
    yield b'{"items": %s}' % raw({text: text})
    yield whole.replace(text.encode(), text.encode() + b"\x00")
    yield b"\xef\xbb\xbf" + whole
    yield b'{"value": "%s\\ud800"}' % text.encode()


assert set(PURPOSES) < {canary.kind for canary in CANARIES}
