"""Calls that are repeated while the service is away, and that then must be answered."""

import http.client
import json
import time
from typing import Any

PATIENCE_SECONDS = 300.0
PAUSE_SECONDS = 0.1
ANSWER_WITHIN_SECONDS = 60.0
AWAY = frozenset({503})


class FailedError(Exception):
    """An answer that is neither right nor says that the service is away, or none for five minutes. `code` says which."""

    def __init__(self, code: str, status: int = 0) -> None:
        super().__init__(f"{status} {code}")
        self.code = code
        self.status = status


class Patient:
    """One connection of one caller. `repeats` counts the calls that a restart has cost."""

    def __init__(self, port: int, credential: str) -> None:
        self._port = port
        self._headers = {"Authorization": f"Bearer {credential}", "Content-Type": "application/json"}
        self._connection: http.client.HTTPConnection | None = None
        self.repeats = 0

    def call(self, method: str, path: str, body: object = None, *, key: str | None = None) -> Any:
        """The JSON of the answer. `key` is an Idempotency-Key: the call was made once, however often it is repeated.

        Raises:
            FailedError: it was refused, or not answered at all.
        """
        until = time.monotonic() + PATIENCE_SECONDS
        content = None if body is None else json.dumps(body, ensure_ascii=False).encode()
        while True:
            status, answered = self._exchange(method, path, content, key)
            if 200 <= status < 300:
                return json.loads(answered)
            if status and status not in AWAY:
                raise FailedError(_code(answered), status)
            if time.monotonic() > until:
                raise FailedError("away", status)
            self.repeats += 1
            time.sleep(PAUSE_SECONDS)

    def close(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def _exchange(self, method: str, path: str, content: bytes | None, key: str | None) -> tuple[int, bytes]:
        """Status and body; status 0 where no answer came."""
        headers = {**self._headers, **({"Idempotency-Key": key} if key else {})}
        try:
            if self._connection is None:
                self._connection = http.client.HTTPConnection("127.0.0.1", self._port, timeout=ANSWER_WITHIN_SECONDS)
            self._connection.request(method, path, content, headers)
            answer = self._connection.getresponse()
            return answer.status, answer.read()
        except (OSError, http.client.HTTPException):
            self.close()
            return 0, b""


def _code(answered: bytes) -> str:
    try:
        return str(json.loads(answered).get("code"))
    except ValueError:
        return "not a problem document"
