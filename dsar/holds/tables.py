"""Rows of holds and restrictions: ids, codes and times. People stand in them by the vault's internal number."""

from sqlalchemy import Column, Index, LargeBinary, PrimaryKeyConstraint, UniqueConstraint, text
from sqlmodel import Field, SQLModel

from database.columns import Identifier, Millis, identity


class LegalHoldRow(SQLModel, table=True):
    """A hold. Of the scope, subject 0 and empty words say nothing; -1 is a person who has been erased since. `release_job` is the
    job that asks for its release, and `reported_at` when it was last reported as overdue."""

    __tablename__ = "legal_hold"
    __table_args__ = (
        UniqueConstraint("tenant", "id"),
        Index(
            "ix_legal_hold_in_force",
            "tenant",
            "subject",
            "ref",
            "kind",
            sqlite_where=text("released_at IS NULL"),
            postgresql_where=text("released_at IS NULL"),
        ),
        Index(
            "ix_legal_hold_review",
            "review_at",
            sqlite_where=text("released_at IS NULL"),
            postgresql_where=text("released_at IS NULL"),
        ),
        {"sqlite_autoincrement": True},
    )

    id: int | None = Field(default=None, sa_column=identity())
    tenant: int = Field(sa_type=Identifier)
    subject: int = Field(sa_type=Identifier)
    kind: str
    ref: str
    reason: str
    case_id: str
    placed_by: int = Field(sa_type=Identifier)
    placed_at: int = Field(sa_type=Millis)
    review_at: int = Field(sa_type=Millis)
    reported_at: int = Field(sa_type=Millis)
    release_job: bytes | None = Field(default=None, sa_column=Column(LargeBinary, nullable=True))
    released_at: int | None = Field(default=None, sa_type=Millis)


class RestrictionRow(SQLModel, table=True):
    """One cause for which a person's data is stored and not used: for one purpose, or for all where that is empty. `origin` is
    the id of the request behind it, or empty."""

    __tablename__ = "restriction"
    __table_args__ = (
        PrimaryKeyConstraint("tenant", "subject", "purpose", "cause", "origin"),
        {"sqlite_with_rowid": False},
    )

    tenant: int = Field(sa_type=Identifier)
    subject: int = Field(sa_type=Identifier)
    purpose: str
    cause: str
    origin: bytes = Field(sa_column=Column(LargeBinary, nullable=False))
    since: int = Field(sa_type=Millis)
