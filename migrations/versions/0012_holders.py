"""holders

Revision ID: 0012
Revises: 0011

What holders were asked and what they answered.
Code of the revision before this one may still be running while it is applied.
"""

revision = '0012'
down_revision = '0011'
branch_labels = None
depends_on = None


def upgrade() -> None:
    pass


def downgrade() -> None:
    pass
