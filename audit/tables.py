"""Rows of the audit log."""

from sqlalchemy import Column, ForeignKeyConstraint, Index, LargeBinary, PrimaryKeyConstraint, UniqueConstraint
from sqlmodel import Field, SQLModel

from database.columns import Identifier, Millis, identity


class AuditAct(SQLModel, table=True):
    """That something was done or refused: written with the act itself, and matched one to one by its entries."""

    __tablename__ = "audit_act"
    __table_args__ = (PrimaryKeyConstraint("tenant", "id"), Index(None, "tenant", "request"))

    tenant: int = Field(sa_type=Identifier)
    id: bytes = Field(sa_column=Column(LargeBinary, nullable=False))
    request: str
    action: str
    at: int = Field(sa_type=Millis)
    parts: int


class AuditEntry(SQLModel, table=True):
    """The final bytes of one entry and its leaf hash (RFC 6962, section 2.1). Its log index comes later, from the publisher."""

    __tablename__ = "audit_entry"
    __table_args__ = (
        UniqueConstraint("tenant", "act", "part"),
        ForeignKeyConstraint(["tenant", "act"], ["audit_act.tenant", "audit_act.id"]),
        {"sqlite_autoincrement": True},
    )

    id: int | None = Field(default=None, sa_column=identity())
    tenant: int = Field(sa_type=Identifier)
    act: bytes = Field(sa_column=Column(LargeBinary, nullable=False))
    part: int
    body: bytes = Field(sa_column=Column(LargeBinary, nullable=False))
    leaf: bytes = Field(sa_column=Column(LargeBinary, nullable=False))


class AuditOrigin(SQLModel, table=True):
    """The logs of this deployment, one after another. A further one begins by `moat audit restart` only."""

    __tablename__ = "audit_origin"

    log: int = Field(sa_type=Identifier, primary_key=True, sa_column_kwargs={"autoincrement": False})
    origin: str = Field(unique=True)
    opened_at: int = Field(sa_type=Millis)


class AuditHead(SQLModel, table=True):
    """The one row that whoever numbers entries must hold: whose lease it is, and how far the numbering has come.

    `fence` moves with every change of hands, and nothing is written under an old one. Every committed entry with an id up to
    `settled` has its index.
    """

    __tablename__ = "audit_head"

    id: int = Field(sa_type=Identifier, primary_key=True, sa_column_kwargs={"autoincrement": False})
    holder: str
    fence: int = Field(sa_type=Identifier)
    expires_at: int = Field(sa_type=Millis)
    log: int = Field(sa_type=Identifier)
    size: int = Field(sa_type=Identifier)
    settled: int = Field(sa_type=Identifier)


class AuditLeaf(SQLModel, table=True):
    """Which index of which log an entry has. Written once, by the publisher, and never changed.

    No foreign key: checking one would lock and rewrite every entry's row on PostgreSQL. `moat audit verify` matches both sides.
    """

    __tablename__ = "audit_leaf"
    __table_args__ = (UniqueConstraint("log", "leaf_index"),)

    entry: int = Field(sa_type=Identifier, primary_key=True, sa_column_kwargs={"autoincrement": False})
    log: int = Field(sa_type=Identifier)
    leaf_index: int = Field(sa_type=Identifier)


class AuditTally(SQLModel, table=True):
    """How much of something the log's entries of one day tell: `measure` is plain, masked or denied (`audit.tally`), `day` the
    number of days since 1970-01-01 in the deployment's zone."""

    __tablename__ = "audit_tally"
    __table_args__ = (PrimaryKeyConstraint("tenant", "measure", "day", "code"),)

    tenant: int = Field(sa_type=Identifier)
    measure: str
    day: int = Field(sa_type=Identifier)
    code: str
    count: int = Field(sa_type=Identifier)


class AuditTallied(SQLModel, table=True):
    """The one row that says which leaf of which log is to be counted next."""

    __tablename__ = "audit_tallied"

    id: int = Field(sa_type=Identifier, primary_key=True, sa_column_kwargs={"autoincrement": False})
    log: int = Field(sa_type=Identifier)
    leaf_index: int = Field(sa_type=Identifier)


class AuditCheckpoint(SQLModel, table=True):
    """Every checkpoint that was signed, stored before anybody saw it; with the witnesses' lines once they have signed, too."""

    __tablename__ = "audit_checkpoint"
    __table_args__ = (
        PrimaryKeyConstraint("log", "size"),
        ForeignKeyConstraint(["log"], ["audit_origin.log"]),
    )

    log: int = Field(sa_type=Identifier)
    size: int = Field(sa_type=Identifier)
    note: bytes = Field(sa_column=Column(LargeBinary, nullable=False))
    published: bytes | None = Field(sa_column=Column(LargeBinary, nullable=True))
    at: int = Field(sa_type=Millis)
