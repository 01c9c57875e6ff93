"""Rows of devices. A public key is no secret; whose it is says the vault's number of the person."""

from sqlalchemy import Column, ForeignKeyConstraint, Index, LargeBinary, UniqueConstraint
from sqlmodel import Field, SQLModel

from database.columns import Identifier, Millis, identity


class DeviceKeyRow(SQLModel, table=True):
    """The key of a device. From `expires_at` on, or once it was revoked, nothing is sealed for it any more."""

    __tablename__ = "device_key"
    __table_args__ = (
        UniqueConstraint("tenant", "id"),
        UniqueConstraint("tenant", "public_key"),
        ForeignKeyConstraint(["tenant", "subject"], ["subject.tenant", "subject.id"], ondelete="RESTRICT"),
        Index(None, "tenant", "subject"),
        Index(None, "expires_at"),
        {"sqlite_autoincrement": True},
    )

    id: int | None = Field(default=None, sa_column=identity())
    tenant: int = Field(sa_type=Identifier)
    subject: int = Field(sa_type=Identifier)
    public_key: bytes = Field(sa_column=Column(LargeBinary, nullable=False))
    created_at: int = Field(sa_type=Millis)
    expires_at: int = Field(sa_type=Millis)
    revoked_at: int | None = Field(default=None, sa_type=Millis)
