"""erasure

Revision ID: 0014
Revises: 0013

Plans and evidence of erasures.
Code of the revision before this one may still be running while it is applied.
"""

import sqlalchemy as sa
from alembic import op

from database.columns import Identifier
from migrations.row_security import protect

revision = '0014'
down_revision = '0013'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "erasure",
        sa.Column("tenant", Identifier, nullable=False),
        sa.Column("request", sa.LargeBinary(), nullable=False),
        sa.Column("claim", sa.String(), nullable=False),
        sa.Column("number", Identifier, nullable=True),
        sa.Column("subject", sa.String(), nullable=True),
        sa.Column("phase", sa.String(), nullable=False),
        sa.Column("round", sa.Integer(), nullable=False),
        sa.Column("laws", sa.String(), nullable=False),
        sa.Column("begun_at", sa.BigInteger(), nullable=False),
        sa.Column("plan_at", sa.BigInteger(), nullable=True),
        sa.Column("plan_digest", sa.LargeBinary(), nullable=True),
        sa.Column("waits_for", sa.String(), nullable=True),
        sa.Column("waits_code", sa.String(), nullable=True),
        sa.Column("waits_since", sa.BigInteger(), nullable=True),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("resume_at", sa.BigInteger(), nullable=True),
        sa.Column("facts", sa.String(), nullable=True),
        sa.Column("act", sa.LargeBinary(), nullable=True),
        sa.ForeignKeyConstraint(
            ["tenant", "request"],
            ["dsar_request.tenant", "dsar_request.id"],
            name=op.f("fk_erasure_tenant_request_dsar_request"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("tenant", "request", name=op.f("pk_erasure")),
    )
    op.create_index(op.f("ix_erasure_phase_resume_at"), "erasure", ["phase", "resume_at"])
    op.create_index(op.f("ix_erasure_tenant_number"), "erasure", ["tenant", "number"])
    op.create_table(
        "erasure_line",
        sa.Column("tenant", Identifier, nullable=False),
        sa.Column("request", sa.LargeBinary(), nullable=False),
        sa.Column("round", sa.Integer(), nullable=False),
        sa.Column("holder", sa.String(), nullable=False),
        sa.Column("category", sa.String(), nullable=False),
        sa.Column("purpose", sa.String(), nullable=False),
        sa.Column("ref", sa.String(), nullable=False),
        sa.Column("count", sa.BigInteger(), nullable=False),
        sa.Column("since", sa.BigInteger(), nullable=False),
        sa.Column("reason", sa.String(), nullable=True),
        sa.Column("kept_by", sa.String(), nullable=True),
        sa.Column("kept_until", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(
            ["tenant", "request"],
            ["erasure.tenant", "erasure.request"],
            name=op.f("fk_erasure_line_tenant_request_erasure"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint(
            "tenant", "request", "round", "holder", "category", "purpose", "ref", name=op.f("pk_erasure_line")
        ),
    )
    op.create_table(
        "erasure_receipt",
        sa.Column("tenant", Identifier, nullable=False),
        sa.Column("request", sa.LargeBinary(), nullable=False),
        sa.Column("round", sa.Integer(), nullable=False),
        sa.Column("holder", sa.String(), nullable=False),
        sa.Column("act", sa.String(), nullable=False),
        sa.Column("method", sa.String(), nullable=False),
        sa.Column("count", sa.BigInteger(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("evidence", sa.LargeBinary(), nullable=True),
        sa.ForeignKeyConstraint(
            ["tenant", "request"],
            ["erasure.tenant", "erasure.request"],
            name=op.f("fk_erasure_receipt_tenant_request_erasure"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("tenant", "request", "round", "holder", "act", name=op.f("pk_erasure_receipt")),
    )
    protect("erasure", "erasure_line", "erasure_receipt")


def downgrade() -> None:
    op.drop_table("erasure_receipt")
    op.drop_table("erasure_line")
    op.drop_table("erasure")
