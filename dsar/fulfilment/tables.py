"""Rows of the fulfilment of rights."""

from sqlalchemy import Column, LargeBinary, PrimaryKeyConstraint
from sqlmodel import Field, SQLModel

from database.columns import Identifier, Millis


class CorrectionRow(SQLModel, table=True):
    """What fields of a person are to say by a request, sealed under a key of the tenant's. It goes when the request has been
    carried out or the person was erased."""

    __tablename__ = "dsar_correction"
    __table_args__ = (PrimaryKeyConstraint("tenant", "request"),)

    tenant: int = Field(sa_type=Identifier)
    request: bytes = Field(sa_column=Column(LargeBinary, nullable=False))
    subject: int = Field(sa_type=Identifier)
    seal_version: int
    sealed: bytes = Field(sa_column=Column(LargeBinary, nullable=False), repr=False)
    submitted_at: int = Field(sa_type=Millis)
