"""relay_adapters

Revision ID: 0023
Revises: 0022

Accounts at switches and providers, calls that count once, how many texts there were and who wants none, and bindings at providers.
Code of the revision before this one may still be running while it is applied.
"""

import sqlalchemy as sa
from alembic import op

from database.columns import Identifier
from migrations.row_security import protect

revision = '0023'
down_revision = '0022'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "relay_account",
        sa.Column("id", Identifier, autoincrement=True, nullable=False),
        sa.Column("tenant", Identifier, nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("login", sa.String(), nullable=False),
        sa.Column("url", sa.String(), nullable=False),
        sa.Column("pool_key", sa.String(), nullable=False),
        sa.Column("pool", Identifier, nullable=False),
        sa.Column("language", sa.String(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("seal_version", sa.Integer(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_relay_account")),
        sa.UniqueConstraint("tenant", "id", name=op.f("uq_relay_account_tenant_id")),
        sa.UniqueConstraint("tenant", "name", name=op.f("uq_relay_account_tenant_name")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_relay_account_tenant_pool"), "relay_account", ["tenant", "pool"])
    op.create_table(
        "relay_seen",
        sa.Column("tenant", Identifier, nullable=False),
        sa.Column("account", Identifier, nullable=False),
        sa.Column("mark", sa.LargeBinary(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("tenant", "account", "mark", name=op.f("pk_relay_seen")),
        sqlite_with_rowid=False,
    )
    op.create_index(op.f("ix_relay_seen_at"), "relay_seen", ["at"])
    op.create_table(
        "relay_text_count",
        sa.Column("tenant", Identifier, nullable=False),
        sa.Column("binding", Identifier, nullable=False),
        sa.Column("sender", Identifier, nullable=False),
        sa.Column("hour", Identifier, nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["tenant", "binding"],
            ["relay_binding.tenant", "relay_binding.id"],
            name=op.f("fk_relay_text_count_tenant_binding_relay_binding"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("tenant", "binding", "sender", "hour", name=op.f("pk_relay_text_count")),
        sqlite_with_rowid=False,
    )
    op.create_index(op.f("ix_relay_text_count_tenant_sender_hour"), "relay_text_count", ["tenant", "sender", "hour"])
    op.create_index(op.f("ix_relay_text_count_hour"), "relay_text_count", ["hour"])
    op.create_table(
        "relay_text_stop",
        sa.Column("tenant", Identifier, nullable=False),
        sa.Column("party", Identifier, nullable=False),
        sa.Column("number", sa.String(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["tenant", "party"],
            ["relay_party.tenant", "relay_party.id"],
            name=op.f("fk_relay_text_stop_tenant_party_relay_party"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("tenant", "party", "number", name=op.f("pk_relay_text_stop")),
    )
    op.create_table(
        "relay_outward",
        sa.Column("tenant", Identifier, nullable=False),
        sa.Column("binding", Identifier, nullable=False),
        sa.Column("account", Identifier, nullable=False),
        sa.Column("number", sa.String(), nullable=False),
        sa.Column("held", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("next_at", sa.BigInteger(), nullable=False),
        sa.Column("fault", sa.String(), nullable=True),
        sa.Column("changed_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("tenant", "binding", name=op.f("pk_relay_outward")),
    )
    op.create_index(
        op.f("ix_relay_outward_tenant_account_binding"), "relay_outward", ["tenant", "account", "binding"]
    )
    op.create_index(op.f("ix_relay_outward_state_next_at"), "relay_outward", ["state", "next_at"])
    protect("relay_account", "relay_seen", "relay_text_count", "relay_text_stop", "relay_outward")


def downgrade() -> None:
    op.drop_table("relay_outward")
    op.drop_table("relay_text_stop")
    op.drop_table("relay_text_count")
    op.drop_table("relay_seen")
    op.drop_table("relay_account")
