"""tallies

Revision ID: 0026
Revises: 0024

What the log's entries of each day tell, counted once, for charts.
Code of the revision before this one may still be running while it is applied.
"""

import sqlalchemy as sa
from alembic import op

from database.columns import Identifier
from migrations.row_security import protect

revision = "0026"
down_revision = "0024"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "audit_tally",
        sa.Column("tenant", Identifier, nullable=False),
        sa.Column("measure", sa.String(), nullable=False),
        sa.Column("day", Identifier, nullable=False),
        sa.Column("code", sa.String(), nullable=False),
        sa.Column("count", Identifier, nullable=False),
        sa.PrimaryKeyConstraint("tenant", "measure", "day", "code", name=op.f("pk_audit_tally")),
    )
    op.create_table(
        "audit_tallied",
        sa.Column("id", Identifier, nullable=False, autoincrement=False),
        sa.Column("log", Identifier, nullable=False),
        sa.Column("leaf_index", Identifier, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit_tallied")),
    )
    protect("audit_tally")


def downgrade() -> None:
    for table in ("audit_tallied", "audit_tally"):
        op.drop_table(table)
