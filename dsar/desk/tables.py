"""Rows of requests: codes, counts, times and the vault's number of a person. Their words are sealed, in a table of their own, and
go when the request or the person goes. What stays of an erased person's request names nobody."""

from sqlalchemy import Column, ForeignKeyConstraint, Index, LargeBinary, PrimaryKeyConstraint, UniqueConstraint
from sqlmodel import Field, SQLModel

from database.columns import Identifier, Millis


def _octets(*, nullable: bool = False) -> "Column[bytes]":
    return Column(LargeBinary, nullable=nullable)


class RequestRow(SQLModel, table=True):
    """A request. `name` is a keyed fingerprint of whose it is, by which a second one for the same is seen, whether the vault
    knows the person or not; it goes when the request ends, and rights of which a second request can say something new have none.
    `look_at` is when the clock is to be looked at next, and `passed` the percentage of the time that had passed when it last was.
    `stood` counts days for which the clock did not run."""

    __tablename__ = "dsar_request"
    __table_args__ = (
        PrimaryKeyConstraint("tenant", "id"),
        Index(None, "tenant", "subject"),
        UniqueConstraint("tenant", "name", "claim", "purposes"),
        Index(None, "tenant", "ended_at", "due_at"),
        Index(None, "look_at"),
        Index(None, "keep_until"),
    )

    tenant: int = Field(sa_type=Identifier)
    id: bytes = Field(sa_column=_octets())
    claim: str
    regime: str
    requester: str
    channel: str
    subject: int | None = Field(default=None, sa_type=Identifier)
    name: bytes | None = Field(default=None, sa_column=_octets(nullable=True), repr=False)
    state: str
    level: int
    locale: str
    purposes: str
    evidence: int
    category: str | None
    accountable: str | None
    received_at: int = Field(sa_type=Millis)
    started_at: int = Field(sa_type=Millis)
    acknowledge_by: int | None = Field(default=None, sa_type=Millis)
    acknowledged_at: int | None = Field(default=None, sa_type=Millis)
    verified_at: int | None = Field(default=None, sa_type=Millis)
    due_at: int = Field(sa_type=Millis)
    certain: bool
    extended_at: int | None = Field(default=None, sa_type=Millis)
    stood: int
    stands_since: int | None = Field(default=None, sa_type=Millis)
    waits_until: int | None = Field(default=None, sa_type=Millis)
    look_at: int | None = Field(default=None, sa_type=Millis)
    passed: int
    breached: str
    assignee: int | None = Field(default=None, sa_type=Identifier)
    asked_by: int = Field(sa_type=Identifier)
    accepted_by: int | None = Field(default=None, sa_type=Identifier)
    approved_by: int | None = Field(default=None, sa_type=Identifier)
    reasons: str
    twin: bytes | None = Field(default=None, sa_column=_octets(nullable=True))
    ended_at: int | None = Field(default=None, sa_type=Millis)
    keep_until: int | None = Field(default=None, sa_type=Millis)


class RequestMoveRow(SQLModel, table=True):
    """What happened to a request, in order. `reason` is a code."""

    __tablename__ = "dsar_request_move"
    __table_args__ = (
        PrimaryKeyConstraint("tenant", "request", "number"),
        ForeignKeyConstraint(["tenant", "request"], ["dsar_request.tenant", "dsar_request.id"], ondelete="CASCADE"),
    )

    tenant: int = Field(sa_type=Identifier)
    request: bytes = Field(sa_column=_octets())
    number: int
    at: int = Field(sa_type=Millis)
    move: str
    state: str
    reason: str | None
    actor_kind: str
    actor: int = Field(sa_type=Identifier)
    role: str


class RequestWordsRow(SQLModel, table=True):
    """What the person said, sealed under a key of the tenant."""

    __tablename__ = "dsar_request_words"
    __table_args__ = (
        PrimaryKeyConstraint("tenant", "request"),
        ForeignKeyConstraint(["tenant", "request"], ["dsar_request.tenant", "dsar_request.id"], ondelete="CASCADE"),
    )

    tenant: int = Field(sa_type=Identifier)
    request: bytes = Field(sa_column=_octets())
    seal_version: int
    sealed: bytes = Field(sa_column=_octets(), repr=False)
