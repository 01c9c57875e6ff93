"""Rows of the handover: who has which order, what is seen of it, and what people have chosen."""

from sqlalchemy import Column, ForeignKeyConstraint, Index, LargeBinary, PrimaryKeyConstraint, text
from sqlmodel import Field, SQLModel

from database.columns import Identifier, Millis


class Assignment(SQLModel, table=True):
    """Which courier has an order, and how far it is. `version` is the newest that the platform named, and `stage_at` when this
    courier's stage began. Who was erased since is NULL.

    An anonymous order has an alias, and a nonce from which its pick-up code follows; `tries` counts wrong codes.
    """

    __tablename__ = "assignment"
    __table_args__ = (
        PrimaryKeyConstraint("tenant", "ref"),
        ForeignKeyConstraint(["tenant", "courier"], ["subject.tenant", "subject.id"], ondelete="RESTRICT"),
        Index(None, "tenant", "courier"),
        Index(
            "ix_assignment_customer",
            "tenant",
            "customer",
            sqlite_where=text("customer IS NOT NULL"),
            postgresql_where=text("customer IS NOT NULL"),
        ),
        Index(
            "ix_assignment_merchant",
            "tenant",
            "merchant",
            sqlite_where=text("merchant IS NOT NULL"),
            postgresql_where=text("merchant IS NOT NULL"),
        ),
    )

    tenant: int = Field(sa_type=Identifier)
    ref: str
    courier: int | None = Field(default=None, sa_type=Identifier)
    stage: str
    updated_at: int = Field(sa_type=Millis)
    version: int = Field(default=0, sa_type=Identifier, sa_column_kwargs={"server_default": "0"})
    stage_at: int = Field(default=0, sa_type=Millis, sa_column_kwargs={"server_default": "0"})
    customer: int | None = Field(default=None, sa_type=Identifier)
    merchant: int | None = Field(default=None, sa_type=Identifier)
    alias: str = Field(default="", sa_column_kwargs={"server_default": ""})
    nonce: bytes | None = Field(default=None, sa_column=Column(LargeBinary, nullable=True), repr=False)
    tries: int = Field(default=0, sa_column_kwargs={"server_default": "0"})


class HandoverTableRow(SQLModel, table=True):
    """A version of what a tenant lets be seen of an order: the YAML as it was applied, and the credential that applied it. The
    newest is in force; none is ever changed."""

    __tablename__ = "handover_table"
    __table_args__ = (PrimaryKeyConstraint("tenant", "version"),)

    tenant: int = Field(sa_type=Identifier)
    version: int
    source: str
    applied_by: int = Field(sa_type=Identifier)
    applied_at: int = Field(sa_type=Millis)


class PreferenceRow(SQLModel, table=True):
    """What a person has chosen for themselves; `chosen` is 0 or 1."""

    __tablename__ = "preference"
    __table_args__ = (
        PrimaryKeyConstraint("tenant", "subject", "name"),
        ForeignKeyConstraint(["tenant", "subject"], ["subject.tenant", "subject.id"], ondelete="CASCADE"),
        {"sqlite_with_rowid": False},
    )

    tenant: int = Field(sa_type=Identifier)
    subject: int = Field(sa_type=Identifier)
    name: str
    chosen: int
    updated_at: int = Field(sa_type=Millis)
