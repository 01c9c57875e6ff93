"""Rows of tenants and credentials."""

from sqlalchemy import (
    Boolean,
    Column,
    ForeignKeyConstraint,
    Index,
    LargeBinary,
    PrimaryKeyConstraint,
    UniqueConstraint,
    text,
)
from sqlmodel import Field, SQLModel

from database.columns import Identifier, Millis, identity


class Tenant(SQLModel, table=True):
    """A customer of the deployment. `region` is the country whose numbers and laws hold where none is named."""

    __tablename__ = "tenant"
    __table_args__ = ({"sqlite_autoincrement": True},)

    id: int | None = Field(default=None, sa_column=identity())
    name: str = Field(unique=True)
    region: str
    created_at: int = Field(sa_type=Millis)


class CredentialRow(SQLModel, table=True):
    """A credential without its secret. `scopes` is a sorted line of words; names are unique among those not revoked."""

    __tablename__ = "credential"
    __table_args__ = (
        UniqueConstraint("tenant", "id"),
        ForeignKeyConstraint(["tenant"], ["tenant.id"]),
        Index(
            "uq_credential_live_name",
            "tenant",
            "name",
            unique=True,
            sqlite_where=text("revoked_at IS NULL"),
            postgresql_where=text("revoked_at IS NULL"),
        ),
        {"sqlite_autoincrement": True},
    )

    id: int | None = Field(default=None, sa_column=identity())
    tenant: int = Field(sa_type=Identifier)
    name: str
    role: str
    scopes: str
    test: bool = Field(sa_column=Column(Boolean, nullable=False))
    bootstrap: bool = Field(sa_column=Column(Boolean, nullable=False))
    created_at: int = Field(sa_type=Millis)
    expires_at: int | None = Field(default=None, sa_type=Millis)
    revoked_at: int | None = Field(default=None, sa_type=Millis)
    frozen_at: int | None = Field(default=None, sa_type=Millis)


class CredentialSecret(SQLModel, table=True):
    """SHA-256 of a credential's text. Rotation adds a second one and gives the first an end, so that the number of the
    credential, and with it everything that was counted or keyed by it, outlives its text.

    The digest is unique over all tenants: it is looked up before the tenant is known, and is what makes it known.
    """

    __tablename__ = "credential_secret"
    __table_args__ = (
        PrimaryKeyConstraint("tenant", "credential", "digest"),
        UniqueConstraint("digest"),
        ForeignKeyConstraint(["tenant", "credential"], ["credential.tenant", "credential.id"]),
    )

    tenant: int = Field(sa_type=Identifier)
    credential: int = Field(sa_type=Identifier)
    digest: bytes = Field(sa_column=Column(LargeBinary, nullable=False), repr=False)
    ends_at: int | None = Field(default=None, sa_type=Millis)
