"""Rows of packages. They hold ids, counts, codes, digests and sealed secrets; people stand in them by the vault's internal
number."""

from sqlalchemy import Column, ForeignKeyConstraint, Index, LargeBinary, PrimaryKeyConstraint
from sqlmodel import Field, SQLModel

from database.columns import Identifier, Millis


class PackageChoiceRow(SQLModel, table=True):
    """How a request's package is to be sealed and where it goes: to the person, under a key of theirs if they gave one (its text
    is sealed), or to a registered receiver."""

    __tablename__ = "package_choice"
    __table_args__ = (PrimaryKeyConstraint("tenant", "request"), Index(None, "tenant", "subject"))

    tenant: int = Field(sa_type=Identifier)
    request: bytes = Field(sa_column=Column(LargeBinary, nullable=False))
    subject: int = Field(sa_type=Identifier)
    receiver: str | None
    seal_version: int | None
    sealed: bytes | None = Field(default=None, sa_column=Column(LargeBinary, nullable=True), repr=False)


class PackageRow(SQLModel, table=True):
    """The package of a request. While it is `building` it has neither digest nor size. `sealed` is its passphrase until that has
    been told, null where it was never needed. `receipt` is the SHA-256 of what a receiver answered."""

    __tablename__ = "package"
    __table_args__ = (
        PrimaryKeyConstraint("tenant", "id"),
        Index("uq_package_tenant_request", "tenant", "request", unique=True),
        Index(None, "tenant", "subject"),
        Index(None, "expires_at"),
    )

    tenant: int = Field(sa_type=Identifier)
    id: bytes = Field(sa_column=Column(LargeBinary, nullable=False))
    request: bytes = Field(sa_column=Column(LargeBinary, nullable=False))
    subject: int = Field(sa_type=Identifier)
    state: str
    receiver: str | None
    made_at: int = Field(sa_type=Millis)
    expires_at: int = Field(sa_type=Millis)
    digest: bytes | None = Field(default=None, sa_column=Column(LargeBinary, nullable=True))
    size: int | None = Field(default=None, sa_type=Identifier)
    records: int = Field(sa_type=Identifier)
    downloads: int
    receipt: bytes | None = Field(default=None, sa_column=Column(LargeBinary, nullable=True))
    seal_version: int | None
    sealed: bytes | None = Field(default=None, sa_column=Column(LargeBinary, nullable=True), repr=False)


class PackageLinkRow(SQLModel, table=True):
    """A one-time link to a package, known by the SHA-256 of its text. It is used up when the last octet was handed out."""

    __tablename__ = "package_link"
    __table_args__ = (
        PrimaryKeyConstraint("tenant", "digest"),
        ForeignKeyConstraint(["tenant", "package"], ["package.tenant", "package.id"], ondelete="CASCADE"),
        Index(None, "tenant", "package"),
    )

    tenant: int = Field(sa_type=Identifier)
    digest: bytes = Field(sa_column=Column(LargeBinary, nullable=False))
    package: bytes = Field(sa_column=Column(LargeBinary, nullable=False))
    expires_at: int = Field(sa_type=Millis)
    opened: int
    used_at: int | None = Field(default=None, sa_type=Millis)
