"""The row of an inner key. What it opens hangs on it by a cascading foreign key: with the key, all of that goes."""

from sqlalchemy import Column, ForeignKeyConstraint, Index, LargeBinary, UniqueConstraint
from sqlmodel import Field, SQLModel

from database.columns import Identifier, Millis, identity


class InnerKeyRow(SQLModel, table=True):
    """A key, sealed under the DEK of a person in its own place (`vault.inner_keys.keeping`)."""

    __tablename__ = "inner_key"
    __table_args__ = (
        UniqueConstraint("tenant", "id"),
        ForeignKeyConstraint(["tenant", "subject"], ["subject.tenant", "subject.id"], ondelete="RESTRICT"),
        Index(None, "tenant", "subject"),
        {"sqlite_autoincrement": True},
    )

    id: int | None = Field(default=None, sa_column=identity())
    tenant: int = Field(sa_type=Identifier)
    subject: int = Field(sa_type=Identifier)
    sealed: bytes = Field(sa_column=Column(LargeBinary, nullable=False), repr=False)
    created_at: int = Field(sa_type=Millis)
