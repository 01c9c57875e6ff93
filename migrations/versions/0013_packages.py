"""packages

Revision ID: 0013
Revises: 0012

Disclosure packages and their one-time links.
Code of the revision before this one may still be running while it is applied.
"""

revision = '0013'
down_revision = '0012'
branch_labels = None
depends_on = None


def upgrade() -> None:
    pass


def downgrade() -> None:
    pass
