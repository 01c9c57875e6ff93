"""Rows of the handover. Assignments themselves are `vault.tables.Assignment`."""

from sqlalchemy import ForeignKeyConstraint, PrimaryKeyConstraint
from sqlmodel import Field, SQLModel

from database.columns import Identifier, Millis


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
