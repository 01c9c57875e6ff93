"""A request with all that the desk knows of it."""

import uuid
from dataclasses import asdict, dataclass, replace
from typing import Any

from database.transaction import Row
from dsar.desk import store
from dsar.desk.errors import RequestNotFoundError
from dsar.request import ENDED, Level, Request, RequestState
from dsar.right import Requester, Right


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """One row of requests; columns as in `dsar.desk.tables`. Times are milliseconds since the epoch."""

    tenant: int
    id: uuid.UUID
    right: Right
    regime: str
    requester: Requester
    channel: str
    subject: int | None
    name: bytes | None
    state: RequestState
    level: Level
    locale: str
    purposes: tuple[str, ...]
    evidence: int
    category: str | None
    accountable: str | None
    received_at: int
    started_at: int
    due_at: int
    certain: bool
    asked_by: int
    acknowledge_by: int | None = None
    acknowledged_at: int | None = None
    verified_at: int | None = None
    extended_at: int | None = None
    stood: int = 0
    stands_since: int | None = None
    waits_until: int | None = None
    look_at: int | None = None
    passed: int = 0
    breached: tuple[str, ...] = ()
    assignee: int | None = None
    accepted_by: int | None = None
    approved_by: int | None = None
    reasons: tuple[str, ...] = ()
    twin: uuid.UUID | None = None
    ended_at: int | None = None
    keep_until: int | None = None

    @classmethod
    def of(cls, row: Row | None) -> "Record":
        """The request of a row.

        Raises:
            RequestNotFoundError: there is none.
        """
        if row is None:
            raise RequestNotFoundError
        named = dict(zip(store.COLUMNS, row, strict=True))
        named["right"] = Right(named.pop("claim"))
        named["id"] = uuid.UUID(bytes=bytes(named["id"]))
        named["twin"] = None if named["twin"] is None else uuid.UUID(bytes=bytes(named["twin"]))
        named["name"] = None if named["name"] is None else bytes(named["name"])
        named |= {"requester": Requester(named["requester"]), "state": RequestState(named["state"])}
        named |= {"level": Level(named["level"]), "certain": bool(named["certain"])}
        for words in ("purposes", "breached", "reasons"):
            named[words] = tuple(named[words].split())
        return cls(**named)

    @property
    def columns(self) -> dict[str, Any]:
        """The row, by columns."""
        named = asdict(self)
        named["claim"] = named.pop("right").value
        named |= {"id": self.id.bytes, "twin": None if self.twin is None else self.twin.bytes}
        named |= {"requester": self.requester.value, "state": self.state.value, "level": int(self.level)}
        for words in ("purposes", "breached", "reasons"):
            named[words] = " ".join(named[words])
        return named

    @property
    def request(self) -> Request:
        """What the rest of the package sees of it."""
        return Request(
            tenant=self.tenant,
            id=self.id,
            right=self.right,
            regime=self.regime,
            requester=self.requester,
            subject=self.subject,
            state=self.state,
            level=self.level,
            locale=self.locale,
            received_at=self.received_at,
            due_at=self.due_at,
        )

    def ended(self, at: int, keep_until: int) -> "Record":
        """The record of a request that has come to its end: nobody looks at its clock, and nobody is waited for."""
        assert self.state in ENDED
        return replace(
            self,
            ended_at=at,
            keep_until=keep_until,
            name=None,
            look_at=None,
            waits_until=None,
            stands_since=None,
        )
