"""holders

Revision ID: 0012
Revises: 0011

What holders were asked and what they answered.
Code of the revision before this one may still be running while it is applied.
"""

import sqlalchemy as sa
from alembic import op

from database.columns import Identifier
from migrations.row_security import protect

revision = '0012'
down_revision = '0011'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "holder_task",
        sa.Column("id", Identifier, autoincrement=True, nullable=False),
        sa.Column("tenant", Identifier, nullable=False),
        sa.Column("request", sa.LargeBinary(), nullable=False),
        sa.Column("holder", sa.String(), nullable=False),
        sa.Column("act", sa.String(), nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("outside", sa.LargeBinary(), nullable=True),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("next_at", sa.BigInteger(), nullable=False),
        sa.Column("deadline_at", sa.BigInteger(), nullable=True),
        sa.Column("status", sa.Integer(), nullable=True),
        sa.Column("error", sa.String(), nullable=True),
        sa.Column("method", sa.String(), nullable=True),
        sa.Column("count", Identifier, nullable=False),
        sa.Column("evidence", sa.LargeBinary(), nullable=True),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("ended_at", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_holder_task")),
        sa.UniqueConstraint("tenant", "id", name=op.f("uq_holder_task_tenant_id")),
        sa.UniqueConstraint(
            "tenant", "request", "holder", "act", "key", name=op.f("uq_holder_task_tenant_request_holder_act_key")
        ),
        sqlite_autoincrement=True,
    )
    op.create_index(
        "ix_holder_task_dead",
        "holder_task",
        ["tenant", "id"],
        sqlite_where=sa.text("state = 'dead'"),
        postgresql_where=sa.text("state = 'dead'"),
    )
    op.create_index(op.f("ix_holder_task_ended_at"), "holder_task", ["ended_at"])
    protect("holder_task")


def downgrade() -> None:
    op.drop_table("holder_task")
