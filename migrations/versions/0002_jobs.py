"""jobs

Revision ID: 0002
Revises: 0001

Code of the revision before this one may still be running while it is applied.
"""

import sqlalchemy as sa
from alembic import op

from database.columns import Identifier
from migrations.row_security import protect

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "worker",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("beat_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_worker"),
    )
    op.create_table(
        "job",
        sa.Column("tenant", Identifier, nullable=False),
        sa.Column("id", sa.LargeBinary(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("params", sa.String(), nullable=False),
        sa.Column("done", Identifier, nullable=False),
        sa.Column("total", Identifier, nullable=False),
        sa.Column("error", sa.String(), nullable=True),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("updated_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("tenant", "id", name="pk_job"),
    )
    op.create_index("ix_job_state", "job", ["state"])
    op.create_table(
        "job_step",
        sa.Column("tenant", Identifier, nullable=False),
        sa.Column("job", sa.LargeBinary(), nullable=False),
        sa.Column("step", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["tenant", "job"], ["job.tenant", "job.id"], name="fk_job_step_tenant_job_job", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("tenant", "job", "step", name="pk_job_step"),
        sqlite_with_rowid=False,
    )
    protect("job", "job_step")


def downgrade() -> None:
    op.drop_table("job_step")
    op.drop_index("ix_job_state", table_name="job")
    op.drop_table("job")
    op.drop_table("worker")
