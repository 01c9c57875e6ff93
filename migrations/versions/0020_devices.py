"""devices

Revision ID: 0020
Revises: 0019

Keys of devices, messages between them, traces and pictures.
Code of the revision before this one may still be running while it is applied.
"""

revision = '0020'
down_revision = '0019'
branch_labels = None
depends_on = None


def upgrade() -> None:
    pass


def downgrade() -> None:
    pass
