"""relay_keeping

Revision ID: 0024
Revises: 0023

The order of a binding as events and holds name it, and under which version of the relay's key a party is found.
Code of the revision before this one may still be running while it is applied.
"""

import sqlalchemy as sa
from alembic import op

revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("relay_binding", sa.Column("ref", sa.String(), nullable=True))
    op.add_column("relay_party", sa.Column("key_version", sa.Integer(), server_default="1", nullable=False))
    op.create_index(op.f("ix_relay_party_tenant_key_version_id"), "relay_party", ["tenant", "key_version", "id"])


def downgrade() -> None:
    op.drop_index(op.f("ix_relay_party_tenant_key_version_id"), table_name="relay_party")
    op.drop_column("relay_party", "key_version")
    op.drop_column("relay_binding", "ref")
