"""identity

Revision ID: 0011
Revises: 0010

Codes, sessions, links and documents by which requesters are verified.
Code of the revision before this one may still be running while it is applied.
"""

revision = '0011'
down_revision = '0010'
branch_labels = None
depends_on = None


def upgrade() -> None:
    pass


def downgrade() -> None:
    pass
