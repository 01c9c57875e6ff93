"""Alibaba Cloud's phone number protection (Dyplsapi, 2017-05-25): bindings out, receipts in.

| ours   | theirs                                                                                               |
|--------|------------------------------------------------------------------------------------------------------|
| AXB    | BindAxb: PhoneNoA, PhoneNoB, PhoneNoX                                                                |
| AXN    | BindAxn: PhoneNoA, PhoneNoX, and PhoneNoB where there is a B                                         |
| AXE    | BindAxnExtension: the same with Extension, of up to three digits                                     |
| change | UpdateSubscription: updateNoB, updateExpire, updateIsRecord, updateCallRestrict, one after the other |
| end    | UnbindSubscription: SubsId, SecretNo                                                                 |

Other modes have no counterpart here and end as `unsupported_mode`. Parameters travel in the body, for they hold numbers.
Expiration is in the time of China, and later than in a minute. A receipt names the binding by SubsId and by OutId, which is our
reference; the numbers and the words in it are not read. Not verified against an account: that parameters are taken from a form.
"""

import secrets
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta, timezone
from typing import Any, Final
from urllib.parse import urlsplit

import orjson

from database.columns import moment
from masking.relay.calls.progress import Event, EventKind, Failure, Released
from masking.relay.decision import CallKind
from masking.relay.mode import Direction, Mode, Side
from masking.relay.providers.alibaba_signature import signed, written
from masking.relay.providers.errors import Fault, MalformedReceiptError, ProviderError
from masking.relay.providers.national import national, word
from masking.relay.providers.ports import Line, Outside, Receipt

VERSION: Final = "2017-05-25"
CHINA: Final = timezone(timedelta(hours=8))
SOONEST_MS: Final = 61_000

_ACTIONS: Final = {Mode.AXB: "BindAxb", Mode.AXN: "BindAxn", Mode.AXE: "BindAxnExtension"}
_RESTRICT: Final = {Direction.A: "CONTROL_BX_DISABLE", Direction.B: "CONTROL_AX_DISABLE", Direction.BOTH: ""}
_FAULTS: Final = {
    "isv.NO_AVAILABLE_NUMBER": Fault.EXHAUSTED,
    "isv.BIND_CONFLICT": Fault.CONFLICT,
    "isv.UPDATE_CONFLICT": Fault.CONFLICT,
    "isv.SUBS_NOT_EXIST": Fault.UNKNOWN,
    "isv.EXPIRE_DATE_ILLEGAL": Fault.INVALID,
    "isv.MOBILE_NUMBER_ILLEGAL": Fault.INVALID,
    "isv.ILLEGAL_ARGUMENT": Fault.INVALID,
    "isv.FORBIDDEN_ACTION": Fault.FORBIDDEN,
    "isv.OUT_OF_SERVICE": Fault.FORBIDDEN,
    "isv.NO_NOT_EXIST": Fault.NUMBER,
    "isv.NO_USED_BY_OTHERS": Fault.NUMBER,
    "isv.POOLKEY_NOT_EXISTS": Fault.NUMBER,
    "isv.FLOW_LIMIT": Fault.LIMIT,
    "isv.BUY_NUM_OVER_LIMIT": Fault.LIMIT,
    "isv.VENDOR_BIND_FAILED": Fault.AWAY,
    "isp.VENDOR_UNAVAILABLE": Fault.AWAY,
    "isp.SYSTEM_ERROR": Fault.AWAY,
    "InvalidAccessKeyId.NotFound": Fault.CREDENTIALS,
    "InvalidAccessKeyId.Inactive": Fault.CREDENTIALS,
    "SignatureDoesNotMatch": Fault.CREDENTIALS,
    "SignatureNonceUsed": Fault.AWAY,
    "Forbidden.RAM": Fault.CREDENTIALS,
    "Throttling.User": Fault.LIMIT,
    "Throttling": Fault.LIMIT,
    "ServiceUnavailable": Fault.AWAY,
}


class Alibaba:
    """The provider. `url` is the endpoint's address, such as https://dyplsapi.aliyuncs.com."""

    def __init__(self, outside: Outside, now: int, *, url: str, login: str, secret: bytes, pool_key: str) -> None:
        self._outside = outside
        self._now = now
        self._url = url.rstrip("/") + "/"
        self._login = login
        self._secret = secret
        self._pool_key = pool_key

    def bind(self, line: Line) -> str:
        """As the port has it."""
        answer = self._call(_action(line), {"PoolKey": self._pool_key, **bind_fields(line)})
        bound = answer.get("SecretBindDTO")
        held = bound.get("SubsId") if isinstance(bound, dict) else None
        if not held:
            raise ProviderError(Fault.AWAY)
        return str(held)

    def change(self, held: str, line: Line) -> None:
        """As the port has it."""
        for fields in change_fields(held, line):
            self._call("UpdateSubscription", {"PoolKey": self._pool_key, **fields})

    def unbind(self, held: str, x: str) -> None:
        """As the port has it."""
        fields = {"PoolKey": self._pool_key, "SubsId": held, "SecretNo": national(x)}
        try:
            self._call("UnbindSubscription", fields)
        except ProviderError as error:
            if error.fault is not Fault.UNKNOWN:
                raise

    def _call(self, action: str, fields: Mapping[str, str]) -> dict[str, Any]:
        body = written(fields).encode("ascii")
        headers = {
            "host": urlsplit(self._url).netloc,
            "content-type": "application/x-www-form-urlencoded",
            "x-acs-action": action,
            "x-acs-version": VERSION,
            "x-acs-date": moment(self._now).strftime("%Y-%m-%dT%H:%M:%SZ"),
            "x-acs-signature-nonce": secrets.token_hex(16),
            "accept": "application/json",
        }
        whole = signed("POST", {}, headers, body, login=self._login, secret=self._secret)
        try:
            answered = self._outside.call("POST", self._url, whole, body)
        except PermissionError:
            raise ProviderError(Fault.NOT_ALLOWED) from None
        except OSError:
            raise ProviderError(Fault.AWAY) from None
        return read_answer(answered.status, answered.body)


def _action(line: Line) -> str:
    if line.mode not in _ACTIONS:
        raise ProviderError(Fault.UNSUPPORTED)
    return _ACTIONS[line.mode]


def bind_fields(line: Line) -> dict[str, str]:
    """What Bind… takes, but for the pool. Raises ProviderError for a mode or a number that it does not hold."""
    _action(line)
    fields = {
        "PhoneNoA": national(line.a),
        "PhoneNoX": national(line.x),
        "Expiration": expiration(line),
        "IsRecordingEnabled": "true" if line.record else "false",
        "OutId": line.reference,
    }
    if line.b is not None:
        fields["PhoneNoB"] = national(line.b)
    if line.mode is Mode.AXE:
        if line.extension is None or len(line.extension) > 3:
            raise ProviderError(Fault.UNSUPPORTED)
        fields["Extension"] = line.extension
    if line.mode is Mode.AXB:
        fields["CallDisplayType"] = "1"
    if _RESTRICT[line.direction]:
        fields["CallRestrict"] = _RESTRICT[line.direction]
    return fields


def change_fields(held: str, line: Line) -> Sequence[dict[str, str]]:
    """What each UpdateSubscription takes, but for the pool: it changes one thing."""
    same = {"SubsId": held, "PhoneNoX": national(line.x)}
    changes = [{"OperateType": "updateNoA", "PhoneNoA": national(line.a)}]
    if line.b is not None:
        changes.append({"OperateType": "updateNoB", "PhoneNoB": national(line.b)})
    changes.append({"OperateType": "updateExpire", "Expiration": expiration(line)})
    changes.append({"OperateType": "updateIsRecord", "IsRecordingEnabled": "true" if line.record else "false"})
    restrict = _RESTRICT[line.direction] or "CONTROL_CLEAR_DISABLE"
    changes.append({"OperateType": "updateCallRestrict", "CallRestrict": restrict})
    return [same | change for change in changes]


def expiration(line: Line) -> str:
    """In China's time; in a minute at least, because sooner is refused. The relay itself ends it when it should."""
    at = max(line.expires_at, line.now + SOONEST_MS)
    return moment(at).astimezone(CHINA).strftime("%Y-%m-%d %H:%M:%S")


def read_answer(status: int, body: bytes) -> dict[str, Any]:
    """What was answered, once it says OK. Raises ProviderError otherwise."""
    try:
        answer = orjson.loads(body)
    except orjson.JSONDecodeError:
        answer = None
    if not isinstance(answer, dict):
        raise ProviderError(Fault.AWAY)
    code = str(answer.get("Code", ""))
    if status == 200 and code == "OK":
        return answer
    known = _FAULTS.get(code)
    if known is None:
        known = Fault.AWAY if status >= 500 else Fault.LIMIT if status == 429 else Fault.FORBIDDEN
    raise ProviderError(known)


def receipts(body: bytes, at: int) -> Sequence[Receipt]:
    """The receipts of one push, an array. Raises MalformedReceiptError."""
    try:
        pushed = orjson.loads(body)
    except orjson.JSONDecodeError:
        raise MalformedReceiptError from None
    if not isinstance(pushed, list) or len(pushed) > 1_000 or not all(isinstance(one, dict) for one in pushed):
        raise MalformedReceiptError
    return [_receipt(one, at) for one in pushed]


def _receipt(told: Mapping[str, Any], at: int) -> Receipt:
    words = {name: word(told.get(name)) for name in ("id", "call_id", "sub_id", "out_id")}
    text = "sms_type" in told
    call = words["call_id"] or words["id"]
    if not call or not (words["sub_id"] or words["out_id"]):
        raise MalformedReceiptError
    refused = str(told.get("unconnected_cause", "0")) != "0" or str(told.get("call_type", "")) == "4"
    began = _time(told.get("call_time")) or _time(told.get("start_time")) or at
    return Receipt(
        id=words["id"] or f"{call}/{'-'.join(sorted(told))}"[:128],
        held=words["sub_id"],
        reference=words["out_id"],
        call=call,
        kind=CallKind.TEXT if text else CallKind.VOICE,
        ended=text or refused or _time(told.get("release_time")) is not None,
        began=min(began, at),
        side={"0": Side.A, "1": Side.B}.get(str(told.get("call_type", ""))),
        refused=refused,
        events=() if text or refused else _events(told, call, at),
    )


def _events(told: Mapping[str, Any], call: str, at: int) -> list[Event]:
    """A report at the end has all times; those before it have theirs."""
    times = {name: _time(told.get(name)) for name in ("ring_time", "start_time", "release_time")}
    found = []
    if times["ring_time"] is not None:
        found.append(Event(leg=call, kind=EventKind.RINGING, at=times["ring_time"]))
    spoken = (times["release_time"] or 0) > (times["start_time"] or 0)
    if times["start_time"] is not None and (spoken or times["release_time"] is None):
        found.append(Event(leg=call, kind=EventKind.ANSWERED, at=times["start_time"]))
    if times["release_time"] is not None:
        found.append(_end(told, call, min(times["release_time"], at), spoken=spoken))
    return found


def _end(told: Mapping[str, Any], call: str, at: int, *, spoken: bool) -> Event:
    cause = _count(told.get("release_cause"))
    if not spoken:
        failure = {17: Failure.BUSY, 18: Failure.NO_ANSWER, 19: Failure.NO_ANSWER, 21: Failure.REJECTED}
        return Event(
            leg=call, kind=EventKind.FAILED, at=at, failure=failure.get(cause or 0, Failure.OTHER), cause=cause
        )
    released = {0: Released.SWITCH, 1: Released.CALLER, 2: Released.CALLEE}
    direction = _count(told.get("release_dir"), least=0)
    return Event(
        leg=call,
        kind=EventKind.ENDED,
        at=at,
        cause=cause,
        released=None if direction is None else released.get(direction),
    )


def _count(value: object, *, least: int = 1) -> int | None:
    text = str(value)
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 4 and least <= int(text) <= 127 else None


def _time(value: object) -> int | None:
    """Milliseconds since the epoch of a time in China, such as 2026-11-22 15:00:00."""
    try:
        read = datetime.strptime(str(value), "%Y-%m-%d %H:%M:%S").replace(tzinfo=CHINA)
    except ValueError:
        return None
    return int(read.timestamp() * 1000)
