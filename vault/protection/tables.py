"""Rows of freezes and honey tokens."""

from sqlalchemy import Index, PrimaryKeyConstraint, UniqueConstraint, text
from sqlmodel import Field, SQLModel

from database.columns import Identifier, Millis, identity

_IN_FORCE = text("lifted_at IS NULL")


class FreezeRow(SQLModel, table=True):
    """A freeze of a subject or a courier, by the vault's number of the person, or of a credential, by its own. `frozen_by` is the
    credential that asked for it, 0 where the service froze by itself; one is in force until `lifted_at`. A person who was erased
    since is -1."""

    __tablename__ = "access_freeze"
    __table_args__ = (
        UniqueConstraint("tenant", "id"),
        Index(
            "uq_access_freeze_in_force",
            "tenant",
            "kind",
            "target",
            unique=True,
            sqlite_where=_IN_FORCE,
            postgresql_where=_IN_FORCE,
        ),
        {"sqlite_autoincrement": True},
    )

    id: int | None = Field(default=None, sa_column=identity())
    tenant: int = Field(sa_type=Identifier)
    kind: str
    target: int = Field(sa_type=Identifier)
    reason: str
    frozen_by: int = Field(sa_type=Identifier)
    frozen_at: int = Field(sa_type=Millis)
    lifted_by: int | None = Field(default=None, sa_type=Identifier)
    lifted_at: int | None = Field(default=None, sa_type=Millis)


class HoneyTokenRow(SQLModel, table=True):
    """A token that stands for nothing: the number of a record that there is not, its kind, and the key version it was issued
    under. `place` is a code of where it was left, and `freezes` is 1 where whoever presents it is to be frozen."""

    __tablename__ = "honey_token"
    __table_args__ = (PrimaryKeyConstraint("tenant", "record"),)

    tenant: int = Field(sa_type=Identifier)
    record: int = Field(sa_type=Identifier)
    kind: int
    token_version: int
    place: str
    freezes: int
    made_by: int = Field(sa_type=Identifier)
    made_at: int = Field(sa_type=Millis)
    trips: int = Field(default=0, sa_column_kwargs={"server_default": "0"})
    tripped_at: int | None = Field(default=None, sa_type=Millis)
