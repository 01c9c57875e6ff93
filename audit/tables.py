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
