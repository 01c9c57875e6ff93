"""The calls about relay numbers and bindings, which ``Moat`` has as ``moat.relay``."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from moat_client.calls import Calls, path_of
from moat_client.transport import Transport

Party = Mapping[str, str]
"""Somebody: ``{"subject": …}`` whose profile has a phone number, or ``{"token": …}`` of one."""


@dataclass(frozen=True, slots=True)
class Binding:
    """Numbers between people. ``x`` is what B dials and sees, ``y`` what A does where the mode has one. Times are RFC 3339."""

    number: int
    mode: str
    x: str
    y: str | None
    extension: str | None
    version: int
    expires_at: str
    ended_at: str | None
    end_reason: str | None

    @classmethod
    def of(cls, answer: Mapping[str, object]) -> "Binding":
        """Read one binding of an answer."""
        return cls(
            number=int(str(answer["binding"])),
            mode=str(answer["mode"]),
            x=str(answer["x"]),
            y=_text(answer["y"]),
            extension=_text(answer["extension"]),
            version=int(str(answer["version"])),
            expires_at=str(answer["expires_at"]),
            ended_at=_text(answer["ended_at"]),
            end_reason=_text(answer["end_reason"]),
        )


@dataclass(frozen=True, slots=True)
class Pool:
    """Numbers that are given out on the same terms. ``numbers`` counts them by state, ``live`` their live bindings."""

    name: str
    modes: Sequence[str]
    numbers: Mapping[str, int]
    live: int

    @classmethod
    def of(cls, answer: Mapping[str, object]) -> "Pool":
        """Read one pool of an answer."""
        modes, numbers = answer["modes"], answer["numbers"]
        return cls(
            name=str(answer["pool"]),
            modes=[str(mode) for mode in modes] if isinstance(modes, list) else [],
            numbers={state: int(count) for state, count in numbers.items()} if isinstance(numbers, dict) else {},
            live=int(str(answer["live"])),
        )


@dataclass(frozen=True, slots=True)
class Number:
    """A relay number. Until ``rests_until`` it is given to nobody."""

    value: str
    kind: str
    area: str
    state: str
    rests_until: str | None
    live: int

    @classmethod
    def of(cls, answer: Mapping[str, object]) -> "Number":
        """Read one number of an answer."""
        return cls(
            value=str(answer["number"]),
            kind=str(answer["kind"]),
            area=str(answer["area"]),
            state=str(answer["state"]),
            rests_until=_text(answer["rests_until"]),
            live=int(str(answer["live"])),
        )


@dataclass(frozen=True, slots=True)
class Added:
    """How many numbers were added, and the code of each line that was not, by its number."""

    count: int
    faults: Mapping[int, str]

    @classmethod
    def of(cls, answer: Mapping[str, object]) -> "Added":
        """Read what became of an import."""
        faults = answer["faults"]
        lines = faults if isinstance(faults, list) else []
        return cls(int(str(answer["added"])), {int(one["line"]): str(one["code"]) for one in lines})


class RelayCalls(Calls):
    """Numbers between people who do not see each other's."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    def bind(
        self,
        mode: str,
        order: str,
        people: Mapping[str, Party | Sequence[Party]],
        *,
        pool: str = "default",
        expires_in: int | None = None,
        idempotency_key: str | None = None,
        **further: object,
    ) -> Binding:
        """Put numbers between ``people``, by ``a``, ``b`` and ``crew`` as the mode takes them. ``further`` are fields such as
        ``area`` and ``direction``."""
        body = {"mode": mode, "order": order, "pool": pool, **people, **further}
        if expires_in is not None:
            body["expires_in"] = expires_in
        return Binding.of(self._post("/v1/relay/bindings", body, idempotency_key))

    def binding(self, number: int) -> Binding:
        """Look at a binding."""
        return Binding.of(self._transport.json("GET", path_of("relay", "bindings", str(number))))

    def bindings(self, *, order: str | None = None) -> Iterator[Binding]:
        """Yield bindings, or those of an order."""
        return map(Binding.of, self._pages("/v1/relay/bindings", {} if order is None else {"order": order}))

    def change(self, number: int, **changes: object) -> Binding:
        """Change a live binding: ``b``, ``crew``, ``expires_in``, ``direction``, ``texts``, ``record``, ``max_call_seconds``."""
        return Binding.of(self._transport.json("PATCH", path_of("relay", "bindings", str(number)), body=changes))

    def unbind(self, number: int) -> Binding:
        """End a binding."""
        return Binding.of(self._transport.json("DELETE", path_of("relay", "bindings", str(number))))

    def hang_up(self, number: int) -> int:
        """End the calls of a binding that are under way; tell how many there were."""
        answer = self._post(path_of("relay", "bindings", str(number), "hangup"), {})
        return int(str(answer["calls"]))

    def create_pool(self, name: str, modes: Sequence[str], **terms: object) -> Pool:
        """Make a pool. ``terms`` are fields such as ``cool_seconds``, ``capacity`` and ``digits``."""
        return Pool.of(self._post("/v1/relay/pools", {"pool": name, "modes": list(modes), **terms}))

    def pools(self) -> Iterator[Pool]:
        """Yield pools."""
        return map(Pool.of, self._pages("/v1/relay/pools", {}))

    def plan(self, pool: str, *, days: int = 7) -> dict[str, object]:
        """Compare the numbers of a pool with what its bindings needed."""
        return self._transport.json("GET", path_of("relay", "pools", pool, "plan"), params={"days": days})

    def import_numbers(self, pool: str, csv: str) -> Added:
        """Put the numbers of a CSV file into a pool."""
        return Added.of(self._post("/v1/relay/numbers/import", {"pool": pool, "csv": csv}))

    def numbers(self, pool: str | None = None) -> Iterator[Number]:
        """Yield numbers, or those of a pool."""
        return map(Number.of, self._pages("/v1/relay/numbers", {} if pool is None else {"pool": pool}))

    def move_number(self, number: str, state: str, *, rest_seconds: int | None = None) -> Number:
        """Freeze, quarantine, suspend, retire or free a number."""
        body: dict[str, object] = {"number": number, "state": state}
        if rest_seconds is not None:
            body["rest_seconds"] = rest_seconds
        return Number.of(self._post("/v1/relay/numbers/state", body))


def _text(value: object) -> str | None:
    return None if value is None else str(value)
