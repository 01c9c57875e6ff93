"""The book of calls, once numbers of canaries have called and were called."""

from collections.abc import Callable
from typing import Any

from tests.secrecy.canary import CUSTOMER, RIDER

Call = Callable[..., Any]
SHOWN = frozenset({CUSTOMER, RIDER})
"""Records of calls say who called whom, by the platform's ids of them and in no other way."""
DAYS = "first=2026-11-01&last=2026-11-30&zone=Asia/Shanghai"


class CallsTour:
    """Every operation of records, figures, cases and rules. `call` makes a call as a role."""

    def __init__(self, call: Call) -> None:
        self._call = call

    def go(self) -> None:
        """Make every call."""
        found = self._look("calls?limit=200").json()["items"]
        assert found, "the relay's own tour has called"
        self._look(f"calls/{found[0]['leg']}")
        for one in (f"subject={CUSTOMER}", "refused=any", "kind=text", "order=o-canary-1", "binding=1"):
            self._look(f"calls?{one}")
        self._look(f"statistics?{DAYS}")
        rules = self._look("rules").json()["source"]
        self._call("privacy_officer", "PUT", "/v1/relay/rules", {"source": rules})
        for path in ("cases", "cases?closed=true", "legal-keys"):
            self._look(path)
        self._look("cases/1", expected=404)
        body = {"reason": "false_alarm", "lift": True}
        self._call("privacy_officer", "POST", "/v1/relay/cases/1/close", body, expected=404)

    def _look(self, path: str, expected: int = 200) -> Any:
        return self._call("privacy_officer", "GET", f"/v1/relay/{path}", expected=expected, shows=SHOWN)
