"""pages

Revision ID: 0022
Revises: 0021

What people are told without asking: of breaches that concern them, and of who saw their data.
Code of the revision before this one may still be running while it is applied.
"""

import sqlalchemy as sa
from alembic import op

from database.columns import Identifier, Millis
from migrations.row_security import protect

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "breach",
        sa.Column("tenant", Identifier, nullable=False),
        sa.Column("id", sa.LargeBinary(), nullable=False),
        *(sa.Column(name, sa.String(), nullable=False) for name in ("kinds", "cause", "harms", "measures", "advice")),
        sa.Column("happened_at", Millis, nullable=False),
        sa.Column("reported_at", Millis, nullable=False),
        sa.Column("job", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("tenant", "id", name=op.f("pk_breach")),
    )
    op.create_table(
        "breach_person",
        sa.Column("tenant", Identifier, nullable=False),
        sa.Column("breach", sa.LargeBinary(), nullable=False),
        sa.Column("subject", Identifier, nullable=False),
        sa.Column("channel", sa.String(), nullable=True),
        sa.Column("told_at", Millis, nullable=True),
        sa.ForeignKeyConstraint(
            ["tenant", "breach"],
            ["breach.tenant", "breach.id"],
            name=op.f("fk_breach_person_tenant_breach_breach"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("tenant", "breach", "subject", name=op.f("pk_breach_person")),
    )
    op.create_index(op.f("ix_breach_person_tenant_subject"), "breach_person", ["tenant", "subject"])
    op.create_table(
        "access_digest",
        sa.Column("tenant", Identifier, nullable=False),
        sa.Column("subject", Identifier, nullable=False),
        sa.Column("locale", sa.String(), nullable=False),
        sa.Column("since", Millis, nullable=False),
        sa.Column("next_at", Millis, nullable=False),
        sa.PrimaryKeyConstraint("tenant", "subject", name=op.f("pk_access_digest")),
    )
    op.create_index(op.f("ix_access_digest_next_at"), "access_digest", ["next_at"])
    protect("breach", "breach_person", "access_digest")


def downgrade() -> None:
    for table in ("access_digest", "breach_person", "breach"):
        op.drop_table(table)
