"""People with telephones, known to the service and bound to each other by its API."""

import itertools
import time
from dataclasses import dataclass, replace
from typing import Any

from tests.support.server import Server
from tests.wire.ends import End

POOLS = {
    "couriers": (["axb"], ["+8617012340000", "+8617012340001"], 0),
    "pairs": (["axyb"], ["700110000010001", "700110000010002"], 0),
    "shops": (["axn"], ["+8617012350000"], 0),
    "desks": (["axe"], ["+8617012360000"], 4),
}
ENDS_WITHIN_SECONDS = 10.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Pair:
    """Two people, what each dials to reach the other, what each then sees, and the binding that does it."""

    a: End
    b: End
    a_dials: str
    b_dials: str
    a_sees: str
    b_sees: str
    binding: int

    @property
    def turned(self) -> "Pair":
        """The same two, B calling A: who calls is where callers are."""
        a = replace(self.b, host=self.a.host, port=self.a.port, voice=self.a.voice)
        b = replace(self.a, host=self.b.host, port=self.b.port, voice=self.b.voice)
        return Pair(
            a=a,
            b=b,
            a_dials=self.b_dials,
            b_dials=self.a_dials,
            a_sees=self.b_sees,
            b_sees=self.a_sees,
            binding=self.binding,
        )

    def called_by(self, somebody: End) -> "Pair":
        """Somebody else dials what A dials."""
        return replace(self, a=somebody)


class World:
    """Makes people and bindings. Callers are where `callers` is, those who are called where `callees` is."""

    shortest_call = 2

    def __init__(self, server: Server, callers: End, callees: End) -> None:
        self._service = server.client(server.credential("service"))
        self.switch = server.credential("switch")
        self._asking = server.client(self.switch)
        self._reading = server.client(server.credential("privacy_officer"))
        self._callers, self._callees = callers, callees
        self._numbers = itertools.count(101)
        self._tokens: dict[str, str] = {}
        for pool, (modes, numbers, digits) in POOLS.items():
            self._post("/v1/relay/pools", pool=pool, modes=modes, digits=digits, capacity=1_000)
            items = [{"number": number} for number in numbers]
            assert self._post("/v1/relay/numbers", pool=pool, items=items)["added"] == len(numbers)
        self.shared_pair = self.pair()

    def close(self) -> None:
        """Ask nothing any more."""
        self._service.close()
        self._asking.close()
        self._reading.close()

    def pair(self, mode: str = "axb", **terms: Any) -> Pair:
        """Two people who are bound to each other."""
        a, b = self._person("Zhang San", "13951847", self._callers), self._person("Li Si", "13720496", self._callees)
        parties = {"a": self._party(a), "b": self._party(b)}
        bound = self._bind(mode, "pairs" if mode == "axyb" else "couriers", **parties, **terms)
        x, y = bound["x"], bound["y"] or bound["x"]
        return Pair(a=a, b=b, a_dials=y, b_dials=x, a_sees=y, b_sees=x, binding=bound["binding"])

    def reachable(self, mode: str = "axn") -> Pair:
        """Somebody whom anybody may call, and anybody."""
        b = self._person("Li Si", "13720496", self._callees)
        bound = self._bind(mode, "desks" if mode == "axe" else "shops", a=self._party(b))
        x, dialled = bound["x"], "*".join(filter(None, (bound["x"], bound["extension"])))
        binding = bound["binding"]
        return Pair(a=self.stranger(), b=b, a_dials=dialled, b_dials=x, a_sees=x, b_sees=x, binding=binding)

    def stranger(self) -> End:
        """Somebody whom the service does not know."""
        return replace(self._callers, number=f"+8613588881{next(self._numbers)}", name="Zhang San")

    def block(self, pair: Pair) -> None:
        """A may not reach B."""
        parties = {"caller": self._party(pair.a), "callee": self._party(pair.b)}
        self._post("/v1/relay/blocks", **parties, reason="harassment")

    def unbind(self, pair: Pair) -> None:
        """The order is over."""
        assert self._service.delete(f"/v1/relay/bindings/{pair.binding}").status_code == 200

    def hang_up(self, pair: Pair) -> dict[str, Any]:
        """End their calls."""
        return self._post(f"/v1/relay/bindings/{pair.binding}/hangup")

    def call_of(self, pair: Pair) -> dict[str, Any]:
        """Their one call, as the book has it."""
        answer = self._reading.get("/v1/relay/calls", params={"binding": pair.binding})
        assert answer.is_success, answer.text
        (call,) = answer.json()["items"]
        return dict(call)

    def expired(self) -> Pair:
        """Two whose time is over, though nobody has cleaned up."""
        pair = self.pair(expires_in=1)
        self._until(pair, "ended")
        return pair

    def exhaust(self, pair: Pair) -> None:
        """Let A call until it is too often."""
        self._until(pair, "rate_limited")

    def _until(self, pair: Pair, reason: str) -> None:
        until = time.monotonic() + ENDS_WITHIN_SECONDS
        said = ""
        while said != reason:
            assert time.monotonic() < until, said
            answer = self._asking.post("/v1/relay/route", json={"called": pair.a_dials, "caller": pair.a.number})
            said = answer.json().get("reason", "")
            time.sleep(0.0 if reason == "rate_limited" else 0.2)

    def _bind(self, mode: str, pool: str, **wish: Any) -> dict[str, Any]:
        return self._post("/v1/relay/bindings", mode=mode, pool=pool, order=f"o-{next(self._numbers)}", **wish)

    def _person(self, name: str, prefix: str, where: End) -> End:
        end = replace(where, number=f"+86{prefix}{next(self._numbers)}", name=name)
        item = {"subject": f"person-{end.number[-3:]}", "kind": "phone", "value": end.number}
        (stored,) = self._post("/v1/tokenize", purpose="relay_call", items=[item])["items"]
        self._tokens[end.number] = stored["token"]
        return end

    def _party(self, end: End) -> dict[str, str]:
        return {"token": self._tokens[end.number]}

    def _post(self, path: str, **body: Any) -> dict[str, Any]:
        answer = self._service.post(path, json=body)
        assert answer.is_success, answer.text
        said: dict[str, Any] = answer.json()
        return said
