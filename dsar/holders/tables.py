"""Rows of what holders are asked. They hold codes, counts, times and digests; whom it is about stands in the request alone."""

from sqlalchemy import Column, Index, LargeBinary, UniqueConstraint, text
from sqlmodel import Field, SQLModel

from database.columns import Identifier, Millis, identity


class HolderTaskRow(SQLModel, table=True):
    """One act that a holder was asked for. `request` is the id of the request or run, `outside` that of the act at a system
    beside this one, and `evidence` the SHA-256 of its signed answer."""

    __tablename__ = "holder_task"
    __table_args__ = (
        UniqueConstraint("tenant", "id"),
        UniqueConstraint("tenant", "request", "holder", "act", "key"),
        Index(
            "ix_holder_task_dead",
            "tenant",
            "id",
            sqlite_where=text("state = 'dead'"),
            postgresql_where=text("state = 'dead'"),
        ),
        Index(None, "ended_at"),
        {"sqlite_autoincrement": True},
    )

    id: int | None = Field(default=None, sa_column=identity())
    tenant: int = Field(sa_type=Identifier)
    request: bytes = Field(sa_column=Column(LargeBinary, nullable=False))
    holder: str
    act: str
    key: str
    outside: bytes | None = Field(default=None, sa_column=Column(LargeBinary, nullable=True))
    state: str
    attempts: int
    next_at: int = Field(sa_type=Millis)
    deadline_at: int | None = Field(default=None, sa_type=Millis)
    status: int | None
    error: str | None
    method: str | None
    count: int = Field(sa_type=Identifier)
    evidence: bytes | None = Field(default=None, sa_column=Column(LargeBinary, nullable=True))
    created_at: int = Field(sa_type=Millis)
    ended_at: int | None = Field(default=None, sa_type=Millis)
