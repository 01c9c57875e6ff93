"""The calls about breaches of security, which ``Moat`` has as ``moat.breaches``."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from moat_client.calls import Calls
from moat_client.transport import Transport


@dataclass(frozen=True, slots=True)
class Reported:
    """A report that was taken. ``job`` tells the people once another person has approved it."""

    breach: str
    job: str
    people: int
    unknown: int


@dataclass(frozen=True, slots=True)
class Breach:
    """A breach, how many people it concerns, and how many of them have been told."""

    breach: str
    cause: str
    job: str
    people: int
    told: int
    unreachable: int


class BreachCalls(Calls):
    """What people are told when the security of their data was breached."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    def report(
        self, subjects: Sequence[str], facts: Mapping[str, object], *, idempotency_key: str | None = None
    ) -> Reported:
        """Report a breach that concerns these people; ``facts`` are codes, as the API describes them."""
        answer = self._post("/v1/breaches", {**facts, "subjects": list(subjects)}, idempotency_key)
        counts = {name: int(str(answer[name])) for name in ("people", "unknown")}
        return Reported(breach=str(answer["breach"]), job=str(answer["job"]), **counts)

    def all(self) -> Iterator[Breach]:
        """Yield the breaches, the latest first."""
        for one in self._pages("/v1/breaches", {}):
            counts = {name: int(str(one[name])) for name in ("people", "told", "unreachable")}
            yield Breach(breach=str(one["breach"]), cause=str(one["cause"]), job=str(one["job"]), **counts)
