"""Sends one call and repeats it where a repeat is safe: the same bytes, the same Idempotency-Key, bounded in number.

Every unsafe call carries a key, so a repeat after a lost answer cannot act twice; safe calls need none.
"""

import secrets
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import BinaryIO, Final, TypeAlias

import httpx
import orjson

from moat_client.errors import MoatError

SAFE_METHODS: Final = frozenset({"GET", "HEAD"})
RETRIED_STATUS: Final = frozenset({429, 502, 503, 504})

Params: TypeAlias = Mapping[str, str | int]


@dataclass(frozen=True, slots=True)
class Retries:
    """How often and how long to repeat: times in seconds. The n-th wait is drawn from 0 to ``first * 2**n``."""

    attempts: int = 6
    first: float = 0.2
    longest: float = 10.0

    def wait(self, attempt: int) -> float:
        """Draw the wait after the ``attempt``-th failure, counted from 0 (full jitter, so that clients spread out)."""
        ceiling = min(self.longest, self.first * float(2**attempt))
        return ceiling * secrets.randbelow(1_000) / 1_000


class Transport:
    """One service and one credential. Safe to share between threads."""

    __slots__ = ("_http", "_retries", "_sleep")

    def __init__(self, http: httpx.Client, retries: Retries, sleep: Callable[[float], None]) -> None:
        self._http = http
        self._retries = retries
        self._sleep = sleep

    def close(self) -> None:
        """Close the connections."""
        self._http.close()

    def json(
        self,
        method: str,
        path: str,
        *,
        body: object = None,
        params: Params | None = None,
        idempotency_key: str | None = None,
    ) -> dict[str, object]:
        """Call with a JSON body and return the JSON object of the answer, empty for an answer without a body.

        Raises MoatError for every answer of 400 and above, and with code ``unreachable`` if none came.
        """
        content = b"" if body is None else orjson.dumps(body)
        headers = {} if body is None else {"Content-Type": "application/json"}
        response = self.send(
            method, path, content=content, headers=headers, params=params, idempotency_key=idempotency_key
        )
        if not response.content:
            return {}
        answer = _object(response.content)
        if answer is None:
            raise MoatError("not_an_answer", status=response.status_code, detail="the answer is not a JSON object")
        return answer

    def send(
        self,
        method: str,
        path: str,
        *,
        content: bytes = b"",
        headers: Mapping[str, str] | None = None,
        params: Params | None = None,
        idempotency_key: str | None = None,
    ) -> httpx.Response:
        """Call with these bytes and return the answer; repeats and raises as ``json`` does."""
        sent = dict(headers or {})
        if method not in SAFE_METHODS:
            sent["Idempotency-Key"] = idempotency_key or str(uuid.uuid4())
        request = self._http.build_request(method, path, content=content, headers=sent, params=params)
        last = MoatError("unreachable")
        for attempt in range(self._retries.attempts):
            answer = self._attempt(request)
            if isinstance(answer, httpx.Response) and answer.status_code < 400:
                return answer
            last, pause = self._judge(answer, attempt)
            if pause is None:
                break
            if attempt + 1 < self._retries.attempts:
                self._sleep(pause)
        raise last

    def download(self, path: str, into: BinaryIO, progress: Callable[[int, int], None]) -> None:
        """GET a body of any length into a file; a lost connection begins it anew. Raises as ``json`` does.

        ``progress`` is told the octets written and the octets in all, 0 if the service does not say.
        """
        last = MoatError("unreachable")
        for attempt in range(self._retries.attempts):
            into.seek(0)
            into.truncate()
            answer = self._stream(path, into, progress)
            if isinstance(answer, httpx.Response) and answer.status_code < 400:
                return
            last, pause = self._judge(answer, attempt)
            if pause is None:
                break
            if attempt + 1 < self._retries.attempts:
                self._sleep(pause)
        raise last

    def _stream(self, path: str, into: BinaryIO, progress: Callable[[int, int], None]) -> httpx.Response | str:
        """Write one answer into the file; the name of the failure stands for none, as in ``_attempt``."""
        try:
            with self._http.stream("GET", path) as answer:
                if answer.status_code >= 400:
                    answer.read()
                    return answer
                declared = answer.headers.get("Content-Length", "")
                total = int(declared) if declared.isascii() and declared.isdigit() else 0
                done = 0
                for chunk in answer.iter_bytes():
                    into.write(chunk)
                    done += len(chunk)
                    progress(done, total)
                return answer
        except httpx.TransportError as failure:
            return type(failure).__name__

    def _attempt(self, request: httpx.Request) -> httpx.Response | str:
        """Send once; the name of the failure stands for no answer, because the exception itself holds the request."""
        try:
            return self._http.send(request)
        except httpx.TransportError as failure:
            return type(failure).__name__

    def _judge(self, answer: httpx.Response | str, attempt: int) -> tuple[MoatError, float | None]:
        """Return what to raise if this was the last attempt, and how long to wait before another, if one makes sense."""
        pause = self._retries.wait(attempt)
        if isinstance(answer, str):
            return MoatError("unreachable", detail=answer), pause
        error = refusal(answer)
        if answer.status_code not in RETRIED_STATUS:
            return error, None
        asked = answer.headers.get("Retry-After", "")
        # RFC 9110, 10.2.3 allows a date as well; it is not parsed: the backoff serves.
        least = float(asked) if asked.isascii() and asked.isdigit() else 0.0
        return error, (None if least > self._retries.longest else max(least, pause))


def refusal(answer: httpx.Response) -> MoatError:
    """Read the problem out of an answer of 400 and above; a proxy's HTML page becomes ``http_502`` and the like."""
    request_id = answer.headers.get("X-Request-Id", "")
    return MoatError.of(_object(answer.content) or {}, status=answer.status_code, request_id=request_id)


def _object(content: bytes) -> dict[str, object] | None:
    try:
        parsed = orjson.loads(content)
    except orjson.JSONDecodeError:
        return None
    return parsed if isinstance(parsed, dict) else None
