"""Rows of alerts: codes, times, and people by the vault's number."""

from sqlalchemy import Column, ForeignKeyConstraint, Index, LargeBinary, PrimaryKeyConstraint
from sqlmodel import Field, SQLModel

from database.columns import Identifier, Millis


def _octets() -> Column[bytes]:
    return Column(LargeBinary, nullable=False)


class BreachRow(SQLModel, table=True):
    """A breach that was reported, in codes: several of a kind with spaces between. `job` is the one that tells people."""

    __tablename__ = "breach"
    __table_args__ = (PrimaryKeyConstraint("tenant", "id"),)

    tenant: int = Field(sa_type=Identifier)
    id: bytes = Field(sa_column=_octets())
    kinds: str
    cause: str
    harms: str
    measures: str
    advice: str
    happened_at: int = Field(sa_type=Millis)
    reported_at: int = Field(sa_type=Millis)
    job: bytes = Field(sa_column=_octets())


class BreachPersonRow(SQLModel, table=True):
    """Somebody whom a breach concerns; when they were told, and by which channel, none where no address was known."""

    __tablename__ = "breach_person"
    __table_args__ = (
        PrimaryKeyConstraint("tenant", "breach", "subject"),
        ForeignKeyConstraint(["tenant", "breach"], ["breach.tenant", "breach.id"], ondelete="CASCADE"),
        Index(None, "tenant", "subject"),
    )

    tenant: int = Field(sa_type=Identifier)
    breach: bytes = Field(sa_column=_octets())
    subject: int = Field(sa_type=Identifier)
    channel: str | None = None
    told_at: int | None = Field(default=None, sa_type=Millis)


class AccessDigestRow(SQLModel, table=True):
    """Somebody who wants to hear who saw their data: in which language, since when it was not told, and when it is next."""

    __tablename__ = "access_digest"
    __table_args__ = (PrimaryKeyConstraint("tenant", "subject"), Index(None, "next_at"))

    tenant: int = Field(sa_type=Identifier)
    subject: int = Field(sa_type=Identifier)
    locale: str
    since: int = Field(sa_type=Millis)
    next_at: int = Field(sa_type=Millis)
