"""Rows of accounts. They hold names, addresses and sealed secrets, and nobody's number."""

from sqlalchemy import Column, Index, LargeBinary, PrimaryKeyConstraint, UniqueConstraint
from sqlmodel import Field, SQLModel

from database.columns import Identifier, Millis, identity


class RelayAccountRow(SQLModel, table=True):
    """An account, with its secret sealed. `version` counts its secrets."""

    __tablename__ = "relay_account"
    __table_args__ = (
        UniqueConstraint("tenant", "id"),
        UniqueConstraint("tenant", "name"),
        Index(None, "tenant", "pool"),
        {"sqlite_autoincrement": True},
    )

    id: int | None = Field(default=None, sa_column=identity())
    tenant: int = Field(sa_type=Identifier)
    kind: str
    name: str
    login: str
    url: str
    pool_key: str
    pool: int = Field(sa_type=Identifier)
    language: str
    version: int
    seal_version: int
    sealed: bytes = Field(sa_column=Column(LargeBinary, nullable=False), repr=False)
    created_at: int = Field(sa_type=Millis)


class RelaySeenRow(SQLModel, table=True):
    """That a call of an account came: what is signed without a time counts once. `mark` is

    SHA-256(what the other side calls the call, and which step of it this is), cut to 16 octets
    """

    __tablename__ = "relay_seen"
    __table_args__ = (
        PrimaryKeyConstraint("tenant", "account", "mark"),
        Index(None, "at"),
        {"sqlite_with_rowid": False},
    )

    tenant: int = Field(sa_type=Identifier)
    account: int = Field(sa_type=Identifier)
    mark: bytes = Field(sa_column=Column(LargeBinary, nullable=False))
    at: int = Field(sa_type=Millis)
