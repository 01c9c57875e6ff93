"""Rows of identity. People stand in them by the vault's number, what was named by a keyed fingerprint, and what is secret by its
digest."""

from sqlalchemy import Column, ForeignKeyConstraint, Index, LargeBinary, PrimaryKeyConstraint
from sqlmodel import Field, SQLModel

from database.columns import Identifier, Millis


def _octets(*, nullable: bool = False) -> Column[bytes]:
    return Column(LargeBinary, nullable=nullable)


class IdentityChallengeRow(SQLModel, table=True):
    """Codes that were asked for together. `subject` is null where nobody is known by what was named. `request` is the request
    that they are for, and `session` the digest of the session that asked to be surer."""

    __tablename__ = "identity_challenge"
    __table_args__ = (
        PrimaryKeyConstraint("tenant", "id"),
        ForeignKeyConstraint(["tenant", "request"], ["dsar_request.tenant", "dsar_request.id"], ondelete="CASCADE"),
        Index(None, "tenant", "subject"),
        Index(None, "expires_at"),
    )

    tenant: int = Field(sa_type=Identifier)
    id: bytes = Field(sa_column=_octets())
    subject: int | None = Field(default=None, sa_type=Identifier)
    request: bytes | None = Field(default=None, sa_column=_octets(nullable=True))
    session: bytes | None = Field(default=None, sa_column=_octets(nullable=True))
    locale: str
    tries: int
    made_at: int = Field(sa_type=Millis)
    expires_at: int = Field(sa_type=Millis)
    ended_at: int | None = Field(default=None, sa_type=Millis)


class IdentityClaimRow(SQLModel, table=True):
    """One thing that was named. Those with a `channel` take a code; `digest` is the keyed digest of the last one drawn."""

    __tablename__ = "identity_claim"
    __table_args__ = (
        PrimaryKeyConstraint("tenant", "challenge", "place"),
        ForeignKeyConstraint(
            ["tenant", "challenge"], ["identity_challenge.tenant", "identity_challenge.id"], ondelete="CASCADE"
        ),
    )

    tenant: int = Field(sa_type=Identifier)
    challenge: bytes = Field(sa_column=_octets())
    place: int
    who: bytes = Field(sa_column=_octets())
    channel: str | None
    digest: bytes | None = Field(default=None, sa_column=_octets(nullable=True), repr=False)
    sent_by: str | None
    sent_at: int | None = Field(default=None, sa_type=Millis)


class IdentityGuardRow(SQLModel, table=True):
    """What was tried of late under a name, by its fingerprint."""

    __tablename__ = "identity_guard"
    __table_args__ = (PrimaryKeyConstraint("tenant", "who"), Index(None, "touched_at"))

    tenant: int = Field(sa_type=Identifier)
    who: bytes = Field(sa_column=_octets())
    failures: int
    locked_until: int = Field(sa_type=Millis)
    sends: int
    window_at: int = Field(sa_type=Millis)
    sent_at: int = Field(sa_type=Millis)
    touched_at: int = Field(sa_type=Millis)


class IdentityLinkRow(SQLModel, table=True):
    """A hand-over from the platform; one for nobody leads nowhere."""

    __tablename__ = "identity_link"
    __table_args__ = (
        PrimaryKeyConstraint("tenant", "digest"),
        Index(None, "tenant", "subject"),
        Index(None, "expires_at"),
    )

    tenant: int = Field(sa_type=Identifier)
    digest: bytes = Field(sa_column=_octets(), repr=False)
    subject: int | None = Field(default=None, sa_type=Identifier)
    expires_at: int = Field(sa_type=Millis)
    used_at: int | None = Field(default=None, sa_type=Millis)


class IdentitySessionRow(SQLModel, table=True):
    """A person's session, and when each thing was shown that it rests on."""

    __tablename__ = "identity_session"
    __table_args__ = (
        PrimaryKeyConstraint("tenant", "digest"),
        Index(None, "tenant", "subject"),
        Index(None, "expires_at"),
    )

    tenant: int = Field(sa_type=Identifier)
    digest: bytes = Field(sa_column=_octets(), repr=False)
    subject: int = Field(sa_type=Identifier)
    platform_at: int | None = Field(default=None, sa_type=Millis)
    sms_at: int | None = Field(default=None, sa_type=Millis)
    email_at: int | None = Field(default=None, sa_type=Millis)
    expires_at: int = Field(sa_type=Millis)


class IdentityKeyRow(SQLModel, table=True):
    """A public key that verifies assertions of the tenant's platform."""

    __tablename__ = "identity_key"
    __table_args__ = (PrimaryKeyConstraint("tenant", "thumbprint"),)

    tenant: int = Field(sa_type=Identifier)
    thumbprint: str
    der: bytes = Field(sa_column=_octets())
    made_at: int = Field(sa_type=Millis)
    revoked_at: int | None = Field(default=None, sa_type=Millis)


class IdentityAssertionRow(SQLModel, table=True):
    """An assertion that was taken, by the digest of what makes it unique, until it has expired by itself."""

    __tablename__ = "identity_assertion"
    __table_args__ = (PrimaryKeyConstraint("tenant", "digest"), Index(None, "expires_at"))

    tenant: int = Field(sa_type=Identifier)
    digest: bytes = Field(sa_column=_octets())
    expires_at: int = Field(sa_type=Millis)


class IdentityProofRow(SQLModel, table=True):
    """What was shown for a request: how, at which level, who looked, and when. Of a document nothing is kept but that it was
    seen."""

    __tablename__ = "identity_proof"
    __table_args__ = (
        PrimaryKeyConstraint("tenant", "request", "proof", "method"),
        ForeignKeyConstraint(["tenant", "request"], ["dsar_request.tenant", "dsar_request.id"], ondelete="CASCADE"),
    )

    tenant: int = Field(sa_type=Identifier)
    request: bytes = Field(sa_column=_octets())
    proof: str
    method: str
    level: int
    verifier: int = Field(sa_type=Identifier)
    at: int = Field(sa_type=Millis)
