"""relay_calls

Revision ID: 0018
Revises: 0017

Call records, the sealed stream and what counts abuse.
Code of the revision before this one may still be running while it is applied.
"""

revision = '0018'
down_revision = '0017'
branch_labels = None
depends_on = None


def upgrade() -> None:
    pass


def downgrade() -> None:
    pass
