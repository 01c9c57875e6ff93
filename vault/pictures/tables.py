"""Rows of pictures. Their octets stand in chunks, sealed."""

from sqlalchemy import Column, ForeignKeyConstraint, Index, LargeBinary, PrimaryKeyConstraint, UniqueConstraint
from sqlmodel import Field, SQLModel

from database.columns import Identifier, Millis, identity


class PictureRow(SQLModel, table=True):
    """A picture of an order, about a person, made by a courier. `state` is `pending` until the last chunk was stored; `header` is
    that of its secretstream. Until `held_until` a hold keeps it from being looked at again."""

    __tablename__ = "picture"
    __table_args__ = (
        UniqueConstraint("tenant", "id"),
        ForeignKeyConstraint(["tenant", "key"], ["inner_key.tenant", "inner_key.id"], ondelete="CASCADE"),
        Index(None, "tenant", "key"),
        Index(None, "tenant", "subject"),
        Index(None, "tenant", "ref"),
        Index(None, "expires_at"),
        {"sqlite_autoincrement": True},
    )

    id: int | None = Field(default=None, sa_column=identity())
    tenant: int = Field(sa_type=Identifier)
    subject: int = Field(sa_type=Identifier)
    ref: str
    key: int = Field(sa_type=Identifier)
    header: bytes = Field(sa_column=Column(LargeBinary, nullable=False), repr=False)
    format: str
    state: str
    size: int = Field(sa_type=Identifier)
    chunks: int
    created_at: int = Field(sa_type=Millis)
    expires_at: int = Field(sa_type=Millis)
    held_until: int = Field(default=0, sa_type=Millis, sa_column_kwargs={"server_default": "0"})


class PictureChunkRow(SQLModel, table=True):
    """A message of the picture's secretstream; `number` counts them from 0."""

    __tablename__ = "picture_chunk"
    __table_args__ = (
        PrimaryKeyConstraint("tenant", "picture", "number"),
        ForeignKeyConstraint(["tenant", "picture"], ["picture.tenant", "picture.id"], ondelete="CASCADE"),
    )

    tenant: int = Field(sa_type=Identifier)
    picture: int = Field(sa_type=Identifier)
    number: int
    sealed: bytes = Field(sa_column=Column(LargeBinary, nullable=False), repr=False)
