"""The calls about holders of data, which ``Moat`` has as ``moat.holders``."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from moat_client.calls import Calls, path_of
from moat_client.transport import Transport


@dataclass(frozen=True, slots=True)
class HolderTask:
    """One act that a holder was asked for. A ``dead`` one waits for somebody to see to its ``error``; ``whole`` is all that was
    answered."""

    number: int
    holder: str
    act: str
    state: str
    error: str | None
    whole: Mapping[str, object] = field(repr=False)

    @classmethod
    def of(cls, answer: Mapping[str, object]) -> "HolderTask":
        """Read one task of an answer."""
        named = {name: str(answer.get(name, "")) for name in ("holder", "act", "state")}
        error = answer.get("error")
        return cls(number=int(str(answer["task"])), error=None if error is None else str(error), whole=answer, **named)


class HolderCalls(Calls):
    """Who holds data of people, and what they were asked."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    def tasks(self, request: str) -> Iterator[HolderTask]:
        """Yield what holders were asked for a request, in order."""
        return map(HolderTask.of, self._pages(path_of("requests", request, "tasks"), {}))

    def dead(self) -> Iterator[HolderTask]:
        """Yield what was given up."""
        return map(HolderTask.of, self._pages("/v1/holders/dead-tasks", {}))

    def replay(self, task: int) -> HolderTask:
        """Have a task that was given up tried again."""
        return HolderTask.of(self._transport.json("POST", path_of("holders", "tasks", str(task), "replay")))

    def check(self, holder: str) -> dict[str, object]:
        """Ask a system what it can do; tells the types and identities that are declared and missing there."""
        return self._transport.json("POST", path_of("holders", holder, "check"))
