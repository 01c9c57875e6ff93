"""The row of a message between two devices."""

from sqlalchemy import Column, ForeignKeyConstraint, Index, LargeBinary, UniqueConstraint
from sqlmodel import Field, SQLModel

from database.columns import Identifier, Millis, identity


class LetterRow(SQLModel, table=True):
    """What is kept of a message until it is acknowledged or ends: a fingerprint of the order, both devices with whose they are,
    the hour in which it came, and the envelope, whose length is one of a few. Until `held_until` a hold keeps it from being
    looked at again."""

    __tablename__ = "letter"
    __table_args__ = (
        UniqueConstraint("tenant", "id"),
        ForeignKeyConstraint(["tenant", "sender_device"], ["device_key.tenant", "device_key.id"], ondelete="CASCADE"),
        ForeignKeyConstraint(
            ["tenant", "recipient_device"], ["device_key.tenant", "device_key.id"], ondelete="CASCADE"
        ),
        Index(None, "tenant", "order_fingerprint", "recipient"),
        Index(None, "tenant", "sender"),
        Index(None, "tenant", "recipient"),
        Index(None, "tenant", "sender_device"),
        Index(None, "tenant", "recipient_device"),
        Index(None, "expires_at"),
        {"sqlite_autoincrement": True},
    )

    id: int | None = Field(default=None, sa_column=identity())
    tenant: int = Field(sa_type=Identifier)
    order_fingerprint: bytes = Field(sa_column=Column(LargeBinary, nullable=False))
    sender: int = Field(sa_type=Identifier)
    sender_device: int = Field(sa_type=Identifier)
    recipient: int = Field(sa_type=Identifier)
    recipient_device: int = Field(sa_type=Identifier)
    envelope: bytes = Field(sa_column=Column(LargeBinary, nullable=False), repr=False)
    hour: int = Field(sa_type=Millis)
    expires_at: int = Field(sa_type=Millis)
    held_until: int = Field(default=0, sa_type=Millis, sa_column_kwargs={"server_default": "0"})
