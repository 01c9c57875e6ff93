"""Rows of the vault. The first four tables are the *keyring*: a backup of data holds none of their rows.

Every value, every secret and even the platform's own id of a person stands here sealed; what must be found again stands
as a keyed fingerprint.
"""

from sqlalchemy import (
    BigInteger,
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


def _sealed(*, nullable: bool = False) -> Column[bytes]:
    return Column(LargeBinary, nullable=nullable)


def _counted() -> Column[int]:
    return Column(BigInteger, nullable=False, server_default="0")


class KeyringRoot(SQLModel, table=True):
    """The root keys that wrapped keys below name, each with a proof that only it can open."""

    __tablename__ = "keyring_root"
    __table_args__ = (UniqueConstraint("provider", "root"), {"sqlite_autoincrement": True})

    id: int | None = Field(default=None, sa_column=identity())
    provider: str
    root: str
    proof: bytes = Field(sa_column=_sealed(), repr=False)
    state: str
    created_at: int = Field(sa_type=Millis)
    destroyed_at: int | None = Field(default=None, sa_type=Millis)


class KeyringEpoch(SQLModel, table=True):
    """Moves with every change of a tenant's keys, so that a process knows when its cache of them is old."""

    __tablename__ = "keyring_epoch"

    tenant: int = Field(sa_type=Identifier, primary_key=True)
    epoch: int


class Kek(SQLModel, table=True):
    """A key encryption key of a tenant, wrapped by a root key.

    `seals` counts what it has wrapped (see vault.seal_count). A destroyed version is deleted, which the DEKs' foreign key refuses
    as long as one needs it, and a row without a key takes its place.
    """

    __tablename__ = "kek"
    __table_args__ = (
        UniqueConstraint("tenant", "version"),
        UniqueConstraint("tenant", "id"),
        ForeignKeyConstraint(["root"], ["keyring_root.id"], ondelete="RESTRICT"),
        {"sqlite_autoincrement": True},
    )

    id: int | None = Field(default=None, sa_column=identity())
    tenant: int = Field(sa_type=Identifier)
    version: int
    root: int = Field(sa_type=Identifier)
    wrapped: bytes = Field(sa_column=_sealed(), repr=False)
    state: str
    created_at: int = Field(sa_type=Millis)
    destroyed_at: int | None = Field(default=None, sa_type=Millis)
    seals: int = Field(sa_column=_counted())


class PurposeKey(SQLModel, table=True):
    """A key of one usage (token, search, subject index, …), wrapped by a root key. `scope` is the kind it serves, if any."""

    __tablename__ = "purpose_key"
    __table_args__ = (
        UniqueConstraint("tenant", "usage", "scope", "version"),
        ForeignKeyConstraint(["root"], ["keyring_root.id"], ondelete="RESTRICT"),
        {"sqlite_autoincrement": True},
    )

    id: int | None = Field(default=None, sa_column=identity())
    tenant: int = Field(sa_type=Identifier)
    usage: str
    scope: str
    version: int
    root: int = Field(sa_type=Identifier)
    wrapped: bytes = Field(sa_column=_sealed(), repr=False)
    state: str
    created_at: int = Field(sa_type=Millis)
    destroyed_at: int | None = Field(default=None, sa_type=Millis)


class Dek(SQLModel, table=True):
    """The data key of one subject, wrapped by a KEK. The restricting foreign key keeps a KEK while anything needs it.

    `created_at` is when this version was made, and `seals` counts what it has sealed (see vault.seal_count).
    """

    __tablename__ = "dek"
    __table_args__ = (
        PrimaryKeyConstraint("tenant", "subject"),
        ForeignKeyConstraint(["tenant", "kek"], ["kek.tenant", "kek.id"], ondelete="RESTRICT"),
        Index(None, "tenant", "kek"),
        Index(
            "ix_dek_worn",
            "tenant",
            "subject",
            sqlite_where=text("seals >= 2147483648"),
            postgresql_where=text("seals >= 2147483648"),
        ),
    )

    tenant: int = Field(sa_type=Identifier)
    subject: int = Field(sa_type=Identifier)
    version: int
    kek: int = Field(sa_type=Identifier)
    wrapped: bytes = Field(sa_column=_sealed(), repr=False)
    created_at: int = Field(sa_type=Millis, sa_column_kwargs={"server_default": "0"})
    seals: int = Field(sa_column=_counted())


class Subject(SQLModel, table=True):
    """A data subject. Its number is all that other tables know; the platform's id is a fingerprint and a sealed text.

    `sealed_under` is the version of the DEK that all rows of the person are sealed under, in the row that writers hold.
    `restricted` is 1 while some use of the data is restricted, so that nobody else has to be asked about.
    """

    __tablename__ = "subject"
    __table_args__ = (
        UniqueConstraint("tenant", "id"),
        UniqueConstraint("tenant", "fingerprint"),
        {"sqlite_autoincrement": True},
    )

    id: int | None = Field(default=None, sa_column=identity())
    tenant: int = Field(sa_type=Identifier)
    fingerprint: bytes = Field(sa_column=_sealed(), repr=False)
    state: str
    type: str | None
    sealed_identity: bytes | None = Field(sa_column=_sealed(nullable=True), repr=False)
    created_at: int = Field(sa_type=Millis)
    sealed_under: int = Field(sa_column_kwargs={"server_default": "1"})
    restricted: int = Field(default=0, sa_column_kwargs={"server_default": "0"})


class Record(SQLModel, table=True):
    """One sealed value. The number is never reused, for it is what a token says."""

    __tablename__ = "record"
    __table_args__ = (
        UniqueConstraint("tenant", "id"),
        UniqueConstraint("tenant", "subject", "kind", "format", "fingerprint"),
        Index(
            "uq_record_serial",
            "tenant",
            "kind",
            "token_version",
            "serial",
            unique=True,
            sqlite_where=text("serial IS NOT NULL"),
            postgresql_where=text("serial IS NOT NULL"),
        ),
        Index(
            "ix_record_expiry",
            "expires_at",
            sqlite_where=text("expires_at IS NOT NULL"),
            postgresql_where=text("expires_at IS NOT NULL"),
        ),
        ForeignKeyConstraint(["tenant", "subject"], ["subject.tenant", "subject.id"], ondelete="RESTRICT"),
        {"sqlite_autoincrement": True},
    )

    id: int | None = Field(default=None, sa_column=identity())
    tenant: int = Field(sa_type=Identifier)
    subject: int = Field(sa_type=Identifier)
    kind: int
    format: int
    fingerprint: bytes | None = Field(sa_column=_sealed(nullable=True), repr=False)
    sealed: bytes = Field(sa_column=_sealed(), repr=False)
    token_version: int
    serial: int | None = Field(default=None, sa_type=Identifier)
    expires_at: int | None = Field(default=None, sa_type=Millis)
    uses_left: int | None
    created_at: int = Field(sa_type=Millis)
    restricted: int = Field(sa_column_kwargs={"server_default": "0"})


class RecordUse(SQLModel, table=True):
    """Why a record is kept: a purpose and, where there is one, the order it serves. From `restricted_at` on it is only stored,
    for a law; whether a record has such uses stands in its own row (`restricted`)."""

    __tablename__ = "record_use"
    __table_args__ = (
        PrimaryKeyConstraint("tenant", "record", "purpose", "ref"),
        ForeignKeyConstraint(["tenant", "record"], ["record.tenant", "record.id"], ondelete="CASCADE"),
        {"sqlite_with_rowid": False},
    )

    tenant: int = Field(sa_type=Identifier)
    record: int = Field(sa_type=Identifier)
    purpose: str
    ref: str
    since: int = Field(sa_type=Millis)
    restricted_at: int | None = Field(default=None, sa_type=Millis)


class NoteFinding(SQLModel, table=True):
    """How many personal values of a kind somebody wrote into a note."""

    __tablename__ = "note_finding"
    __table_args__ = (
        PrimaryKeyConstraint("tenant", "record", "kind"),
        ForeignKeyConstraint(["tenant", "record"], ["record.tenant", "record.id"], ondelete="CASCADE"),
        {"sqlite_with_rowid": False},
    )

    tenant: int = Field(sa_type=Identifier)
    record: int = Field(sa_type=Identifier)
    kind: str
    count: int


class SearchIndex(SQLModel, table=True):
    """Fingerprints by which a searchable value is found again, per kind and epoch of the search key."""

    __tablename__ = "search_index"
    __table_args__ = (
        PrimaryKeyConstraint("tenant", "kind", "epoch", "fingerprint", "record"),
        ForeignKeyConstraint(["tenant", "record"], ["record.tenant", "record.id"], ondelete="CASCADE"),
        Index(None, "tenant", "record"),
        {"sqlite_with_rowid": False},
    )

    tenant: int = Field(sa_type=Identifier)
    kind: int
    epoch: int
    fingerprint: bytes = Field(sa_column=_sealed(), repr=False)
    record: int = Field(sa_type=Identifier)


class SubjectField(SQLModel, table=True):
    """A field of a person's profile, the record that holds its present value, and the purpose that it was written for."""

    __tablename__ = "subject_field"
    __table_args__ = (
        PrimaryKeyConstraint("tenant", "subject", "field"),
        ForeignKeyConstraint(["tenant", "subject"], ["subject.tenant", "subject.id"], ondelete="CASCADE"),
        ForeignKeyConstraint(["tenant", "record"], ["record.tenant", "record.id"], ondelete="CASCADE"),
        Index(None, "tenant", "record"),
    )

    tenant: int = Field(sa_type=Identifier)
    subject: int = Field(sa_type=Identifier)
    field: str
    record: int = Field(sa_type=Identifier)
    purpose: str
    updated_at: int = Field(sa_type=Millis)


class PreservingSerial(SQLModel, table=True):
    """How many tokens of a format-preserving sub-range have been issued."""

    __tablename__ = "preserving_serial"
    __table_args__ = (PrimaryKeyConstraint("tenant", "kind", "version"),)

    tenant: int = Field(sa_type=Identifier)
    kind: int
    version: int
    issued: int = Field(sa_type=Identifier)


class IdempotencySubject(SQLModel, table=True):
    """Whose rows an idempotency record names, so that shredding a person removes it."""

    __tablename__ = "idempotency_subject"
    __table_args__ = (
        PrimaryKeyConstraint("tenant", "subject", "credential", "route", "key"),
        ForeignKeyConstraint(
            ["tenant", "credential", "route", "key"],
            ["idempotency.tenant", "idempotency.credential", "idempotency.route", "idempotency.key"],
            ondelete="CASCADE",
        ),
        Index(None, "tenant", "credential", "route", "key"),
        {"sqlite_with_rowid": False},
    )

    tenant: int = Field(sa_type=Identifier)
    subject: int = Field(sa_type=Identifier)
    credential: int = Field(sa_type=Identifier)
    route: str
    key: bytes = Field(sa_column=_sealed(), repr=False)


class DisclosureBudget(SQLModel, table=True):
    """How many plain values a credential has taken out of its allowance of a day (days since the epoch, UTC), for itself or
    for the person whose fingerprint is `acted`."""

    __tablename__ = "disclosure_budget"
    __table_args__ = (PrimaryKeyConstraint("tenant", "credential", "acted", "day"),)

    tenant: int = Field(sa_type=Identifier)
    credential: int = Field(sa_type=Identifier)
    acted: str = Field(sa_column_kwargs={"server_default": ""})
    day: int
    leased: int = Field(sa_type=Identifier)


class Shredding(SQLModel, table=True):
    """Intent and receipt of the destruction of a subject's key: the row is there before, its end is filled in after: when, which
    version of the KEK had wrapped the key, and the line of the shred ledger that says so."""

    __tablename__ = "shredding"
    __table_args__ = (
        UniqueConstraint("tenant", "subject"),
        ForeignKeyConstraint(["tenant", "subject"], ["subject.tenant", "subject.id"], ondelete="RESTRICT"),
        {"sqlite_autoincrement": True},
    )

    id: int | None = Field(default=None, sa_column=identity())
    tenant: int = Field(sa_type=Identifier)
    subject: int = Field(sa_type=Identifier)
    reason: str
    asked_at: int = Field(sa_type=Millis)
    destroyed_at: int | None = Field(default=None, sa_type=Millis)
    kek: int | None = Field(default=None, sa_type=Identifier)
    line: int | None = Field(default=None, sa_type=Identifier)


class ShredLedgerHead(SQLModel, table=True):
    """How far into the shred ledger this database has come: one row. A database that was put back from a copy is behind."""

    __tablename__ = "shred_ledger"

    id: int = Field(sa_type=Identifier, primary_key=True, sa_column_kwargs={"autoincrement": False})
    ledger: bytes = Field(sa_column=Column(LargeBinary, nullable=False))
    lines: int = Field(sa_type=Identifier)
    digest: bytes = Field(sa_column=Column(LargeBinary, nullable=False))
