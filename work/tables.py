"""Rows of durable work. They hold ids, counts and codes, never a value."""

from sqlalchemy import Column, ForeignKeyConstraint, Index, LargeBinary, PrimaryKeyConstraint, String
from sqlmodel import Field, SQLModel

from database.columns import Identifier, Millis


def _counter(default: str = "0") -> Column[int]:
    return Column(Identifier, nullable=False, server_default=default)


class JobRow(SQLModel, table=True):
    """A job. `params` is canonical JSON of ids, counts and codes. What revision 0005 added has defaults in the database, because
    the code before it inserts jobs without."""

    __tablename__ = "job"
    __table_args__ = (PrimaryKeyConstraint("tenant", "id"), Index(None, "state"))

    tenant: int = Field(sa_type=Identifier)
    id: bytes = Field(sa_column=Column(LargeBinary, nullable=False))
    kind: str
    state: str
    params: str
    done: int = Field(sa_type=Identifier)
    total: int = Field(sa_type=Identifier)
    error: str | None
    created_at: int = Field(sa_type=Millis)
    updated_at: int = Field(sa_type=Millis)
    step: int = Field(sa_column=_counter())
    run: int = Field(sa_column=_counter())
    wait_until: int = Field(sa_column=_counter())
    asked_kind: str = Field(sa_column=Column(String, nullable=False, server_default="system"))
    asked_id: int = Field(sa_column=_counter())
    asked_role: str = Field(sa_column=Column(String, nullable=False, server_default=""))
    approvals: int = Field(sa_column=_counter())


class JobApprovalRow(SQLModel, table=True):
    """That the holder of a credential approved a job: once at most."""

    __tablename__ = "job_approval"
    __table_args__ = (
        PrimaryKeyConstraint("tenant", "job", "credential"),
        ForeignKeyConstraint(["tenant", "job"], ["job.tenant", "job.id"], ondelete="CASCADE"),
    )

    tenant: int = Field(sa_type=Identifier)
    job: bytes = Field(sa_column=Column(LargeBinary, nullable=False))
    credential: int = Field(sa_type=Identifier)
    role: str
    at: int = Field(sa_type=Millis)


class JobDueRow(SQLModel, table=True):
    """That what was due was asked for: one job for each occurrence of a kind, whoever noticed that it was due."""

    __tablename__ = "job_due"
    __table_args__ = (
        PrimaryKeyConstraint("tenant", "kind", "occurrence"),
        ForeignKeyConstraint(["tenant", "job"], ["job.tenant", "job.id"], ondelete="CASCADE"),
    )

    tenant: int = Field(sa_type=Identifier)
    kind: str
    occurrence: str
    job: bytes = Field(sa_column=Column(LargeBinary, nullable=False))


class RoundRow(SQLModel, table=True):
    """When something that is done about once a minute, by one process of all, was last begun. Not a tenant's."""

    __tablename__ = "work_round"

    name: str = Field(primary_key=True)
    begun_at: int = Field(sa_type=Millis)


class JobStepRow(SQLModel, table=True):
    """That a step of a job has had its effect: written in the transaction of the effect."""

    __tablename__ = "job_step"
    __table_args__ = (
        PrimaryKeyConstraint("tenant", "job", "step"),
        ForeignKeyConstraint(["tenant", "job"], ["job.tenant", "job.id"], ondelete="CASCADE"),
        {"sqlite_with_rowid": False},
    )

    tenant: int = Field(sa_type=Identifier)
    job: bytes = Field(sa_column=Column(LargeBinary, nullable=False))
    step: int


class WorkerRow(SQLModel, table=True):
    """A process that works, and when it last said so. Not a tenant's: a worker works for all of them."""

    __tablename__ = "worker"

    id: str = Field(primary_key=True)
    beat_at: int = Field(sa_type=Millis)


class Idempotency(SQLModel, table=True):
    """What a call with an Idempotency-Key did: row numbers and codes, never a body or a value."""

    __tablename__ = "idempotency"
    __table_args__ = (PrimaryKeyConstraint("tenant", "credential", "route", "key"), Index(None, "created_at"))

    tenant: int = Field(sa_type=Identifier)
    credential: int = Field(sa_type=Identifier)
    route: str
    key: bytes = Field(sa_column=Column(LargeBinary, nullable=False), repr=False)
    body: bytes = Field(sa_column=Column(LargeBinary, nullable=False), repr=False)
    outcome: bytes = Field(sa_column=Column(LargeBinary, nullable=False), repr=False)
    created_at: int = Field(sa_type=Millis)
