"""Calls and texts through the relay's adapters, with people and values that must stay nowhere."""

import base64
import hashlib
import hmac
from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode, urlsplit

from tests.secrecy.canary import BY_KIND, CUSTOMER
from tests.secrecy.exchange import Recorder, raw

Call = Callable[..., Any]
PHONE = BY_KIND["phone"]
OTHER, OTHER_PHONE = "cust-canary-other", "+8613900001234"
RELAY_URL = "https://relay.example.com"
TOKEN, POOL = "a-made-up-token", "adapters"
REACHED = frozenset(PHONE.texts)


class AdapterTour:
    """Every operation of accounts, texts, webhooks and providers. `call` makes a call as a role, `cloud` is an origin that
    answers nothing of use."""

    def __init__(self, call: Call, record: Recorder, cloud: str) -> None:
        self._call = call
        self._record = record
        self._cloud = cloud

    def go(self) -> None:
        """Make every call."""
        x = self._bound()
        self._texts(x)
        self._webhooks(x)
        self._provider()

    def _bound(self) -> str:
        fields = {"purpose": "account", "fields": {"phone": OTHER_PHONE}}
        self._call("service", "PUT", f"/v1/subjects/{OTHER}", fields)
        self._call("service", "POST", "/v1/relay/pools", {"pool": POOL, "modes": ["axb"]})
        numbers = {"pool": POOL, "items": [{"number": "+8617000000071"}, {"number": "+8617000000072"}]}
        self._call("service", "POST", "/v1/relay/numbers", numbers)
        return str(self._bind("o-adapters-1")["x"])

    def _bind(self, order: str) -> Any:
        people = {"a": {"subject": CUSTOMER}, "b": {"subject": OTHER}}
        asked = {"mode": "axb", "pool": POOL, "order": order, **people}
        return self._call("service", "POST", "/v1/relay/bindings", asked).json()

    def _texts(self, x: str) -> None:
        personal = " ".join(BY_KIND[kind].writings[0] for kind in ("phone", "id_card", "email", "bank_card"))
        for caller, text, shows in (
            (PHONE.writings[0], personal, frozenset[str]()),
            (OTHER_PHONE, personal, REACHED),
            (PHONE.writings[1], f"https://evil.example/{PHONE.writings[0]}", frozenset[str]()),
            (personal, PHONE.writings[0], frozenset[str]()),
        ):
            asked = {"called": x, "caller": caller[:128], "text": text}
            self._call("switch", "POST", "/v1/relay/messages", asked, shows=shows)
        routed = {"called": x, "caller": OTHER_PHONE}
        leg = self._call("switch", "POST", "/v1/relay/route", routed, shows=REACHED).json()["leg"]
        self._call("switch", "POST", "/v1/relay/events", {"leg": leg, "event": "ended", "seconds": 9})
        personal_leg = {"leg": PHONE.normal, "event": "ended"}
        self._call("switch", "POST", "/v1/relay/events", personal_leg, expected=422)

    def _webhooks(self, x: str) -> None:
        body = {"kind": "twiml", "name": "voice", "login": "AC1", "secret": TOKEN}
        account = self._call("operator", "POST", "/v1/relay/accounts", body).json()["account"]
        voice = {"CallSid": "CA1", "From": OTHER_PHONE, "To": x}
        self._post(account, "voice", voice, shows=REACHED)
        self._post(account, "voice", {"CallSid": "CA2", "From": PHONE.writings[0], "To": PHONE.writings[0]})
        text = {"MessageSid": "SM1", "From": OTHER_PHONE, "To": x, "Body": PHONE.writings[0]}
        self._post(account, "messages", text, shows=REACHED)
        for name in ("after", "status", "notice"):
            self._post(account, name, {"CallSid": "CA1", "CallStatus": "completed", "From": PHONE.writings[0]})
        self._call("operator", "POST", f"/v1/relay/accounts/{account}/secret", {"secret": "another-token"})
        self._post(account, "voice", {**voice, "CallSid": PHONE.writings[0]})
        self._call("operator", "GET", "/v1/relay/accounts")
        self._call("operator", "DELETE", f"/v1/relay/accounts/{account}")

    def _post(self, account: int, name: str, fields: dict[str, str], *, shows: frozenset[str] = frozenset()) -> None:
        path, form = f"/v1/relay/twiml/{account}/{name}", {"AccountSid": "AC1", **fields}
        signed = RELAY_URL + path + "".join(f"{key}{form[key]}" for key in sorted(form))
        mac = hmac.new(TOKEN.encode(), signed.encode(), hashlib.sha1).digest()
        headers = {
            "X-Twilio-Signature": base64.b64encode(mac).decode(),
            "Content-Type": "application/x-www-form-urlencoded",
        }
        self._record.call("POST", path, content=urlencode(form).encode(), headers=headers, shows=shows)

    def _provider(self) -> None:
        body = {"kind": "huawei", "name": "cloud", "login": "k", "secret": TOKEN, "url": self._cloud, "pool": POOL}
        made = self._call("operator", "POST", "/v1/relay/accounts", body).json()
        binding = self._bind("o-adapters-2")["binding"]
        bill = {"sessionId": "s", "icid": "i", "userData": f"moat-{binding}", "callerNum": PHONE.normal}
        for pushed in ({"eventType": "fee", "feeLst": [bill]}, {"eventType": PHONE.normal}, [PHONE.normal]):
            path = urlsplit(made["webhooks"]["receipts"]).path
            self._record.call("POST", path, content=raw(pushed), headers={"Content-Type": "application/json"})
        for state in ("waiting", "failed", "held", "gone"):
            self._call("operator", "GET", f"/v1/relay/carried?state={state}")
        self._call("operator", "POST", f"/v1/relay/carried/{binding}/retry", expected=404)
        self._call("service", "DELETE", f"/v1/relay/bindings/{binding}")
