"""staff

Revision ID: 0021
Revises: 0020

People who work on the pages: passkeys, sessions.
Code of the revision before this one may still be running while it is applied.
"""

revision = '0021'
down_revision = '0020'
branch_labels = None
depends_on = None


def upgrade() -> None:
    pass


def downgrade() -> None:
    pass
