"""Rows of erasures. They name nobody: a person stands as the pseudonym of the log, which loses its key with the person's, and a
ref as its own."""

from sqlalchemy import BigInteger, Column, ForeignKeyConstraint, Index, LargeBinary, PrimaryKeyConstraint
from sqlmodel import Field, SQLModel

from database.columns import Identifier, Millis


def _octets(*, nullable: bool = False) -> "Column[bytes]":
    return Column(LargeBinary, nullable=nullable)


def _of_erasure() -> ForeignKeyConstraint:
    return ForeignKeyConstraint(["tenant", "request"], ["erasure.tenant", "erasure.request"], ondelete="CASCADE")


class ErasureRow(SQLModel, table=True):
    """An erasure and how far it is. `number` is the vault's number of the person, and goes with the erasure's end."""

    __tablename__ = "erasure"
    __table_args__ = (
        PrimaryKeyConstraint("tenant", "request"),
        ForeignKeyConstraint(["tenant", "request"], ["dsar_request.tenant", "dsar_request.id"], ondelete="CASCADE"),
        Index(None, "phase", "resume_at"),
        Index(None, "tenant", "number"),
    )

    tenant: int = Field(sa_type=Identifier)
    request: bytes = Field(sa_column=_octets())
    claim: str
    number: int | None = Field(sa_type=Identifier)
    subject: str | None
    phase: str
    round: int
    laws: str
    begun_at: int = Field(sa_type=Millis)
    plan_at: int | None = Field(sa_type=Millis)
    plan_digest: bytes | None = Field(sa_column=_octets(nullable=True))
    waits_for: str | None
    waits_code: str | None
    waits_since: int | None = Field(sa_type=Millis)
    attempts: int
    resume_at: int | None = Field(sa_type=Millis)
    facts: str | None
    act: bytes | None = Field(sa_column=_octets(nullable=True))


class ErasureLineRow(SQLModel, table=True):
    """So many values of a round: round 0 is the plan; in later ones, what was destroyed, and what was found and kept after."""

    __tablename__ = "erasure_line"
    __table_args__ = (
        PrimaryKeyConstraint("tenant", "request", "round", "holder", "category", "purpose", "ref"),
        _of_erasure(),
    )

    tenant: int = Field(sa_type=Identifier)
    request: bytes = Field(sa_column=_octets())
    round: int
    holder: str
    category: str
    purpose: str
    ref: str
    count: int = Field(sa_type=BigInteger)
    since: int = Field(sa_type=Millis)
    reason: str | None
    kept_by: str | None
    kept_until: int | None = Field(sa_type=Millis)


class ErasureReceiptRow(SQLModel, table=True):
    """What a holder did in a round. `evidence` is the digest of its signed answer, where it is a system beside this one."""

    __tablename__ = "erasure_receipt"
    __table_args__ = (PrimaryKeyConstraint("tenant", "request", "round", "holder", "act"), _of_erasure())

    tenant: int = Field(sa_type=Identifier)
    request: bytes = Field(sa_column=_octets())
    round: int
    holder: str
    act: str
    method: str
    count: int = Field(sa_type=BigInteger)
    at: int = Field(sa_type=Millis)
    evidence: bytes | None = Field(sa_column=_octets(nullable=True))
