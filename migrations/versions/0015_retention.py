"""retention

Revision ID: 0015
Revises: 0014

Retention policies, business events, plans and runs, and the mark of uses that are only stored.
Code of the revision before this one may still be running while it is applied.
"""

import sqlalchemy as sa
from alembic import op

from database.columns import Identifier
from migrations.row_security import protect

revision = '0015'
down_revision = '0014'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("record", sa.Column("restricted", sa.Integer(), server_default="0", nullable=False))
    op.add_column("record_use", sa.Column("restricted_at", sa.BigInteger(), nullable=True))
    op.create_table(
        "retention_policy",
        sa.Column("tenant", Identifier, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("digest", sa.String(), nullable=False),
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("builtin", sa.Boolean(), nullable=False),
        sa.Column("applied_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("tenant", "version", name=op.f("pk_retention_policy")),
    )
    op.create_table(
        "retention_event",
        sa.Column("tenant", Identifier, nullable=False),
        sa.Column("event", sa.String(), nullable=False),
        sa.Column("subject", Identifier, nullable=False),
        sa.Column("purpose", sa.String(), nullable=False),
        sa.Column("ref", sa.String(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("tenant", "event", "subject", "purpose", "ref", name=op.f("pk_retention_event")),
        sqlite_with_rowid=False,
    )
    op.create_index(op.f("ix_retention_event_tenant_subject"), "retention_event", ["tenant", "subject"])
    op.create_table(
        "retention_plan",
        sa.Column("tenant", Identifier, nullable=False),
        sa.Column("id", sa.LargeBinary(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("policy", sa.Integer(), nullable=False),
        sa.Column("policy_digest", sa.String(), nullable=False),
        sa.Column("as_of", sa.BigInteger(), nullable=False),
        sa.Column("made_at", sa.BigInteger(), nullable=False),
        sa.Column("record", Identifier, nullable=False),
        sa.Column("purpose", sa.String(), nullable=False),
        sa.Column("ref", sa.String(), nullable=False),
        sa.Column("seen", Identifier, nullable=False),
        sa.Column("items", Identifier, nullable=False),
        sa.Column("chunks", Identifier, nullable=False),
        sa.Column("root", sa.LargeBinary(), nullable=True),
        sa.Column("run", sa.LargeBinary(), nullable=True),
        sa.Column("reviewed", sa.Boolean(), nullable=False),
        sa.Column("people", Identifier, nullable=False),
        sa.Column("residue", Identifier, nullable=False),
        sa.Column("ended_at", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("tenant", "id", name=op.f("pk_retention_plan")),
    )
    op.create_index(op.f("ix_retention_plan_made_at"), "retention_plan", ["made_at"])
    op.create_table(
        "retention_tally",
        sa.Column("tenant", Identifier, nullable=False),
        sa.Column("plan", sa.LargeBinary(), nullable=False),
        sa.Column("rule", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("purpose", sa.String(), nullable=False),
        sa.Column("fate", sa.String(), nullable=False),
        sa.Column("action", sa.String(), nullable=False),
        sa.Column("count", Identifier, nullable=False),
        sa.Column("first", sa.BigInteger(), nullable=True),
        sa.Column("last", sa.BigInteger(), nullable=True),
        _of_plan("retention_tally"),
        sa.PrimaryKeyConstraint(
            "tenant", "plan", "rule", "kind", "purpose", "fate", "action", name=op.f("pk_retention_tally")
        ),
    )
    op.create_table(
        "retention_item",
        sa.Column("tenant", Identifier, nullable=False),
        sa.Column("plan", sa.LargeBinary(), nullable=False),
        sa.Column("place", Identifier, nullable=False),
        sa.Column("record", Identifier, nullable=False),
        sa.Column("purpose", sa.String(), nullable=False),
        sa.Column("ref", sa.String(), nullable=False),
        sa.Column("rule", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("action", sa.String(), nullable=False),
        sa.Column("outcome", sa.String(), server_default="", nullable=False),
        _of_plan("retention_item"),
        sa.PrimaryKeyConstraint("tenant", "plan", "place", name=op.f("pk_retention_item")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "retention_chunk",
        sa.Column("tenant", Identifier, nullable=False),
        sa.Column("plan", sa.LargeBinary(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("items", sa.Integer(), nullable=False),
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.Column("done_at", sa.BigInteger(), nullable=True),
        sa.Column("verified_at", sa.BigInteger(), nullable=True),
        *(sa.Column(name, sa.Integer(), nullable=False) for name in _COUNTED),
        _of_plan("retention_chunk"),
        sa.PrimaryKeyConstraint("tenant", "plan", "number", name=op.f("pk_retention_chunk")),
    )
    op.create_table(
        "retention_count",
        sa.Column("tenant", Identifier, nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("purpose", sa.String(), nullable=False),
        sa.Column("month", sa.Integer(), nullable=False),
        sa.Column("count", Identifier, nullable=False),
        sa.PrimaryKeyConstraint("tenant", "kind", "purpose", "month", name=op.f("pk_retention_count")),
    )
    protect(*_TABLES)


def downgrade() -> None:
    """What was only stored may be used again: the code before knows no such mark, and a law asks for the data."""
    for table in reversed(_TABLES):
        op.drop_table(table)
    op.drop_column("record_use", "restricted_at")
    op.drop_column("record", "restricted")


_COUNTED = ("disposed", "restricted", "held", "not_due", "gone", "to_review", "records")
_TABLES = (
    "retention_policy",
    "retention_event",
    "retention_plan",
    "retention_tally",
    "retention_item",
    "retention_chunk",
    "retention_count",
)


def _of_plan(table: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        ["tenant", "plan"],
        ["retention_plan.tenant", "retention_plan.id"],
        name=op.f(f"fk_{table}_tenant_plan_retention_plan"),
        ondelete="CASCADE",
    )
