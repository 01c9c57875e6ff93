"""Rows of the relay. No row holds anybody's number: people stand here by a keyed fingerprint of it, and by the vault's numbers of
the person and of the record that holds it."""

from sqlalchemy import Column, ForeignKeyConstraint, Index, LargeBinary, PrimaryKeyConstraint, UniqueConstraint, text
from sqlmodel import Field, SQLModel

from database.columns import Identifier, Millis, identity

_OPEN = text("closed_at IS NULL")


class RelayPoolRow(SQLModel, table=True):
    """Numbers that are given out by one rule. `epoch` moves with every change of them; spans are in milliseconds."""

    __tablename__ = "relay_pool"
    __table_args__ = (
        UniqueConstraint("tenant", "id"),
        UniqueConstraint("tenant", "name"),
        {"sqlite_autoincrement": True},
    )

    id: int | None = Field(default=None, sa_column=identity())
    tenant: int = Field(sa_type=Identifier)
    name: str
    modes: str
    matching: str
    sticky: str
    cool: int = Field(sa_type=Millis)
    open_cool: int = Field(sa_type=Millis)
    capacity: int
    digits: int
    lasts: int = Field(sa_type=Millis)
    lasts_at_most: int = Field(sa_type=Millis)
    epoch: int = Field(sa_type=Identifier)
    created_at: int = Field(sa_type=Millis)


class RelayNumberRow(SQLModel, table=True):
    """A number that people dial. `load` counts its live bindings, `exclusive` is the one that has it alone."""

    __tablename__ = "relay_number"
    __table_args__ = (
        UniqueConstraint("tenant", "id"),
        UniqueConstraint("tenant", "value"),
        ForeignKeyConstraint(["tenant", "pool"], ["relay_pool.tenant", "relay_pool.id"], ondelete="RESTRICT"),
        Index(None, "tenant", "pool", "id"),
        {"sqlite_autoincrement": True},
    )

    id: int | None = Field(default=None, sa_column=identity())
    tenant: int = Field(sa_type=Identifier)
    pool: int = Field(sa_type=Identifier)
    kind: str
    value: str
    area: str
    province: str
    carrier: str
    voice: bool
    texts: bool
    state: str
    since: int = Field(sa_type=Millis)
    not_before: int = Field(sa_type=Millis)
    load: int
    exclusive: int | None = Field(default=None, sa_type=Identifier)


class RelayPartyRow(SQLModel, table=True):
    """A person at a number: the fingerprint of the number under a version of the tenant's key of the relay, and the vault's
    numbers of the person and of the record that holds it. Two people may share a number, and then two parties share a
    fingerprint."""

    __tablename__ = "relay_party"
    __table_args__ = (
        UniqueConstraint("tenant", "id"),
        UniqueConstraint("tenant", "fingerprint", "subject"),
        Index(None, "tenant", "subject"),
        Index(None, "tenant", "key_version", "id"),
        {"sqlite_autoincrement": True},
    )

    id: int | None = Field(default=None, sa_column=identity())
    tenant: int = Field(sa_type=Identifier)
    fingerprint: bytes = Field(sa_column=Column(LargeBinary, nullable=False), repr=False)
    subject: int = Field(sa_type=Identifier)
    record: int = Field(sa_type=Identifier)
    frozen_until: int | None = Field(default=None, sa_type=Millis)
    created_at: int = Field(sa_type=Millis)
    key_version: int = Field(default=1, sa_column_kwargs={"server_default": "1"})


class RelayBindingRow(SQLModel, table=True):
    """Two people, or a group and somebody, behind numbers, for an order. `order_ref` is the order's pseudonym in the log, `ref`
    its name such as `order:o-1`, by which retention hears of its end and holds keep it."""

    __tablename__ = "relay_binding"
    __table_args__ = (
        UniqueConstraint("tenant", "id"),
        ForeignKeyConstraint(["tenant", "pool"], ["relay_pool.tenant", "relay_pool.id"], ondelete="RESTRICT"),
        ForeignKeyConstraint(["tenant", "x"], ["relay_number.tenant", "relay_number.id"], ondelete="RESTRICT"),
        Index(None, "tenant", "order_ref"),
        Index(None, "tenant", "a"),
        Index(None, "tenant", "b"),
        Index("ix_relay_binding_open", "expires_at", sqlite_where=_OPEN, postgresql_where=_OPEN),
        {"sqlite_autoincrement": True},
    )

    id: int | None = Field(default=None, sa_column=identity())
    tenant: int = Field(sa_type=Identifier)
    pool: int = Field(sa_type=Identifier)
    mode: str
    order_ref: str
    a: int | None = Field(default=None, sa_type=Identifier)
    b: int | None = Field(default=None, sa_type=Identifier)
    crew: int | None = Field(default=None, sa_type=Identifier)
    x: int = Field(sa_type=Identifier)
    y: int | None = Field(default=None, sa_type=Identifier)
    extension: str | None
    direction: str
    texts: bool
    record: bool
    max_seconds: int
    version: int
    created_at: int = Field(sa_type=Millis)
    expires_at: int = Field(sa_type=Millis)
    closed_at: int | None = Field(default=None, sa_type=Millis)
    close_reason: str | None
    ref: str | None


class RelayRouteRow(SQLModel, table=True):
    """Where a number leads whom. `party` is the caller, if it is somebody's; `caller` is one of

        0x01 | fingerprint of the caller (16 octets)
        0x02                                           anybody
        0x03 | digits of an extension (ASCII)

    and is unique for each number: inserting a route is what keeps two pairs from meeting on one. A route that is over has no
    target; until `cool_until` its number is not given to that person again, and a call says that the order has ended.
    """

    __tablename__ = "relay_route"
    __table_args__ = (
        PrimaryKeyConstraint("tenant", "number", "caller"),
        ForeignKeyConstraint(["tenant", "number"], ["relay_number.tenant", "relay_number.id"], ondelete="RESTRICT"),
        ForeignKeyConstraint(["tenant", "binding"], ["relay_binding.tenant", "relay_binding.id"], ondelete="CASCADE"),
        Index(None, "tenant", "caller"),
        Index(None, "tenant", "binding"),
        Index(None, "cool_until"),
        {"sqlite_with_rowid": False},
    )

    tenant: int = Field(sa_type=Identifier)
    number: int = Field(sa_type=Identifier)
    caller: bytes = Field(sa_column=Column(LargeBinary, nullable=False), repr=False)
    binding: int = Field(sa_type=Identifier)
    party: int | None = Field(default=None, sa_type=Identifier)
    side: str
    target: int | None = Field(default=None, sa_type=Identifier)
    shown: int = Field(sa_type=Identifier)
    cool_until: int | None = Field(default=None, sa_type=Millis)


class RelayMemberRow(SQLModel, table=True):
    """A member of a crew: the people behind a number of modes GXB and GXYB."""

    __tablename__ = "relay_member"
    __table_args__ = (
        PrimaryKeyConstraint("tenant", "crew", "party"),
        Index(None, "tenant", "party"),
        ForeignKeyConstraint(["tenant", "party"], ["relay_party.tenant", "relay_party.id"], ondelete="CASCADE"),
        ForeignKeyConstraint(["tenant", "crew"], ["relay_binding.tenant", "relay_binding.id"], ondelete="CASCADE"),
        {"sqlite_with_rowid": False},
    )

    tenant: int = Field(sa_type=Identifier)
    crew: int = Field(sa_type=Identifier)
    party: int = Field(sa_type=Identifier)


class RelayBlockRow(SQLModel, table=True):
    """Who may not reach whom: a caller and a callee, either of them anybody (empty), on a number or on all (0)."""

    __tablename__ = "relay_block"
    __table_args__ = (
        UniqueConstraint("tenant", "id"),
        Index(None, "tenant", "caller"),
        {"sqlite_autoincrement": True},
    )

    id: int | None = Field(default=None, sa_column=identity())
    tenant: int = Field(sa_type=Identifier)
    caller: bytes = Field(sa_column=Column(LargeBinary, nullable=False), repr=False)
    callee: bytes = Field(sa_column=Column(LargeBinary, nullable=False), repr=False)
    number: int = Field(sa_type=Identifier)
    reason: str
    until: int | None = Field(default=None, sa_type=Millis)
    created_at: int = Field(sa_type=Millis)
