"""holds

Revision ID: 0009
Revises: 0008

Legal holds, restrictions of use, and the mark in a person's row that there are any.
Code of the revision before this one may still be running while it is applied.
"""

import sqlalchemy as sa
from alembic import op

from database.columns import Identifier
from migrations.row_security import protect

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

_IN_FORCE = sa.text("released_at IS NULL")


def upgrade() -> None:
    op.create_table(
        "legal_hold",
        sa.Column("id", Identifier, autoincrement=True, nullable=False),
        sa.Column("tenant", Identifier, nullable=False),
        sa.Column("subject", Identifier, nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("ref", sa.String(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("case_id", sa.String(), nullable=False),
        sa.Column("placed_by", Identifier, nullable=False),
        sa.Column("placed_at", sa.BigInteger(), nullable=False),
        sa.Column("review_at", sa.BigInteger(), nullable=False),
        sa.Column("reported_at", sa.BigInteger(), nullable=False),
        sa.Column("release_job", sa.LargeBinary(), nullable=True),
        sa.Column("released_at", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_legal_hold")),
        sa.UniqueConstraint("tenant", "id", name=op.f("uq_legal_hold_tenant_id")),
        sqlite_autoincrement=True,
    )
    op.create_index(
        "ix_legal_hold_in_force",
        "legal_hold",
        ["tenant", "subject", "ref", "kind"],
        sqlite_where=_IN_FORCE,
        postgresql_where=_IN_FORCE,
    )
    op.create_index(
        "ix_legal_hold_review", "legal_hold", ["review_at"], sqlite_where=_IN_FORCE, postgresql_where=_IN_FORCE
    )
    op.create_table(
        "restriction",
        sa.Column("tenant", Identifier, nullable=False),
        sa.Column("subject", Identifier, nullable=False),
        sa.Column("purpose", sa.String(), nullable=False),
        sa.Column("cause", sa.String(), nullable=False),
        sa.Column("origin", sa.LargeBinary(), nullable=False),
        sa.Column("since", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("tenant", "subject", "purpose", "cause", "origin", name=op.f("pk_restriction")),
        sqlite_with_rowid=False,
    )
    op.add_column("subject", sa.Column("restricted", sa.Integer(), server_default="0", nullable=False))
    protect("legal_hold", "restriction")


def downgrade() -> None:
    op.drop_column("subject", "restricted")
    op.drop_table("restriction")
    op.drop_table("legal_hold")
