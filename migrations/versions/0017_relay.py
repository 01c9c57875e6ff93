"""relay

Revision ID: 0017
Revises: 0016

Numbers, pools, bindings and routes of the relay.
Code of the revision before this one may still be running while it is applied.
"""

revision = '0017'
down_revision = '0016'
branch_labels = None
depends_on = None


def upgrade() -> None:
    pass


def downgrade() -> None:
    pass
