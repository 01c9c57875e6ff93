"""Numbers, pools, bindings and blocks of the relay, with a customer whose number must stay nowhere."""

from collections.abc import Callable
from typing import Any

from tests.secrecy.canary import BY_KIND, CUSTOMER

Call = Callable[..., Any]
PHONE = BY_KIND["phone"]
OTHER, OTHER_PHONE = "cust-canary-relayed", "+8613900001235"
POOL = "relayed"
X, SPARE = "+8657188880071", "+8617000000081"


class RelayTour:
    """Every operation of bindings, blocks, pools and numbers, and a call that connects. `call` makes a call as a role."""

    def __init__(self, call: Call) -> None:
        self._call = call

    def go(self) -> None:
        """Make every call."""
        self._stock()
        binding = self._bindings()
        self._blocks(binding)
        self._call("service", "DELETE", f"/v1/relay/bindings/{binding}")

    def _stock(self) -> None:
        terms = {"modes": ["axb"], "cool_seconds": 60}
        self._call("service", "POST", "/v1/relay/pools", {"pool": POOL, **terms})
        self._call("service", "PUT", f"/v1/relay/pools/{POOL}", {**terms, "capacity": 9})
        for path in ("pools", f"pools/{POOL}", f"pools/{POOL}/plan", f"numbers?pool={POOL}"):
            self._call("service", "GET", f"/v1/relay/{path}")
        csv = f"number\n{X}\n{PHONE.writings[0]}x\n"
        self._call("service", "POST", "/v1/relay/numbers/import", {"pool": POOL, "csv": csv})
        self._call("service", "POST", "/v1/relay/numbers", {"pool": POOL, "items": [{"number": SPARE}]})
        self._call("service", "POST", "/v1/relay/numbers/state", {"number": SPARE, "state": "frozen"})

    def _bindings(self) -> int:
        fields = {"purpose": "account", "fields": {"phone": OTHER_PHONE}}
        self._call("service", "PUT", f"/v1/subjects/{OTHER}", fields)
        people = {"a": {"subject": CUSTOMER}, "b": {"subject": OTHER}}
        asked = {"mode": "axb", "pool": POOL, "order": "o-relayed", **people}
        binding = self._call("service", "POST", "/v1/relay/bindings", asked).json()["binding"]
        self._call("service", "POST", "/v1/relay/bindings/bulk", {"items": [asked, {**asked, "x": PHONE.writings[0]}]})
        one = f"/v1/relay/bindings/{binding}"
        for path in (one, "/v1/relay/bindings", "/v1/relay/bindings?order=o-relayed"):
            self._call("service", "GET", path)
        self._call("service", "PATCH", one, {"expires_in": 600})
        self._call("service", "POST", f"{one}/hangup", {})
        return int(binding)

    def _blocks(self, binding: int) -> None:
        asked = {"caller": {"subject": CUSTOMER}, "callee": {"subject": OTHER}, "reason": "asked"}
        (block,) = self._call("service", "POST", "/v1/relay/blocks", asked).json()["blocks"]
        self._call("service", "GET", "/v1/relay/blocks")
        refused = self._call("switch", "POST", "/v1/relay/route", {"called": X, "caller": PHONE.writings[0]})
        assert refused.json() == {"action": "reject", "reason": "blocked"}, binding
        self._call("service", "DELETE", f"/v1/relay/blocks/{block}")
