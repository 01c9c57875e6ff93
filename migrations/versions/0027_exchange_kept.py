"""exchange_kept

Revision ID: 0027
Revises: 0026

Until when a hold keeps a message, a trace or a picture from being looked at again, and what couriers may be shown in a shift, as
each tenant declares it.
Code of the revision before this one may still be running while it is applied.
"""

import sqlalchemy as sa
from alembic import op

from database.columns import Identifier
from migrations.row_security import protect

revision = "0027"
down_revision = "0026"
branch_labels = None
depends_on = None

_KEPT = ("letter", "track", "picture")


def upgrade() -> None:
    for table in _KEPT:
        op.add_column(table, sa.Column("held_until", sa.BigInteger(), server_default="0", nullable=False))
    op.create_table(
        "shift_rules",
        sa.Column("tenant", Identifier, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("applied_by", Identifier, nullable=False),
        sa.Column("applied_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("tenant", "version", name=op.f("pk_shift_rules")),
    )
    protect("shift_rules")


def downgrade() -> None:
    op.drop_table("shift_rules")
    for table in _KEPT:
        op.drop_column(table, "held_until")
