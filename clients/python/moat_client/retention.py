"""The calls about retention, which ``Moat`` has as ``moat.retention``."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from moat_client.calls import Calls, path_of
from moat_client.transport import Transport


@dataclass(frozen=True, slots=True)
class Happened:
    """Something from which periods run: ``order.completed`` or ``case.closed`` of a ``ref``, ``account.closed`` or
    ``last_activity`` of a ``subject``; ``at`` is RFC 3339."""

    event: str
    at: str
    ref: str | None = None
    subject: str | None = None

    def wire(self) -> dict[str, object]:
        """Return the JSON object that the service takes."""
        members = {"event": self.event, "at": self.at, "ref": self.ref, "subject": self.subject}
        return {name: value for name, value in members.items() if value is not None}


class RetentionCalls(Calls):
    """What nobody needs any more disappears."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    def tell(self, happened: Iterable[Happened], *, idempotency_key: str | None = None) -> list[dict[str, object]]:
        """Tell what happened, at most 10,000 at a time; return for each whether it is ``news``, or its ``error``. Telling it
        again, late or in any order comes to the same."""
        body = {"items": [one.wire() for one in happened]}
        return _items(self._post("/v1/retention/events", body, idempotency_key))

    def make_plan(self) -> str:
        """Have what is due now frozen in a plan; return its id, which is that of the job that makes it."""
        return str(self._transport.json("POST", "/v1/retention/plans")["plan"])

    def plan(self, plan: str) -> dict[str, object]:
        """Return what a plan would do, and what stays and why."""
        return self._transport.json("GET", path_of("retention", "plans", plan))

    def plans(self) -> Iterator[dict[str, object]]:
        """Yield plans, the latest first, page by page as they are consumed."""
        return self._pages("/v1/retention/plans", {})

    def items(self, plan: str) -> Iterator[dict[str, object]]:
        """Yield the uses that a plan has frozen, in order."""
        return self._pages(path_of("retention", "plans", plan, "items"), {"limit": 1_000})

    def start_run(self, plan: str, *, reviewed: bool = False, throttle: int | None = None) -> str:
        """Have a plan carried out; return the id of the run, which is that of its job. It may take another person's approval.

        ``reviewed`` disposes of what a person had to look at first, too; ``throttle`` is how many uses a second it may look at.
        """
        body: dict[str, object] = {"plan": plan, "reviewed": reviewed}
        body |= {} if throttle is None else {"throttle": throttle}
        return str(self._post("/v1/retention/runs", body)["run"])

    def run(self, run: str) -> dict[str, object]:
        """Return how far a run is, and what became of its plan."""
        return self._transport.json("GET", path_of("retention", "runs", run))

    def runs(self) -> Iterator[dict[str, object]]:
        """Yield runs, the latest first, page by page as they are consumed."""
        return self._pages("/v1/retention/runs", {})

    def policy(self, version: int | None = None) -> dict[str, object]:
        """Return the policy in force, or an earlier version of it."""
        params = {} if version is None else {"version": version}
        return self._transport.json("GET", "/v1/retention/policy", params=params)

    def alerts(self) -> list[dict[str, object]]:
        """Return what is amiss: stored without a policy, not reviewed for a year, waiting for an event that does not come."""
        return _items(self._transport.json("GET", "/v1/retention/alerts"))


def _items(answer: Mapping[str, object]) -> list[dict[str, object]]:
    items = answer.get("items")
    return items if isinstance(items, list) else []
