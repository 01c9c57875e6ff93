"""handover

Revision ID: 0019
Revises: 0018

Stages, couriers' assignments, aliases.
Code of the revision before this one may still be running while it is applied.
"""

revision = '0019'
down_revision = '0018'
branch_labels = None
depends_on = None


def upgrade() -> None:
    pass


def downgrade() -> None:
    pass
