"""requests

Revision ID: 0010
Revises: 0009

Requests of people, their clocks and their history.
Code of the revision before this one may still be running while it is applied.
"""

revision = '0010'
down_revision = '0009'
branch_labels = None
depends_on = None


def upgrade() -> None:
    pass


def downgrade() -> None:
    pass
