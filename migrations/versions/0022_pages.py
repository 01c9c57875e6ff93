"""pages

Revision ID: 0022
Revises: 0021

What the pages remember of people.
Code of the revision before this one may still be running while it is applied.
"""

revision = '0022'
down_revision = '0021'
branch_labels = None
depends_on = None


def upgrade() -> None:
    pass


def downgrade() -> None:
    pass
