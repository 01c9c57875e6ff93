"""The made-up cloud over HTTP: how it is asked, how what it tells is read, and how both are signed.

    moat-signature: t=<seconds since the epoch>,v1=<hex(HMAC-SHA256(secret, t "." method "." path "." body))>

Taken within five minutes of the reader's clock.
"""

import hmac
from collections.abc import Mapping, Sequence
from typing import Any, Final
from urllib.parse import quote, urlsplit

import orjson

from masking.relay.calls.progress import Event, EventKind, Failure, Released
from masking.relay.decision import CallKind
from masking.relay.mode import Side
from masking.relay.providers.errors import Fault, MalformedReceiptError, ProviderError
from masking.relay.providers.national import word
from masking.relay.providers.ports import Line, Outside, Receipt

HEADER: Final = "moat-signature"
TOLERANCE_SECONDS: Final = 300


def signature(secret: bytes, seconds: int, method: str, path: str, body: bytes) -> str:
    """The header's value."""
    message = f"{seconds}.{method}.{path}.".encode() + body
    return f"t={seconds},v1={hmac.digest(secret, message, 'sha256').hex()}"


def is_signed(secret: bytes, presented: str, now_seconds: int, *, method: str, path: str, body: bytes) -> bool:
    """Whether a call bears a signature of about now."""
    written = presented.partition(",")[0].removeprefix("t=")
    if not (written.isascii() and written.isdecimal() and len(written) < 12):
        return False
    expected = signature(secret, int(written), method, path, body)
    right = hmac.compare_digest(expected.encode(), presented.encode("utf-8", "replace"))
    return right and abs(int(written) - now_seconds) <= TOLERANCE_SECONDS


class Simulator:
    """The provider."""

    def __init__(self, outside: Outside, now: int, *, url: str, secret: bytes) -> None:
        self._outside = outside
        self._now = now
        self._url = url.rstrip("/")
        self._secret = secret

    def bind(self, line: Line) -> str:
        """As the port has it."""
        held = word(self._call("POST", "/bindings", fields_of(line)).get("held"))
        if not held:
            raise ProviderError(Fault.AWAY)
        return held

    def change(self, held: str, line: Line) -> None:
        """As the port has it."""
        self._call("PUT", f"/bindings/{quote(held, safe='')}", fields_of(line))

    def unbind(self, held: str, x: str) -> None:  # noqa: ARG002 - as the port has it
        """As the port has it."""
        try:
            self._call("DELETE", f"/bindings/{quote(held, safe='')}", None)
        except ProviderError as error:
            if error.fault is not Fault.UNKNOWN:
                raise

    def _call(self, method: str, path: str, fields: Mapping[str, object] | None) -> dict[str, Any]:
        url = self._url + path
        body = b"" if fields is None else orjson.dumps(fields)
        signed = signature(self._secret, self._now // 1000, method, urlsplit(url).path, body)
        try:
            answered = self._outside.call(method, url, {"content-type": "application/json", HEADER: signed}, body)
        except PermissionError:
            raise ProviderError(Fault.NOT_ALLOWED) from None
        except OSError:
            raise ProviderError(Fault.AWAY) from None
        return _read(answered.status, answered.body)


def fields_of(line: Line) -> dict[str, object]:
    """A binding as the cloud takes it."""
    return {
        "reference": line.reference,
        "mode": line.mode.value,
        "a": line.a,
        "b": line.b,
        "x": line.x,
        "y": line.y,
        "extension": line.extension,
        "direction": line.direction.value,
        "record": line.record,
        "max_seconds": line.max_seconds,
        "expires_at": line.expires_at,
    }


def _read(status: int, body: bytes) -> dict[str, Any]:
    try:
        answer = orjson.loads(body or b"{}")
    except orjson.JSONDecodeError:
        answer = None
    if not isinstance(answer, dict):
        raise ProviderError(Fault.AWAY)
    if status < 300:
        return answer
    fault = answer.get("fault")
    raise ProviderError(Fault(fault) if fault in set(Fault) else Fault.AWAY)


def receipts(body: bytes, at: int) -> Sequence[Receipt]:
    """What one push tells: an array. Raises MalformedReceiptError."""
    try:
        pushed = orjson.loads(body)
        if not isinstance(pushed, list) or len(pushed) > 100:
            raise MalformedReceiptError
        return [_receipt(one, at) for one in pushed]
    except (orjson.JSONDecodeError, KeyError, TypeError, ValueError, AttributeError):
        raise MalformedReceiptError from None


def _receipt(told: Mapping[str, Any], at: int) -> Receipt:
    words = {name: word(told.get(name)) for name in ("id", "held", "reference", "call")}
    if not words["id"] or not words["call"]:
        raise MalformedReceiptError
    events = [_event(one, words["call"]) for one in told.get("events", [])]
    return Receipt(
        **words,
        kind=CallKind(told["kind"]),
        ended=bool(told["ended"]),
        began=min(int(told["began"]), at),
        side=None if told.get("side") is None else Side(told["side"]),
        refused=bool(told.get("refused", False)),
        events=events,
    )


def _event(told: Mapping[str, Any], call: str) -> Event:
    return Event(
        leg=call,
        kind=EventKind(told["event"]),
        at=int(told["at"]),
        failure=None if told.get("failure") is None else Failure(told["failure"]),
        cause=None if told.get("cause") is None else int(told["cause"]),
        released=None if told.get("released") is None else Released(told["released"]),
    )
