"""Huawei Cloud's PrivateNumber: bindings out, bills of calls in.

| ours    | theirs                                                                                                    |
|---------|-----------------------------------------------------------------------------------------------------------|
| AXB     | POST, PUT, DELETE /rest/caas/relationnumber/partners/v1.0: relationNum, callerNum, calleeNum              |
| AXN, AX | POST, DELETE /rest/provision/caas/privatenumber/v1.0: origNum, privateNum; whom A reaches by X: PUT       |
|         | /rest/caas/privatenumber/calleenumber/v1.0: subscriptionId, calleeNum                                     |

Other modes end as `unsupported_mode`: the names of their fields could not be verified. Numbers are in E.164 and travel in the
body; the query of a DELETE has the subscription and the relay number. The binding's end is `duration`, in seconds from now. Of
what is pushed, the bill (`fee`) tells all of a call and is taken; notices of its course are acknowledged and left. Not verified
against an account.
"""

import secrets
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, Final
from urllib.parse import urlencode

import orjson

from database.columns import moment
from masking.relay.calls.progress import Event, EventKind, Failure
from masking.relay.decision import CallKind
from masking.relay.mode import Direction, Mode
from masking.relay.providers.errors import Fault, MalformedReceiptError, ProviderError
from masking.relay.providers.huawei_signature import signed_headers
from masking.relay.providers.national import word
from masking.relay.providers.ports import Line, Outside, Receipt

AXB: Final = "/rest/caas/relationnumber/partners/v1.0"
AX: Final = "/rest/provision/caas/privatenumber/v1.0"
CALLEE: Final = "/rest/caas/privatenumber/calleenumber/v1.0"
LONGEST_SECONDS: Final = 7_776_000
CALLEE_SECONDS: Final = 259_200

_DIRECTIONS: Final = {Direction.BOTH: 0, Direction.A: 1, Direction.B: 2}
_FAULTS: Final = {
    "1010002": Fault.INVALID,
    "1010003": Fault.CREDENTIALS,
    "1010029": Fault.FORBIDDEN,
    "1010040": Fault.UNSUPPORTED,
    "1011002": Fault.EXHAUSTED,
    "1012008": Fault.EXHAUSTED,
    "1011003": Fault.LIMIT,
    "1011005": Fault.NUMBER,
    "1012010": Fault.CONFLICT,
    "1016002": Fault.CONFLICT,
    "1012001": Fault.UNKNOWN,
    "1012007": Fault.UNKNOWN,
    "1016001": Fault.UNKNOWN,
    "1012102": Fault.NUMBER,
    "1020166": Fault.FORBIDDEN,
}


class Huawei:
    """The provider. `url` is the address of the application's access, such as https://rtcapi.cn-north-1.myhuaweicloud.com:12543.
    Whether a binding is AXB or AX stands before the provider's name of it."""

    def __init__(self, outside: Outside, now: int, *, url: str, login: str, secret: bytes) -> None:
        self._outside = outside
        self._now = now
        self._url = url.rstrip("/")
        self._login = login
        self._secret = secret

    def bind(self, line: Line) -> str:
        """As the port has it."""
        if line.mode is Mode.AXB:
            return f"axb {self._bound(AXB, axb_fields(line))}"
        held = f"ax {self._bound(AX, ax_fields(line))}"
        if line.b is not None:
            self._callee(held, line)
        return held

    def change(self, held: str, line: Line) -> None:
        """As the port has it."""
        kind, _, name = held.partition(" ")
        if kind == "axb":
            self._call("PUT", AXB, {"subscriptionId": name, **axb_fields(line)})
        elif line.b is not None:
            self._callee(held, line)

    def unbind(self, held: str, x: str) -> None:
        """As the port has it."""
        kind, _, name = held.partition(" ")
        if kind == "axb":
            query = {"subscriptionId": name, "relationNum": international(x)}
        else:
            query = {"subscriptionId": name, "privateNum": international(x)}
        try:
            self._call("DELETE", f"{AXB if kind == 'axb' else AX}?{urlencode(query)}", None)
        except ProviderError as error:
            if error.fault is not Fault.UNKNOWN:
                raise

    def _bound(self, path: str, fields: Mapping[str, object]) -> str:
        held = word(self._call("POST", path, fields).get("subscriptionId"))
        if not held:
            raise ProviderError(Fault.AWAY)
        return held

    def _callee(self, held: str, line: Line) -> None:
        fields = {
            "subscriptionId": held.partition(" ")[2],
            "calleeNum": line.b,
            "validityTime": min(line.seconds_left, CALLEE_SECONDS),
        }
        self._call("PUT", CALLEE, fields)

    def _call(self, method: str, path: str, fields: Mapping[str, object] | None) -> dict[str, Any]:
        created = moment(self._now).strftime("%Y-%m-%dT%H:%M:%SZ")
        signed = signed_headers(login=self._login, secret=self._secret, nonce=secrets.token_hex(16), created=created)
        headers = {**signed, "accept": "application/json", "content-type": "application/json;charset=UTF-8"}
        body = b"" if fields is None else orjson.dumps(fields)
        try:
            answered = self._outside.call(method, self._url + path, headers, body)
        except PermissionError:
            raise ProviderError(Fault.NOT_ALLOWED) from None
        except OSError:
            raise ProviderError(Fault.AWAY) from None
        return read_answer(answered.status, answered.body)


def axb_fields(line: Line) -> dict[str, object]:
    """What binding and changing an AXB take. Raises ProviderError for another mode."""
    if line.mode is not Mode.AXB or line.b is None:
        raise ProviderError(Fault.UNSUPPORTED)
    return {
        "relationNum": international(line.x),
        "callerNum": line.a,
        "calleeNum": line.b,
        "callDirection": _DIRECTIONS[line.direction],
        "duration": min(line.seconds_left, LONGEST_SECONDS),
        "maxDuration": min(1_440, -(-line.max_seconds // 60)),
        "recordFlag": "true" if line.record else "false",
        "userData": line.reference,
    }


def ax_fields(line: Line) -> dict[str, object]:
    """What binding an AX takes. Raises ProviderError for another mode, or for calls in one direction."""
    if line.mode not in {Mode.AX, Mode.AXN} or line.direction is not Direction.BOTH:
        raise ProviderError(Fault.UNSUPPORTED)
    return {
        "origNum": line.a,
        "privateNum": international(line.x),
        "calleeNumDisplay": "0",
        "recordFlag": "true" if line.record else "false",
        "userData": line.reference,
    }


def international(x: str) -> str:
    """A relay number with country code; one of the 700 range is China's."""
    return x if x.startswith("+") else f"+86{x}"


def read_answer(status: int, body: bytes) -> dict[str, Any]:
    """What was answered, once it says 0. Raises ProviderError otherwise."""
    try:
        answer = orjson.loads(body)
    except orjson.JSONDecodeError:
        answer = None
    if not isinstance(answer, dict):
        raise ProviderError(Fault.AWAY)
    code = str(answer.get("resultcode", ""))
    if status in {200, 201} and code == "0":
        return answer
    known = _FAULTS.get(code)
    if known is None:
        known = Fault.AWAY if status >= 500 else Fault.CREDENTIALS if status in {401, 403} else Fault.FORBIDDEN
    raise ProviderError(known)


def receipts(body: bytes, at: int) -> Sequence[Receipt]:
    """The bills of one push; none for a notice of a call's course. Raises MalformedReceiptError."""
    try:
        pushed = orjson.loads(body)
    except orjson.JSONDecodeError:
        raise MalformedReceiptError from None
    if not isinstance(pushed, dict) or not isinstance(pushed.get("eventType"), str):
        raise MalformedReceiptError
    bills = pushed.get("feeLst", []) if pushed["eventType"] == "fee" else []
    if not isinstance(bills, list) or len(bills) > 50 or not all(isinstance(one, dict) for one in bills):
        raise MalformedReceiptError
    return [_receipt(one, at) for one in bills]


def _receipt(told: Mapping[str, Any], at: int) -> Receipt:
    words = {name: word(told.get(name)) for name in ("icid", "sessionId", "subscriptionId", "userData")}
    call = words["sessionId"] or words["icid"]
    if not call or not (words["subscriptionId"] or words["userData"]):
        raise MalformedReceiptError
    began = _time(told.get("callInTime")) or _time(told.get("callEndTime")) or at
    return Receipt(
        id=f"{words['icid']} {call}".strip(),
        held=words["subscriptionId"],
        reference=words["userData"],
        call=call,
        kind=CallKind.VOICE,
        ended=True,
        began=min(began, at),
        refused=_time(told.get("fwdStartTime")) is None,
        events=_events(told, call, at),
    )


def _events(told: Mapping[str, Any], call: str, at: int) -> list[Event]:
    rang, answered, ended = (_time(told.get(name)) for name in ("fwdAlertingTime", "fwdAnswerTime", "callEndTime"))
    found = []
    if rang is not None:
        found.append(Event(leg=call, kind=EventKind.RINGING, at=rang))
    if answered is not None:
        found.append(Event(leg=call, kind=EventKind.ANSWERED, at=answered))
        found.append(Event(leg=call, kind=EventKind.ENDED, at=min(ended or at, at)))
        return found
    reasons = {"17": Failure.BUSY, "18": Failure.NO_ANSWER, "19": Failure.NO_ANSWER, "21": Failure.REJECTED}
    failure = reasons.get(str(told.get("fwdUnaswRsn", "")), Failure.OTHER)
    found.append(Event(leg=call, kind=EventKind.FAILED, at=min(ended or at, at), failure=failure))
    return found


def _time(value: object) -> int | None:
    """Milliseconds since the epoch of a time in UTC, such as 2026-11-22 08:00:00."""
    try:
        read = datetime.strptime(str(value), "%Y-%m-%d %H:%M:%S").replace(tzinfo=UTC)
    except ValueError:
        return None
    return int(read.timestamp() * 1000)
