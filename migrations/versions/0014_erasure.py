"""erasure

Revision ID: 0014
Revises: 0013

Plans and evidence of erasures.
Code of the revision before this one may still be running while it is applied.
"""

revision = '0014'
down_revision = '0013'
branch_labels = None
depends_on = None


def upgrade() -> None:
    pass


def downgrade() -> None:
    pass
