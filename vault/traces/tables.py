"""Rows of couriers' traces. Positions and their times stand in them sealed only."""

from sqlalchemy import Column, ForeignKeyConstraint, Index, LargeBinary, UniqueConstraint
from sqlmodel import Field, SQLModel

from database.columns import Identifier, Millis, identity


class TrackRow(SQLModel, table=True):
    """The trace of a courier with an order. `key` seals its batches, and goes with it. `last_at` is when the last of them
    came. Until `held_until` a hold keeps it from being looked at again."""

    __tablename__ = "track"
    __table_args__ = (
        UniqueConstraint("tenant", "id"),
        UniqueConstraint("tenant", "ref", "courier"),
        ForeignKeyConstraint(["tenant", "key"], ["inner_key.tenant", "inner_key.id"], ondelete="CASCADE"),
        Index(None, "tenant", "key"),
        Index(None, "tenant", "courier"),
        Index(None, "expires_at"),
        {"sqlite_autoincrement": True},
    )

    id: int | None = Field(default=None, sa_column=identity())
    tenant: int = Field(sa_type=Identifier)
    ref: str
    courier: int = Field(sa_type=Identifier)
    key: int = Field(sa_type=Identifier)
    batches: int
    begun_at: int = Field(sa_type=Millis)
    last_at: int = Field(sa_type=Millis)
    expires_at: int = Field(sa_type=Millis)
    held_until: int = Field(default=0, sa_type=Millis, sa_column_kwargs={"server_default": "0"})


class TrackBatchRow(SQLModel, table=True):
    """Some positions in the order in which they came; `number` counts the batches of a track from 1."""

    __tablename__ = "track_batch"
    __table_args__ = (
        UniqueConstraint("tenant", "track", "number"),
        ForeignKeyConstraint(["tenant", "track"], ["track.tenant", "track.id"], ondelete="CASCADE"),
        {"sqlite_autoincrement": True},
    )

    id: int | None = Field(default=None, sa_column=identity())
    tenant: int = Field(sa_type=Identifier)
    track: int = Field(sa_type=Identifier)
    number: int
    sealed: bytes = Field(sa_column=Column(LargeBinary, nullable=False), repr=False)
