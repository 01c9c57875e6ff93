"""Rows of shifts: what of an allowance is taken, and what a tenant declares."""

from sqlalchemy import PrimaryKeyConstraint
from sqlmodel import Field, SQLModel

from database.columns import Identifier, Millis


class ShiftRulesRow(SQLModel, table=True):
    """A version of what couriers may be shown in a shift: the YAML as it was applied, and the credential that applied it. The
    newest is in force; none is ever changed."""

    __tablename__ = "shift_rules"
    __table_args__ = (PrimaryKeyConstraint("tenant", "version"),)

    tenant: int = Field(sa_type=Identifier)
    version: int
    source: str
    applied_by: int = Field(sa_type=Identifier)
    applied_at: int = Field(sa_type=Millis)


class ShiftBudget(SQLModel, table=True):
    """How many plain values a courier has taken out of the allowance of the shift that began at `began_at`, through whatever
    credentials. `acted` is the fingerprint of the courier."""

    __tablename__ = "shift_budget"
    __table_args__ = (PrimaryKeyConstraint("tenant", "acted"),)

    tenant: int = Field(sa_type=Identifier)
    acted: str
    began_at: int = Field(sa_type=Millis)
    leased: int = Field(sa_type=Identifier)
