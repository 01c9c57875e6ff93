"""relay_calls

Revision ID: 0018
Revises: 0017

Call records, the sealed stream and what counts abuse.
Code of the revision before this one may still be running while it is applied.
"""

import sqlalchemy as sa
from alembic import op

from database.columns import Identifier
from migrations.row_security import protect

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "relay_call",
        sa.Column("tenant", Identifier, nullable=False),
        sa.Column("leg", sa.LargeBinary(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("number", Identifier, nullable=False),
        sa.Column("binding", Identifier, nullable=True),
        sa.Column("side", sa.String(), nullable=False),
        sa.Column("caller", sa.LargeBinary(), nullable=True),
        sa.Column("caller_subject", Identifier, nullable=True),
        sa.Column("callee_subject", Identifier, nullable=True),
        sa.Column("refused", sa.String(), nullable=False),
        sa.Column("recording", sa.String(), nullable=False),
        sa.Column("stands_for", sa.Integer(), nullable=False),
        sa.Column("rang_at", sa.BigInteger(), nullable=True),
        sa.Column("answered_at", sa.BigInteger(), nullable=True),
        sa.Column("ended_at", sa.BigInteger(), nullable=True),
        sa.Column("failure", sa.String(), nullable=True),
        sa.Column("cause", sa.Integer(), nullable=True),
        sa.Column("released", sa.String(), nullable=True),
        sa.PrimaryKeyConstraint("tenant", "leg", name=op.f("pk_relay_call")),
        sqlite_with_rowid=False,
    )
    op.create_index(op.f("ix_relay_call_tenant_binding"), "relay_call", ["tenant", "binding"])
    op.create_index(op.f("ix_relay_call_tenant_caller_subject"), "relay_call", ["tenant", "caller_subject"])
    op.create_index(op.f("ix_relay_call_tenant_callee_subject"), "relay_call", ["tenant", "callee_subject"])
    op.create_index(op.f("ix_relay_call_at"), "relay_call", ["at"])
    op.create_table(
        "relay_bucket",
        sa.Column("tenant", Identifier, nullable=False),
        sa.Column("scope", sa.String(), nullable=False),
        sa.Column("key", sa.LargeBinary(), nullable=False),
        sa.Column("full_at", sa.BigInteger(), nullable=False),
        sa.Column("span", sa.BigInteger(), nullable=False),
        sa.Column("over", sa.Integer(), nullable=False),
        sa.Column("brake", sa.String(), nullable=False),
        sa.Column("brake_until", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("tenant", "scope", "key", name=op.f("pk_relay_bucket")),
        sqlite_with_rowid=False,
    )
    op.create_index(op.f("ix_relay_bucket_full_at"), "relay_bucket", ["full_at"])
    op.create_table(
        "relay_case",
        sa.Column("id", Identifier, autoincrement=True, nullable=False),
        sa.Column("tenant", Identifier, nullable=False),
        sa.Column("signal", sa.String(), nullable=False),
        sa.Column("measure", sa.String(), nullable=False),
        sa.Column("caller", sa.LargeBinary(), nullable=True),
        sa.Column("subject", Identifier, nullable=True),
        sa.Column("binding", Identifier, nullable=True),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.Column("opened_at", sa.BigInteger(), nullable=False),
        sa.Column("last_at", sa.BigInteger(), nullable=False),
        sa.Column("held_until", sa.BigInteger(), nullable=False),
        sa.Column("closed_at", sa.BigInteger(), nullable=True),
        sa.Column("closed_by", Identifier, nullable=True),
        sa.Column("reason", sa.String(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_relay_case")),
        sa.UniqueConstraint("tenant", "id", name=op.f("uq_relay_case_tenant_id")),
        sqlite_autoincrement=True,
    )
    op.create_index(
        "ix_relay_case_open",
        "relay_case",
        ["tenant", "signal", "caller"],
        unique=True,
        sqlite_where=sa.text("closed_at IS NULL"),
        postgresql_where=sa.text("closed_at IS NULL"),
    )
    op.create_index(op.f("ix_relay_case_tenant_subject"), "relay_case", ["tenant", "subject"])
    op.create_table(
        "relay_rules",
        sa.Column("tenant", Identifier, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("digest", sa.String(), nullable=False),
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("applied_at", sa.BigInteger(), nullable=False),
        sa.Column("applied_by", Identifier, nullable=False),
        sa.PrimaryKeyConstraint("tenant", "version", name=op.f("pk_relay_rules")),
    )
    op.create_table(
        "relay_legal_key",
        sa.Column("tenant", Identifier, nullable=False),
        sa.Column("month", sa.Integer(), nullable=False),
        sa.Column("public", sa.LargeBinary(), nullable=False),
        sa.Column("first_digest", sa.LargeBinary(), nullable=False),
        sa.Column("second_digest", sa.LargeBinary(), nullable=False),
        sa.Column("made_at", sa.BigInteger(), nullable=False),
        sa.Column("first_gone_at", sa.BigInteger(), nullable=True),
        sa.Column("second_gone_at", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("tenant", "month", name=op.f("pk_relay_legal_key")),
    )
    op.create_table(
        "relay_sealed_call",
        sa.Column("tenant", Identifier, nullable=False),
        sa.Column("month", sa.Integer(), nullable=False),
        sa.Column("leg", sa.LargeBinary(), nullable=False),
        sa.Column("part", sa.Integer(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("tenant", "month", "leg", "part", name=op.f("pk_relay_sealed_call")),
        sqlite_with_rowid=False,
    )
    op.create_index(op.f("ix_relay_sealed_call_month"), "relay_sealed_call", ["month"])
    op.create_table(
        "relay_legal_taking",
        sa.Column("id", Identifier, autoincrement=True, nullable=False),
        sa.Column("tenant", Identifier, nullable=False),
        sa.Column("month", sa.Integer(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("case_id", sa.String(), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.Column("taken_at", sa.BigInteger(), nullable=False),
        sa.Column("taken_by", Identifier, nullable=False),
        sa.Column("approved_by", Identifier, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_relay_legal_taking")),
        sa.UniqueConstraint("tenant", "id", name=op.f("uq_relay_legal_taking_tenant_id")),
        sqlite_autoincrement=True,
    )
    protect(*_TABLES)


def downgrade() -> None:
    """What was sealed for a law cannot be had again: take it out before."""
    for table in reversed(_TABLES):
        op.drop_table(table)


_TABLES = (
    "relay_call",
    "relay_bucket",
    "relay_case",
    "relay_rules",
    "relay_legal_key",
    "relay_sealed_call",
    "relay_legal_taking",
)
