"""Rows of retention: policies, what happened, plans and how they were carried out. Records are named by their numbers only."""

from sqlalchemy import Column, ForeignKeyConstraint, Index, LargeBinary, PrimaryKeyConstraint
from sqlmodel import Field, SQLModel

from database.columns import Identifier, Millis


def _octets(*, nullable: bool = False) -> Column[bytes]:
    return Column(LargeBinary, nullable=nullable)


class RetentionPolicy(SQLModel, table=True):
    """A version of a tenant's policy, as the JSON of what was applied. It never changes."""

    __tablename__ = "retention_policy"
    __table_args__ = (PrimaryKeyConstraint("tenant", "version"),)

    tenant: int = Field(sa_type=Identifier)
    version: int
    digest: str
    source: str
    builtin: bool
    applied_at: int = Field(sa_type=Millis)


class RetentionEvent(SQLModel, table=True):
    """When something last happened: to a ref, or to a person (by the vault's number, 0 for a ref), there for a purpose or for
    all ('')."""

    __tablename__ = "retention_event"
    __table_args__ = (
        PrimaryKeyConstraint("tenant", "event", "subject", "purpose", "ref"),
        Index(None, "tenant", "subject"),
        {"sqlite_with_rowid": False},
    )

    tenant: int = Field(sa_type=Identifier)
    event: str
    subject: int = Field(sa_type=Identifier)
    purpose: str
    ref: str
    at: int = Field(sa_type=Millis)


class RetentionPlan(SQLModel, table=True):
    """A plan, named by the job that makes it. `record`, `purpose` and `ref` are how far it has looked, `seen` how many uses,
    `items` how many of them it has frozen, in `chunks`. `run` is the job that carries it out, `people` whose keys go with it, and
    `residue` what was found again afterwards."""

    __tablename__ = "retention_plan"
    __table_args__ = (PrimaryKeyConstraint("tenant", "id"), Index(None, "made_at"))

    tenant: int = Field(sa_type=Identifier)
    id: bytes = Field(sa_column=_octets())
    state: str
    policy: int
    policy_digest: str
    as_of: int = Field(sa_type=Millis)
    made_at: int = Field(sa_type=Millis)
    record: int = Field(sa_type=Identifier)
    purpose: str
    ref: str
    seen: int = Field(sa_type=Identifier)
    items: int = Field(sa_type=Identifier)
    chunks: int = Field(sa_type=Identifier)
    root: bytes | None = Field(default=None, sa_column=_octets(nullable=True))
    run: bytes | None = Field(default=None, sa_column=_octets(nullable=True))
    reviewed: bool
    people: int = Field(sa_type=Identifier)
    residue: int = Field(sa_type=Identifier)
    ended_at: int | None = Field(default=None, sa_type=Millis)


class RetentionTally(SQLModel, table=True):
    """How many uses of a plan stand how: by rule, kind, purpose and fate, and for those that are due by action. The earliest and
    the latest end of what keeps them, where that is known."""

    __tablename__ = "retention_tally"
    __table_args__ = (
        PrimaryKeyConstraint("tenant", "plan", "rule", "kind", "purpose", "fate", "action"),
        ForeignKeyConstraint(["tenant", "plan"], ["retention_plan.tenant", "retention_plan.id"], ondelete="CASCADE"),
    )

    tenant: int = Field(sa_type=Identifier)
    plan: bytes = Field(sa_column=_octets())
    rule: str
    kind: str
    purpose: str
    fate: str
    action: str
    count: int = Field(sa_type=Identifier)
    first: int | None = Field(default=None, sa_type=Millis)
    last: int | None = Field(default=None, sa_type=Millis)


class RetentionItem(SQLModel, table=True):
    """A use that a plan has frozen, in the place that the plan's digest gives it. `outcome` is empty while nothing else happened
    than what was planned."""

    __tablename__ = "retention_item"
    __table_args__ = (
        PrimaryKeyConstraint("tenant", "plan", "place"),
        ForeignKeyConstraint(["tenant", "plan"], ["retention_plan.tenant", "retention_plan.id"], ondelete="CASCADE"),
        {"sqlite_with_rowid": False},
    )

    tenant: int = Field(sa_type=Identifier)
    plan: bytes = Field(sa_column=_octets())
    place: int = Field(sa_type=Identifier)
    record: int = Field(sa_type=Identifier)
    purpose: str
    ref: str
    rule: str
    kind: str
    action: str
    outcome: str = Field(sa_column_kwargs={"server_default": ""})


class RetentionChunk(SQLModel, table=True):
    """Five hundred items in a row: their digest, and once they were carried out, when and what became of them."""

    __tablename__ = "retention_chunk"
    __table_args__ = (
        PrimaryKeyConstraint("tenant", "plan", "number"),
        ForeignKeyConstraint(["tenant", "plan"], ["retention_plan.tenant", "retention_plan.id"], ondelete="CASCADE"),
    )

    tenant: int = Field(sa_type=Identifier)
    plan: bytes = Field(sa_column=_octets())
    number: int
    items: int
    digest: bytes = Field(sa_column=_octets())
    done_at: int | None = Field(default=None, sa_type=Millis)
    verified_at: int | None = Field(default=None, sa_type=Millis)
    disposed: int
    restricted: int
    held: int
    not_due: int
    gone: int
    to_review: int
    records: int


class RetentionCount(SQLModel, table=True):
    """What remains of what was anonymised: how many there were of a kind for a purpose, by the month of their creation."""

    __tablename__ = "retention_count"
    __table_args__ = (PrimaryKeyConstraint("tenant", "kind", "purpose", "month"),)

    tenant: int = Field(sa_type=Identifier)
    kind: str
    purpose: str
    month: int
    count: int = Field(sa_type=Identifier)
