"""retention

Revision ID: 0015
Revises: 0014

Retention policies, business events, plans and runs.
Code of the revision before this one may still be running while it is applied.
"""

revision = '0015'
down_revision = '0014'
branch_labels = None
depends_on = None


def upgrade() -> None:
    pass


def downgrade() -> None:
    pass
