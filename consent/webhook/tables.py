"""Rows of webhooks. They hold ids, codes, counts and sealed secrets; people stand in them by the vault's internal number."""

from sqlalchemy import Column, ForeignKeyConstraint, Index, LargeBinary, PrimaryKeyConstraint, UniqueConstraint
from sqlmodel import Field, SQLModel

from database.columns import Identifier, Millis, identity


class WebhookRow(SQLModel, table=True):
    """A subscription. `carrier` is the job that may deliver for it, until `carrier_until`."""

    __tablename__ = "webhook"
    __table_args__ = (UniqueConstraint("tenant", "id"), {"sqlite_autoincrement": True})

    id: int | None = Field(default=None, sa_column=identity())
    tenant: int = Field(sa_type=Identifier)
    url: str
    topics: str
    state: str
    carrier: bytes | None = Field(default=None, sa_column=Column(LargeBinary, nullable=True))
    carrier_until: int = Field(sa_type=Millis)
    created_at: int = Field(sa_type=Millis)


class WebhookSecretRow(SQLModel, table=True):
    """A secret of a subscription, sealed. It signs until `expires_at`; null is until a newer one takes its place."""

    __tablename__ = "webhook_secret"
    __table_args__ = (
        PrimaryKeyConstraint("tenant", "webhook", "version"),
        ForeignKeyConstraint(["tenant", "webhook"], ["webhook.tenant", "webhook.id"], ondelete="CASCADE"),
    )

    tenant: int = Field(sa_type=Identifier)
    webhook: int = Field(sa_type=Identifier)
    version: int
    seal_version: int
    sealed: bytes = Field(sa_column=Column(LargeBinary, nullable=False), repr=False)
    expires_at: int | None = Field(default=None, sa_type=Millis)


class WebhookDeliveryRow(SQLModel, table=True):
    """One change to be told to one subscriber: written in the transaction of the change. `rank` 0 goes before 1."""

    __tablename__ = "webhook_delivery"
    __table_args__ = (
        UniqueConstraint("tenant", "id"),
        ForeignKeyConstraint(["tenant", "webhook"], ["webhook.tenant", "webhook.id"], ondelete="CASCADE"),
        Index(None, "tenant", "webhook", "state", "rank", "next_at", "id"),
        Index(None, "tenant", "webhook", "subject", "state", "id"),
        Index(None, "state", "next_at"),
        {"sqlite_autoincrement": True},
    )

    id: int | None = Field(default=None, sa_column=identity())
    tenant: int = Field(sa_type=Identifier)
    webhook: int = Field(sa_type=Identifier)
    message: bytes = Field(sa_column=Column(LargeBinary, nullable=False))
    subject: int = Field(sa_type=Identifier)
    event: int = Field(sa_type=Identifier)
    topic: str
    purpose: str
    notice_version: int | None
    epoch: int = Field(sa_type=Identifier)
    happened_at: int = Field(sa_type=Millis)
    state: str
    rank: int
    attempts: int
    next_at: int = Field(sa_type=Millis)
    status: int | None
    error: str | None
    ended_at: int | None = Field(default=None, sa_type=Millis)
