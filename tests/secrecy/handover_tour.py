"""Orders that are anonymous, freezes and honey tokens, with values where ids and codes belong."""

from collections.abc import Callable
from typing import Any

from tests.secrecy.canary import BY_KIND, CUSTOMER, RIDER

Call = Callable[..., Any]
ORDER = "o-canary-1"
PHONE = BY_KIND["phone"]


class HandoverTour:
    """Every operation of the handover and of protection. `call` makes a call as a role."""

    def __init__(self, call: Call) -> None:
        self._call = call

    def go(self) -> None:
        """Make every call, and leave nobody frozen."""
        self._order()
        self._table()
        self._freezes()
        self._honey()

    def _order(self) -> None:
        order, path = f"/v1/orders/{ORDER}", f"/v1/subjects/{CUSTOMER}/preferences"
        self._call("service", "PUT", path, {"anonymous_orders": True})
        self._call("service", "GET", path)
        said = {"courier": RIDER, "customer": CUSTOMER, "stage": "assigned"}
        made = self._call("service", "PUT", f"{order}/assignment", said).json()
        for name in ("courier", "customer", "merchant"):
            personal = {**said, name: PHONE.writings[0]}
            self._call("service", "PUT", f"{order}/assignment", personal, expected=422)
        self._call("service", "POST", f"{order}/pickup", {"code": PHONE.writings[0]}, expected=422)
        self._call("service", "POST", f"{order}/pickup", {"code": made["pickup_code"]})
        self._call("service", "PUT", path, {"anonymous_orders": False})

    def _table(self) -> None:
        source = self._call("privacy_officer", "GET", "/v1/handover/table").json()["source"]
        self._call("privacy_officer", "PUT", "/v1/handover/table", {"source": source})
        for text in (PHONE.writings[0], f"stages: {{assigned: {{courier: {{name: '{PHONE.writings[0]}'}}}}}}"):
            self._call("privacy_officer", "PUT", "/v1/handover/table", {"source": text}, expected=422)
        rules = self._call("privacy_officer", "GET", "/v1/handover/shift-rules").json()["source"]
        self._call("privacy_officer", "PUT", "/v1/handover/shift-rules", {"source": rules})
        for text in (PHONE.writings[0], f"hours: '{PHONE.writings[0]}'\nvalues: 1"):
            self._call("privacy_officer", "PUT", "/v1/handover/shift-rules", {"source": text}, expected=422)

    def _freezes(self) -> None:
        for kind, subject in (("courier", RIDER), ("subject", CUSTOMER)):
            told = {"kind": kind, "subject": subject, "reason": "complaint"}
            frozen = self._call("privacy_officer", "POST", "/v1/freezes", told).json()["freeze"]
            self._call("privacy_officer", "GET", "/v1/freezes")
            self._call("privacy_officer", "DELETE", f"/v1/freezes/{frozen}", expected=409)
            self._call("colleague", "DELETE", f"/v1/freezes/{frozen}")
        told = {"kind": "courier", "subject": PHONE.writings[0], "reason": "complaint"}
        self._call("privacy_officer", "POST", "/v1/freezes", told, expected=422)

    def _honey(self) -> None:
        made = self._call("privacy_officer", "POST", "/v1/honey-tokens", {"place": "old_export"}).json()["token"]
        asked = {"purpose": "delivery", "items": [{"token": made}]}
        self._call("service", "POST", "/v1/detokenize", asked)
        self._call("privacy_officer", "GET", "/v1/honey-tokens")
        personal = {"place": f"p{PHONE.writings[0]}"}
        self._call("privacy_officer", "POST", "/v1/honey-tokens", personal, expected=422)
