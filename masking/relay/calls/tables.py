"""Rows of the book of calls. None holds anybody's number: people stand here by the vault's number of them and, for two days,
by the relay's fingerprint of the number that called. Who called whom is readable only in `relay_sealed_call`, to keys that
are not here."""

from sqlalchemy import Column, Index, LargeBinary, PrimaryKeyConstraint, UniqueConstraint, text
from sqlmodel import Field, SQLModel

from database.columns import Identifier, Millis, identity


def _octets(*, nullable: bool = False) -> "Column[bytes]":
    return Column(LargeBinary, nullable=nullable)


class RelayCallRow(SQLModel, table=True):
    """An attempt to reach somebody. `leg` is a UUID of version 7, so that legs are in the order of time. `caller` is a
    fingerprint, kept for two days. `stands_for` is 1; attempts over a limit are written once for many. `refused` is empty
    where the call went out. Whom a row was about before their erasure it says no more."""

    __tablename__ = "relay_call"
    __table_args__ = (
        PrimaryKeyConstraint("tenant", "leg"),
        Index(None, "tenant", "binding"),
        Index(None, "tenant", "caller_subject"),
        Index(None, "tenant", "callee_subject"),
        Index(None, "at"),
        {"sqlite_with_rowid": False},
    )

    tenant: int = Field(sa_type=Identifier)
    leg: bytes = Field(sa_column=_octets())
    at: int = Field(sa_type=Millis)
    kind: str
    number: int = Field(sa_type=Identifier)
    binding: int | None = Field(default=None, sa_type=Identifier)
    side: str
    caller: bytes | None = Field(default=None, sa_column=_octets(nullable=True), repr=False)
    caller_subject: int | None = Field(default=None, sa_type=Identifier)
    callee_subject: int | None = Field(default=None, sa_type=Identifier)
    refused: str
    recording: str
    stands_for: int
    rang_at: int | None = Field(default=None, sa_type=Millis)
    answered_at: int | None = Field(default=None, sa_type=Millis)
    ended_at: int | None = Field(default=None, sa_type=Millis)
    failure: str | None
    cause: int | None
    released: str | None


class RelayBucketRow(SQLModel, table=True):
    """How much of a limit is used, and what holds its owner back. `scope` is of what, `key` whose. `full_at` is when the
    bucket will be empty again and `span` in how long a full one empties (both in microseconds). `over` counts attempts in a
    row that found it full; `brake` is a measure in force until `brake_until` (milliseconds)."""

    __tablename__ = "relay_bucket"
    __table_args__ = (
        PrimaryKeyConstraint("tenant", "scope", "key"),
        Index(None, "full_at"),
        {"sqlite_with_rowid": False},
    )

    tenant: int = Field(sa_type=Identifier)
    scope: str
    key: bytes = Field(sa_column=_octets(), repr=False)
    full_at: int = Field(sa_type=Millis)
    span: int = Field(sa_type=Millis)
    over: int
    brake: str
    brake_until: int = Field(sa_type=Millis)


class RelayCaseRow(SQLModel, table=True):
    """Something that looked like abuse, until an officer closes it. `caller` goes when it is closed."""

    __tablename__ = "relay_case"
    __table_args__ = (
        UniqueConstraint("tenant", "id"),
        Index(
            "ix_relay_case_open",
            "tenant",
            "signal",
            "caller",
            unique=True,
            sqlite_where=text("closed_at IS NULL"),
            postgresql_where=text("closed_at IS NULL"),
        ),
        Index(None, "tenant", "subject"),
        {"sqlite_autoincrement": True},
    )

    id: int | None = Field(default=None, sa_column=identity())
    tenant: int = Field(sa_type=Identifier)
    signal: str
    measure: str
    caller: bytes | None = Field(default=None, sa_column=_octets(nullable=True), repr=False)
    subject: int | None = Field(default=None, sa_type=Identifier)
    binding: int | None = Field(default=None, sa_type=Identifier)
    count: int
    opened_at: int = Field(sa_type=Millis)
    last_at: int = Field(sa_type=Millis)
    held_until: int = Field(sa_type=Millis)
    closed_at: int | None = Field(default=None, sa_type=Millis)
    closed_by: int | None = Field(default=None, sa_type=Identifier)
    reason: str | None


class RelayRulesRow(SQLModel, table=True):
    """The rules of a tenant as they were applied, version by version."""

    __tablename__ = "relay_rules"
    __table_args__ = (PrimaryKeyConstraint("tenant", "version"),)

    tenant: int = Field(sa_type=Identifier)
    version: int
    digest: str
    source: str
    applied_at: int = Field(sa_type=Millis)
    applied_by: int = Field(sa_type=Identifier)


class RelayLegalKeyRow(SQLModel, table=True):
    """A public key to which the calls of one month (counted from January of year 0) are sealed. The digests are those of the
    two sealed halves of its private key, `…_gone_at` is when the keeper of each destroyed it."""

    __tablename__ = "relay_legal_key"
    __table_args__ = (PrimaryKeyConstraint("tenant", "month"),)

    tenant: int = Field(sa_type=Identifier)
    month: int
    public: bytes = Field(sa_column=_octets())
    first_digest: bytes = Field(sa_column=_octets())
    second_digest: bytes = Field(sa_column=_octets())
    made_at: int = Field(sa_type=Millis)
    first_gone_at: int | None = Field(default=None, sa_type=Millis)
    second_gone_at: int | None = Field(default=None, sa_type=Millis)


class RelaySealedCallRow(SQLModel, table=True):
    """One part of what a law asks for of a call (masking.relay.calls.legal_record)."""

    __tablename__ = "relay_sealed_call"
    __table_args__ = (
        PrimaryKeyConstraint("tenant", "month", "leg", "part"),
        Index(None, "month"),
        {"sqlite_with_rowid": False},
    )

    tenant: int = Field(sa_type=Identifier)
    month: int
    leg: bytes = Field(sa_column=_octets())
    part: int
    sealed: bytes = Field(sa_column=_octets(), repr=False)


class RelayLegalTakingRow(SQLModel, table=True):
    """That two persons took the sealed calls of a month out for a case."""

    __tablename__ = "relay_legal_taking"
    __table_args__ = (UniqueConstraint("tenant", "id"), {"sqlite_autoincrement": True})

    id: int | None = Field(default=None, sa_column=identity())
    tenant: int = Field(sa_type=Identifier)
    month: int
    reason: str
    case_id: str
    count: int
    taken_at: int = Field(sa_type=Millis)
    taken_by: int = Field(sa_type=Identifier)
    approved_by: int = Field(sa_type=Identifier)
