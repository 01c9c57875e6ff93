"""Rows of what providers hold. No row holds anybody's number."""

from sqlalchemy import Index, PrimaryKeyConstraint
from sqlmodel import Field, SQLModel

from database.columns import Identifier, Millis


class RelayOutwardRow(SQLModel, table=True):
    """A binding at a provider: what it should be there, and what it is. `held` is the provider's name of it, empty where it has
    none; `number` is X as people dial it. `version` is that of the binding which was carried last, 0 for none. It outlives the
    binding, which has to end there too."""

    __tablename__ = "relay_outward"
    __table_args__ = (
        PrimaryKeyConstraint("tenant", "binding"),
        Index(None, "tenant", "account", "binding"),
        Index(None, "state", "next_at"),
    )

    tenant: int = Field(sa_type=Identifier)
    binding: int = Field(sa_type=Identifier)
    account: int = Field(sa_type=Identifier)
    number: str
    held: str
    state: str
    version: int
    attempts: int
    next_at: int = Field(sa_type=Millis)
    fault: str | None
    changed_at: int = Field(sa_type=Millis)
