"""The row of a tenant's shift rules."""

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
