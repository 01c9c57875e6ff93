"""The calls about legal holds, which ``Moat`` has as ``moat.holds``."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from moat_client.calls import Calls, path_of
from moat_client.transport import Transport


@dataclass(frozen=True, slots=True)
class Hold:
    """A hold. ``scope`` has what it is over: a ``subject``, a ``kind``, a ``ref``, or several of them. Times are RFC 3339."""

    number: int
    scope: Mapping[str, str]
    reason: str
    case: str
    review_at: str
    overdue: bool
    released_at: str | None

    @classmethod
    def of(cls, answer: Mapping[str, object]) -> "Hold":
        """Read one hold of an answer."""
        scope = answer.get("scope")
        named = scope.items() if isinstance(scope, dict) else ()
        released = answer.get("released_at")
        return cls(
            number=int(str(answer["hold"])),
            scope={name: str(value) for name, value in named if value is not None},
            reason=str(answer["reason"]),
            case=str(answer["case"]),
            review_at=str(answer["review_at"]),
            overdue=bool(answer["overdue"]),
            released_at=None if released is None else str(released),
        )


class HoldCalls(Calls):
    """What must not be destroyed because a case needs it."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    def place(
        self,
        scope: Mapping[str, str],
        *,
        reason: str,
        case: str,
        review_at: str,
        idempotency_key: str | None = None,
    ) -> Hold:
        """Hold what ``scope`` names until it is released."""
        body = {"scope": dict(scope), "reason": reason, "case": case, "review_at": review_at}
        return Hold.of(self._post("/v1/holds", body, idempotency_key))

    def all(self, *, released: bool = False) -> Iterator[Hold]:
        """Yield the holds in force, or those that were released."""
        return map(Hold.of, self._pages("/v1/holds", {"released": "true"} if released else {}))

    def review(self, hold: int, review_at: str) -> Hold:
        """Note that a hold is still needed, until a further date."""
        return Hold.of(self._post(path_of("holds", str(hold), "review"), {"review_at": review_at}))

    def release(self, hold: int) -> str:
        """Ask for the release of a hold; return the job, which another person must approve."""
        return str(self._transport.json("DELETE", path_of("holds", str(hold)))["job"])
