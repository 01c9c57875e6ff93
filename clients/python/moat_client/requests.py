"""The calls about requests of people, which ``Moat`` has as ``moat.requests``."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from moat_client.calls import Calls, path_of
from moat_client.transport import Params, Transport


@dataclass(frozen=True, slots=True)
class Asked:
    """What somebody asks: ``right`` such as ``access``, ``erasure`` or ``complaint``, under a ``regime`` such as ``pipl``.

    Words and corrections stay out of every ``repr``.
    """

    subject: str
    right: str
    regime: str
    requester: str = "self"
    channel: str = "app"
    locale: str = "zh-Hans"
    purposes: tuple[str, ...] = ()
    corrections: Mapping[str, str] = field(default_factory=dict, repr=False)
    text: str | None = field(default=None, repr=False)
    category: str | None = None
    accountable: str = "platform"
    evidence: int = 0

    def wire(self) -> dict[str, object]:
        """Return the JSON object that the service takes."""
        body: dict[str, object] = {
            "subject": self.subject,
            "right": self.right,
            "regime": self.regime,
            "requester": self.requester,
            "channel": self.channel,
            "locale": self.locale,
            "purposes": list(self.purposes),
            "corrections": dict(self.corrections),
            "text": self.text,
        }
        if self.category is not None:
            complaint = {"category": self.category, "accountable": self.accountable, "evidence": self.evidence}
            body["complaint"] = complaint
        return body


@dataclass(frozen=True, slots=True)
class Request:
    """A request. ``due_on`` is the last day for an answer, in the zone of the regime; ``whole`` is all that was answered."""

    id: str
    right: str
    regime: str
    state: str
    due_on: str
    whole: Mapping[str, object] = field(repr=False)

    @classmethod
    def of(cls, answer: Mapping[str, object]) -> "Request":
        """Read one request of an answer."""
        named = {name: str(answer.get(name, "")) for name in ("right", "regime", "state", "due_on")}
        return cls(id=str(answer["request"]), whole=answer, **named)

    @property
    def overdue(self) -> bool:
        """Whether its time is over, as far as the answer tells."""
        return self.whole.get("overdue") is True


class RequestCalls(Calls):
    """What people ask about their data, and what officers decide. A decision that the request's state does not allow raises
    ``MoatError`` with the code ``request_state``."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    def make(self, asked: Asked, *, idempotency_key: str | None = None) -> Request:
        """Hand in a request."""
        return Request.of(self._post("/v1/requests", asked.wire(), idempotency_key))

    def queue(self, **filters: str | int) -> Iterator[Request]:
        """Yield requests in the order in which they are due, page by page as they are consumed; those that have not ended unless
        ``state`` says otherwise. Other filters are ``right``, ``regime``, ``due_before``, ``assignee`` and ``overdue``."""
        return map(Request.of, self._pages("/v1/requests", filters))

    def get(self, request: str) -> Request:
        """Return a request with its ``timeline``, as the desk sees it."""
        return Request.of(self._transport.json("GET", path_of("requests", request)))

    def status(self, request: str) -> Request:
        """Return how far a request is, as whoever handed it in may know it."""
        return Request.of(self._transport.json("GET", path_of("requests", request, "status")))

    def words(self, request: str) -> dict[str, object]:
        """Return what the person said in their own words: ``text`` and ``corrections``."""
        return self._transport.json("GET", path_of("requests", request, "words"))

    def acknowledge(self, request: str) -> Request:
        """Note that the receipt has been confirmed to the person."""
        return self._decide(request, "acknowledge")

    def accept(self, request: str) -> Request:
        """Accept a request of a verified requester, which begins its execution."""
        return self._decide(request, "accept")

    def deny(self, request: str, reason: str) -> Request:
        """Deny a request for a reason such as ``legal_obligation``; the person is told."""
        return self._decide(request, "deny", {"reason": reason})

    def extend(self, request: str, reason: str) -> Request:
        """Extend the time once, because it is ``complex`` or there are ``many_requests``; the person is told."""
        return self._decide(request, "extend", {"reason": reason})

    def pause(self, request: str, reason: str) -> Request:
        """Ask the person for their ``identity`` or for ``clarification``, and wait."""
        return self._decide(request, "pause", {"reason": reason})

    def resume(self, request: str) -> Request:
        """Go on with a request that waited for the person."""
        return self._decide(request, "resume")

    def approve(self, request: str) -> Request:
        """Approve what has been prepared, with a credential other than that which accepted it."""
        return self._decide(request, "approve")

    def assign(self, request: str, assignee: int | None) -> Request:
        """Give a request to the holder of a credential, or to nobody."""
        return self._decide(request, "assign", {"assignee": assignee})

    def complete(self, request: str, partially: Iterable[str] = ()) -> Request:
        """Note that a request which no job executes is done, or done but for reasons."""
        return self._decide(request, "complete", {"partially": list(partially)})

    def settle(self, request: str, outcome: str) -> Request:
        """Answer a complaint: ``upheld``, ``partly_upheld`` or ``not_upheld``."""
        return self._decide(request, "settle", {"outcome": outcome})

    def withdraw(self, request: str) -> Request:
        """End a request that the person does not want any more."""
        return self._decide(request, "withdraw")

    def statistics(self, year: int) -> list[dict[str, object]]:
        """Return how a year's requests were handled, line by line; None stands for what is hidden."""
        answer = self._transport.json("GET", "/v1/requests/statistics", params={"year": year})
        items = answer.get("items")
        return list(items) if isinstance(items, list) else []

    def statistics_csv(self, year: int) -> str:
        """Return the same as CSV."""
        params: Params = {"year": year, "format": "csv"}
        return self._transport.send("GET", "/v1/requests/statistics", params=params).text

    def _decide(self, request: str, act: str, body: Mapping[str, object] | None = None) -> Request:
        return Request.of(self._post(path_of("requests", request, act), body or {}))
