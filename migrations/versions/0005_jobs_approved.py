"""jobs that are paused, that people approve, and that are due

Revision ID: 0005
Revises: 0004

Code of the revision before this one may still be running while it is applied: it inserts jobs without the new columns, and
they begin at once. A job that was failed or cancelled stays so.
"""

import sqlalchemy as sa
from alembic import op

from database.columns import Identifier
from migrations.row_security import protect

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

_COUNTERS = ("step", "run", "wait_until", "asked_id", "approvals")
_WORDS = (("asked_kind", "system"), ("asked_role", ""))


def upgrade() -> None:
    for name in _COUNTERS:
        op.add_column("job", sa.Column(name, Identifier, nullable=False, server_default="0"))
    for name, default in _WORDS:
        op.add_column("job", sa.Column(name, sa.String(), nullable=False, server_default=default))
    op.create_table(
        "job_approval",
        sa.Column("tenant", Identifier, nullable=False),
        sa.Column("job", sa.LargeBinary(), nullable=False),
        sa.Column("credential", Identifier, nullable=False),
        sa.Column("role", sa.String(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["tenant", "job"], ["job.tenant", "job.id"], name="fk_job_approval_tenant_job_job", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("tenant", "job", "credential", name="pk_job_approval"),
    )
    op.create_table(
        "job_due",
        sa.Column("tenant", Identifier, nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("occurrence", sa.String(), nullable=False),
        sa.Column("job", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["tenant", "job"], ["job.tenant", "job.id"], name="fk_job_due_tenant_job_job", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("tenant", "kind", "occurrence", name="pk_job_due"),
    )
    op.create_table(
        "work_round",
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("begun_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("name", name="pk_work_round"),
    )
    protect("job_approval", "job_due")


def downgrade() -> None:
    """The code before can neither wait for people nor go on with a second run: such jobs fail, and can be asked for anew."""
    op.drop_table("work_round")
    op.drop_table("job_due")
    op.drop_table("job_approval")
    op.execute("""
        UPDATE job SET state = 'failed', error = 'downgraded' WHERE state IN ('paused', 'awaiting_approval')
            OR (run > 0 AND state IN ('queued', 'running', 'cancelling'))
    """)
    for name, _ in reversed(_WORDS):
        op.drop_column("job", name)
    for name in reversed(_COUNTERS):
        op.drop_column("job", name)
