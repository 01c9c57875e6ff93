"""notes

Revision ID: 0016
Revises: 0015

What was found in notes.
Code of the revision before this one may still be running while it is applied.
"""

import sqlalchemy as sa
from alembic import op

from database.columns import Identifier
from migrations.row_security import protect

revision = '0016'
down_revision = '0015'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "note_finding",
        sa.Column("tenant", Identifier, nullable=False),
        sa.Column("record", Identifier, nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["tenant", "record"],
            ["record.tenant", "record.id"],
            name=op.f("fk_note_finding_tenant_record_record"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("tenant", "record", "kind", name=op.f("pk_note_finding")),
        sqlite_with_rowid=False,
    )
    protect("note_finding")


def downgrade() -> None:
    op.drop_table("note_finding")
