"""Calls to HashiCorp Vault or OpenBao: a token that is kept alive, and every failure said in one of three words.

    unreachable   no connection, too slow, a standby, a redirect, or an answer that is none of the engine's
    sealed        it answers, and is sealed or not initialized
    denied        it answers, and the token or the login is not good for what was asked

The token comes from a file or the environment, or from a login by AppRole. One that can be renewed is renewed when half its time
has passed; a login is made anew when that fails, and when a token is refused.
"""

import ssl
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from time import monotonic
from typing import Any

import httpx

from vault.errors import KeysUnavailableError

CONNECTED_WITHIN_SECONDS = 3.0
ANSWERED_WITHIN_SECONDS = 5.0
STANDBY = frozenset({429, 472, 473})

Secret = Callable[[], str]
"""Reads a secret anew, so that a file may be replaced while the service runs. Raises OSError where there is none."""


class RefusedError(Exception):
    """The engine could not do what was asked of it, with what was sent (400)."""


class _DeniedError(Exception):
    """The token is not good for this (403)."""


@dataclass(frozen=True, slots=True)
class AppRole:
    """A login: the role's id is no secret, the secret id is."""

    role_id: str
    secret_id: Secret = field(repr=False)
    mount: str = "approle"


@dataclass(frozen=True, slots=True)
class _Token:
    """A token with the time, in monotonic seconds, from which it should be renewed; None where it cannot be, or need not."""

    text: str = field(repr=False)
    renew_from: float | None


class TransitClient:
    """Calls one address as one holder of a token: `login` is a role, or what reads a token.

    Raises, from every call:
        KeysUnavailableError: as above.
        RefusedError: what was sent cannot be worked on.
    """

    def __init__(
        self, url: str, login: AppRole | Secret, *, namespace: str | None = None, ca_file: Path | None = None
    ) -> None:
        headers = {"X-Vault-Request": "true"} | ({} if namespace is None else {"X-Vault-Namespace": namespace})
        trusted = ssl.create_default_context(cafile=None if ca_file is None else str(ca_file))
        self._new_http = partial(
            httpx.Client,
            base_url=f"{url.rstrip('/')}/v1/",
            headers=headers,
            verify=trusted,
            timeout=httpx.Timeout(ANSWERED_WITHIN_SECONDS, connect=CONNECTED_WITHIN_SECONDS),
            trust_env=False,
        )
        self._http: httpx.Client | None = None
        self._login = login
        self._token: _Token | None = None
        self._lock = threading.Lock()

    def get(self, path: str) -> dict[str, Any] | None:
        """What is read at a path; None where there is nothing."""
        return self._authorized("GET", path, None)

    def post(self, path: str, body: Mapping[str, Any]) -> dict[str, Any]:
        """The answer to what is sent to a path; empty where it has none."""
        return self._authorized("POST", path, body) or {}

    def delete(self, path: str) -> None:
        """Delete what is at a path."""
        self._authorized("DELETE", path, None)

    def close(self) -> None:
        """Close the connections; the next call opens one."""
        with self._lock:
            if self._http is not None:
                self._http.close()
                self._http = None

    def _authorized(self, method: str, path: str, body: Mapping[str, Any] | None) -> dict[str, Any] | None:
        """Call with the token; once more with a new one where that was refused."""
        token = self._current()
        try:
            return _data(self._call(method, path, body, token))
        except _DeniedError:
            anew = self._current(refused=token)
        if anew == token:
            raise KeysUnavailableError("denied")
        try:
            return _data(self._call(method, path, body, anew))
        except _DeniedError:
            raise KeysUnavailableError("denied") from None

    def _current(self, refused: str | None = None) -> str:
        """The token to use now. One that was refused is replaced, if there is another."""
        with self._lock:
            if self._token is not None and self._token.text == refused:
                self._token = None
            if self._token is None:
                self._token = self._obtained()
            elif self._token.renew_from is not None and monotonic() >= self._token.renew_from:
                self._token = self._renewed(self._token)
            return self._token.text

    def _obtained(self) -> _Token:
        if not isinstance(self._login, AppRole):
            return self._given(self._login)
        try:
            body = {"role_id": self._login.role_id, "secret_id": self._login.secret_id()}
            answer = self._call("POST", f"auth/{self._login.mount}/login", body, None)
        except (RefusedError, _DeniedError, OSError):
            raise KeysUnavailableError("denied") from None
        return _token((answer or {}).get("auth"))

    def _given(self, read: Secret) -> _Token:
        """The token that an operator has put there, with what the engine knows of it."""
        try:
            text = read()
        except OSError:
            raise KeysUnavailableError("denied") from None
        try:
            known = _data(self._call("GET", "auth/token/lookup-self", None, text)) or {}
        except (RefusedError, _DeniedError):
            return _Token(text, None)
        return _Token(text, _renewal(known.get("ttl"), known.get("renewable")))

    def _renewed(self, token: _Token) -> _Token:
        try:
            renewed = _token((self._call("POST", "auth/token/renew-self", {}, token.text) or {}).get("auth"))
        except (RefusedError, _DeniedError):
            return self._obtained()
        # At the end of its longest life a token is renewed by less and less; a login gives a new one.
        left = renewed.renew_from is not None and renewed.renew_from > monotonic() + 1
        return renewed if left or not isinstance(self._login, AppRole) else self._obtained()

    def _call(self, method: str, path: str, body: Mapping[str, Any] | None, token: str | None) -> dict[str, Any] | None:
        headers = {} if token is None else {"X-Vault-Token": token}
        self._http = http = self._http or self._new_http()
        try:
            answer = http.request(method, path, json=body, headers=headers)
        except (httpx.HTTPError, httpx.InvalidURL, ValueError):
            raise KeysUnavailableError("unreachable") from None
        return _judged(answer)


def _judged(answer: httpx.Response) -> dict[str, Any] | None:
    """The body of a good answer, None for one without, and every other as what it means."""
    try:
        body = answer.json() if answer.content else {}
    except ValueError:
        body = None
    if not isinstance(body, dict) or answer.status_code in STANDBY:
        raise KeysUnavailableError("unreachable")
    errors = " ".join(map(str, body.get("errors") or ()))
    match answer.status_code:
        case 200 | 204:
            return body
        case 400:
            raise RefusedError
        case 403:
            raise _DeniedError
        case 404 if not errors:
            return None
        case 501:
            raise KeysUnavailableError("sealed")
        case 503 if "sealed" in errors:
            raise KeysUnavailableError("sealed")
        case _:
            raise KeysUnavailableError("unreachable")


def _data(body: dict[str, Any] | None) -> dict[str, Any] | None:
    return None if body is None else body.get("data") or {}


def _token(auth: Any) -> _Token:
    """The token of the answer to a login or a renewal."""
    try:
        return _Token(str(auth["client_token"]), _renewal(auth["lease_duration"], auth["renewable"]))
    except (TypeError, KeyError):
        raise KeysUnavailableError("unreachable") from None


def _renewal(seconds: Any, renewable: Any) -> float | None:
    return monotonic() + float(seconds) / 2 if renewable and seconds else None
