"""notes

Revision ID: 0016
Revises: 0015

What was found in notes.
Code of the revision before this one may still be running while it is applied.
"""

revision = '0016'
down_revision = '0015'
branch_labels = None
depends_on = None


def upgrade() -> None:
    pass


def downgrade() -> None:
    pass
