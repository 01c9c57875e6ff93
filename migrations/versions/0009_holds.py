"""holds

Revision ID: 0009
Revises: 0008

Legal holds, and restrictions of use.
Code of the revision before this one may still be running while it is applied.
"""

revision = '0009'
down_revision = '0008'
branch_labels = None
depends_on = None


def upgrade() -> None:
    pass


def downgrade() -> None:
    pass
