"""Rows of staff. What a member may do and what they are called stands in their credential, which has no text: so budgets, four
eyes and the audit log need not know that somebody signed in rather than sent a bearer token. Secrets are digests or sealed."""

from sqlalchemy import Boolean, Column, ForeignKeyConstraint, Index, LargeBinary, PrimaryKeyConstraint, UniqueConstraint
from sqlmodel import Field, SQLModel

from database.columns import Identifier, Millis, identity


def _octets(*, nullable: bool = False) -> Column[bytes]:
    return Column(LargeBinary, nullable=nullable)


def _of_staff() -> ForeignKeyConstraint:
    return ForeignKeyConstraint(["tenant", "staff"], ["staff.tenant", "staff.id"], ondelete="CASCADE")


class StaffRow(SQLModel, table=True):
    """A member of staff. `handle` is what authenticators know them by, `outside` a digest of whom an identity
    provider knows."""

    __tablename__ = "staff"
    __table_args__ = (
        UniqueConstraint("tenant", "id"),
        UniqueConstraint("tenant", "credential"),
        UniqueConstraint("tenant", "outside"),
        ForeignKeyConstraint(["tenant", "credential"], ["credential.tenant", "credential.id"]),
        {"sqlite_autoincrement": True},
    )

    id: int | None = Field(default=None, sa_column=identity())
    tenant: int = Field(sa_type=Identifier)
    credential: int = Field(sa_type=Identifier)
    handle: bytes = Field(sa_column=_octets())
    outside: bytes | None = Field(default=None, sa_column=_octets(nullable=True))
    made_at: int = Field(sa_type=Millis)
    enrolled_at: int | None = Field(default=None, sa_type=Millis)
    disabled_at: int | None = Field(default=None, sa_type=Millis)


class StaffLinkRow(SQLModel, table=True):
    """A one-time address at which a member enrols. `recovery` says that it replaces what they had."""

    __tablename__ = "staff_link"
    __table_args__ = (
        PrimaryKeyConstraint("tenant", "digest"),
        UniqueConstraint("digest"),
        _of_staff(),
        Index(None, "expires_at"),
    )

    tenant: int = Field(sa_type=Identifier)
    digest: bytes = Field(sa_column=_octets(), repr=False)
    staff: int = Field(sa_type=Identifier)
    recovery: bool = Field(sa_column=Column(Boolean, nullable=False))
    expires_at: int = Field(sa_type=Millis)
    used_at: int | None = Field(default=None, sa_type=Millis)


class StaffPasskeyRow(SQLModel, table=True):
    """A passkey: its id and public key in COSE, and the highest count of signatures seen."""

    __tablename__ = "staff_passkey"
    __table_args__ = (PrimaryKeyConstraint("tenant", "id"), _of_staff(), Index(None, "tenant", "staff"))

    tenant: int = Field(sa_type=Identifier)
    id: bytes = Field(sa_column=_octets())
    staff: int = Field(sa_type=Identifier)
    public_key: bytes = Field(sa_column=_octets())
    signs: int = Field(sa_type=Identifier)
    synced: bool = Field(sa_column=Column(Boolean, nullable=False))
    made_at: int = Field(sa_type=Millis)
    used_at: int | None = Field(default=None, sa_type=Millis)


class StaffTotpRow(SQLModel, table=True):
    """The sealed secret of an authenticator app, which has shown that it has it. `step` is the last time step whose code was
    taken."""

    __tablename__ = "staff_totp"
    __table_args__ = (PrimaryKeyConstraint("tenant", "staff"), _of_staff())

    tenant: int = Field(sa_type=Identifier)
    staff: int = Field(sa_type=Identifier)
    key: int = Field(sa_type=Identifier)
    sealed: bytes = Field(sa_column=_octets(), repr=False)
    made_at: int = Field(sa_type=Millis)
    step: int = Field(sa_type=Identifier)


class StaffGuardRow(SQLModel, table=True):
    """Wrong codes for the names that fall into one of `one_time.PLACES` places by their digest: whoever is named, known or not,
    the same is written."""

    __tablename__ = "staff_guard"
    __table_args__ = (PrimaryKeyConstraint("tenant", "place"),)

    tenant: int = Field(sa_type=Identifier)
    place: int
    failures: int
    locked_until: int = Field(sa_type=Millis)


class StaffChallengeRow(SQLModel, table=True):
    """A challenge that an authenticator is to sign, by its digest, taken once. `staff` is null where it tells who
    signs in."""

    __tablename__ = "staff_challenge"
    __table_args__ = (PrimaryKeyConstraint("tenant", "digest"), Index(None, "expires_at"))

    tenant: int = Field(sa_type=Identifier)
    digest: bytes = Field(sa_column=_octets())
    staff: int | None = Field(default=None, sa_type=Identifier)
    expires_at: int = Field(sa_type=Millis)


class StaffSessionRow(SQLModel, table=True):
    """A session by the digest of its text. `verified_at` is when its holder last showed who they are."""

    __tablename__ = "staff_session"
    __table_args__ = (
        PrimaryKeyConstraint("tenant", "digest"),
        UniqueConstraint("digest"),
        _of_staff(),
        Index(None, "tenant", "staff"),
        Index(None, "expires_at"),
    )

    tenant: int = Field(sa_type=Identifier)
    digest: bytes = Field(sa_column=_octets(), repr=False)
    staff: int = Field(sa_type=Identifier)
    method: str
    device: str
    begun_at: int = Field(sa_type=Millis)
    seen_at: int = Field(sa_type=Millis)
    verified_at: int = Field(sa_type=Millis)
    expires_at: int = Field(sa_type=Millis)


class StaffRecoveryRow(SQLModel, table=True):
    """A colleague's word that a member has lost what they sign in with, and a second one's that this is so. Both stand as the
    numbers of their credentials."""

    __tablename__ = "staff_recovery"
    __table_args__ = (
        UniqueConstraint("tenant", "id"),
        _of_staff(),
        Index(None, "expires_at"),
        {"sqlite_autoincrement": True},
    )

    id: int | None = Field(default=None, sa_column=identity())
    tenant: int = Field(sa_type=Identifier)
    staff: int = Field(sa_type=Identifier)
    asked_by: int = Field(sa_type=Identifier)
    asked_at: int = Field(sa_type=Millis)
    approved_by: int | None = Field(default=None, sa_type=Identifier)
    approved_at: int | None = Field(default=None, sa_type=Millis)
    used_at: int | None = Field(default=None, sa_type=Millis)
    expires_at: int = Field(sa_type=Millis)
