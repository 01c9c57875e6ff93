"""Rows of consent."""

from sqlalchemy import Column, ForeignKeyConstraint, Index, LargeBinary, PrimaryKeyConstraint, UniqueConstraint
from sqlmodel import Field, SQLModel

from database.columns import Identifier, Millis, identity


class ConsentCatalogue(SQLModel, table=True):
    """A version of a tenant's catalogue, never changed; the one with the highest number is in force. `source` is its text as
    JSON in the order it was written, `digest` the SHA-256 of that. `material` is, as JSON, the latest material version of
    each purpose's notice. `starter` is a catalogue that nobody applied."""

    __tablename__ = "consent_catalogue"
    __table_args__ = (PrimaryKeyConstraint("tenant", "version"),)

    tenant: int = Field(sa_type=Identifier)
    version: int = Field(sa_type=Identifier)
    digest: str
    source: str
    material: str
    starter: bool
    applied_at: int = Field(sa_type=Millis)


class ConsentNotice(SQLModel, table=True):
    """A version of a purpose's notice, and the version of the catalogue that published it."""

    __tablename__ = "consent_notice"
    __table_args__ = (
        PrimaryKeyConstraint("tenant", "purpose", "version"),
        ForeignKeyConstraint(["tenant", "catalogue"], ["consent_catalogue.tenant", "consent_catalogue.version"]),
    )

    tenant: int = Field(sa_type=Identifier)
    purpose: str
    version: int = Field(sa_type=Identifier)
    catalogue: int = Field(sa_type=Identifier)
    material: bool
    change: str
    published_at: int = Field(sa_type=Millis)


class ConsentNoticeText(SQLModel, table=True):
    """The exact wording of a notice in one language. `digest` is the SHA-256 of its UTF-8 octets, in hexadecimal."""

    __tablename__ = "consent_notice_text"
    __table_args__ = (
        PrimaryKeyConstraint("tenant", "purpose", "version", "locale"),
        ForeignKeyConstraint(
            ["tenant", "purpose", "version"],
            ["consent_notice.tenant", "consent_notice.purpose", "consent_notice.version"],
        ),
    )

    tenant: int = Field(sa_type=Identifier)
    purpose: str
    version: int = Field(sa_type=Identifier)
    locale: str
    title: str
    text: str
    digest: str


class ConsentTold(SQLModel, table=True):
    """That a person was told of a version of a notice that came after their consent, and by which channel: none where the vault
    knows no address of theirs. `subject` is the vault's internal number."""

    __tablename__ = "consent_told"
    __table_args__ = (PrimaryKeyConstraint("tenant", "purpose", "version", "subject"),)

    tenant: int = Field(sa_type=Identifier)
    purpose: str
    version: int = Field(sa_type=Identifier)
    subject: int = Field(sa_type=Identifier)
    channel: str | None = Field(default=None)
    at: int = Field(sa_type=Millis)


class ConsentEventRow(SQLModel, table=True):
    """One thing that happened to a person's consent to a purpose; never changed but by the person's erasure. `subject` is the
    vault's internal number.

    `instant` is when it was recorded, in microseconds since the epoch of time and ascending with `epoch`, the number of the
    event among the person's: within a millisecond the order decides whether a past use was allowed. `stated_at` is when it
    happened as imported evidence says. `shown` and `recipients` are lines of codes. `presentation` is the digest of the signed
    token, `wording` that of the text shown. `act` is the id of the audit log's act.
    """

    __tablename__ = "consent_event"
    __table_args__ = (
        UniqueConstraint("tenant", "id"),
        UniqueConstraint("tenant", "subject", "epoch"),
        {"sqlite_autoincrement": True},
    )

    id: int | None = Field(default=None, sa_column=identity())
    tenant: int = Field(sa_type=Identifier)
    subject: int = Field(sa_type=Identifier)
    epoch: int = Field(sa_type=Identifier)
    purpose: str
    state: str
    instant: int = Field(sa_type=Identifier)
    stated_at: int | None = Field(default=None, sa_type=Millis)
    notice_version: int | None = Field(default=None, sa_type=Identifier)
    locale: str | None
    wording: bytes | None = Field(sa_column=Column(LargeBinary, nullable=True))
    presentation: bytes | None = Field(sa_column=Column(LargeBinary, nullable=True))
    shown: str
    channel: str | None
    method: str
    expressed_by: str
    evidence: str | None
    evidence_digest: bytes | None = Field(sa_column=Column(LargeBinary, nullable=True))
    recipients: str
    valid_until: int | None = Field(default=None, sa_type=Millis)
    child: bool
    credential: int = Field(sa_type=Identifier)
    act: bytes = Field(sa_column=Column(LargeBinary, nullable=False))


class ConsentCurrentRow(SQLModel, table=True):
    """How a person stands to a purpose now: what `consent_event` comes to. `event` is the event that decides, `epoch` its
    number among the person's; `valid_until` is there while a consent can still expire."""

    __tablename__ = "consent_current"
    __table_args__ = (
        PrimaryKeyConstraint("tenant", "subject", "purpose"),
        ForeignKeyConstraint(["tenant", "event"], ["consent_event.tenant", "consent_event.id"]),
        Index(None, "valid_until"),
    )

    tenant: int = Field(sa_type=Identifier)
    subject: int = Field(sa_type=Identifier)
    purpose: str
    state: str
    event: int = Field(sa_type=Identifier)
    epoch: int = Field(sa_type=Identifier)
    instant: int = Field(sa_type=Identifier)
    stated_at: int | None = Field(default=None, sa_type=Millis)
    notice_version: int | None = Field(default=None, sa_type=Identifier)
    recipients: str
    expressed_by: str
    valid_until: int | None = Field(default=None, sa_type=Millis)
    refused_at: int | None = Field(default=None, sa_type=Millis)


class ConsentEpochRow(SQLModel, table=True):
    """How many events a person's consents have had, when the last one was, and whether the person is known as a child under
    14."""

    __tablename__ = "consent_epoch"
    __table_args__ = (PrimaryKeyConstraint("tenant", "subject"),)

    tenant: int = Field(sa_type=Identifier)
    subject: int = Field(sa_type=Identifier)
    epoch: int = Field(sa_type=Identifier)
    instant: int = Field(sa_type=Identifier)
    child: bool
