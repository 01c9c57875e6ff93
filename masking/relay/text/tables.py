"""Rows of texts: how many there were, and who wants no more. No row holds a text, or anybody's number."""

from sqlalchemy import ForeignKeyConstraint, Index, PrimaryKeyConstraint
from sqlmodel import Field, SQLModel

from database.columns import Identifier, Millis


class RelayTextCountRow(SQLModel, table=True):
    """How many texts of a sender went through a binding in an hour since the epoch. `sender` is the number of a party, 0 for
    somebody who is none."""

    __tablename__ = "relay_text_count"
    __table_args__ = (
        PrimaryKeyConstraint("tenant", "binding", "sender", "hour"),
        ForeignKeyConstraint(["tenant", "binding"], ["relay_binding.tenant", "relay_binding.id"], ondelete="CASCADE"),
        Index(None, "tenant", "sender", "hour"),
        Index(None, "hour"),
        {"sqlite_with_rowid": False},
    )

    tenant: int = Field(sa_type=Identifier)
    binding: int = Field(sa_type=Identifier)
    sender: int = Field(sa_type=Identifier)
    hour: int = Field(sa_type=Identifier)
    count: int


class RelayTextStopRow(SQLModel, table=True):
    """That a party wants no texts from a relay number, `number` as people dial it."""

    __tablename__ = "relay_text_stop"
    __table_args__ = (
        PrimaryKeyConstraint("tenant", "party", "number"),
        ForeignKeyConstraint(["tenant", "party"], ["relay_party.tenant", "relay_party.id"], ondelete="CASCADE"),
    )

    tenant: int = Field(sa_type=Identifier)
    party: int = Field(sa_type=Identifier)
    number: str
    at: int = Field(sa_type=Millis)
