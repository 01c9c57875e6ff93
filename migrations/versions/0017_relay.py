"""relay

Revision ID: 0017
Revises: 0016

Numbers, pools, bindings and routes of the relay.
Code of the revision before this one may still be running while it is applied.
"""

import sqlalchemy as sa
from alembic import op

from database.columns import Identifier
from migrations.row_security import protect

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "relay_block",
        sa.Column("id", Identifier, autoincrement=True, nullable=False),
        sa.Column("tenant", Identifier, nullable=False),
        sa.Column("caller", sa.LargeBinary(), nullable=False),
        sa.Column("callee", sa.LargeBinary(), nullable=False),
        sa.Column("number", Identifier, nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("until", sa.BigInteger(), nullable=True),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_relay_block")),
        sa.UniqueConstraint("tenant", "id", name=op.f("uq_relay_block_tenant_id")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_relay_block_tenant_caller"), "relay_block", ["tenant", "caller"])
    op.create_table(
        "relay_party",
        sa.Column("id", Identifier, autoincrement=True, nullable=False),
        sa.Column("tenant", Identifier, nullable=False),
        sa.Column("fingerprint", sa.LargeBinary(), nullable=False),
        sa.Column("subject", Identifier, nullable=False),
        sa.Column("record", Identifier, nullable=False),
        sa.Column("frozen_until", sa.BigInteger(), nullable=True),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_relay_party")),
        sa.UniqueConstraint("tenant", "fingerprint", "subject", name=op.f("uq_relay_party_tenant_fingerprint_subject")),
        sa.UniqueConstraint("tenant", "id", name=op.f("uq_relay_party_tenant_id")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_relay_party_tenant_subject"), "relay_party", ["tenant", "subject"])
    op.create_table(
        "relay_pool",
        sa.Column("id", Identifier, autoincrement=True, nullable=False),
        sa.Column("tenant", Identifier, nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("modes", sa.String(), nullable=False),
        sa.Column("matching", sa.String(), nullable=False),
        sa.Column("sticky", sa.String(), nullable=False),
        sa.Column("cool", sa.BigInteger(), nullable=False),
        sa.Column("open_cool", sa.BigInteger(), nullable=False),
        sa.Column("capacity", sa.Integer(), nullable=False),
        sa.Column("digits", sa.Integer(), nullable=False),
        sa.Column("lasts", sa.BigInteger(), nullable=False),
        sa.Column("lasts_at_most", sa.BigInteger(), nullable=False),
        sa.Column("epoch", Identifier, nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_relay_pool")),
        sa.UniqueConstraint("tenant", "id", name=op.f("uq_relay_pool_tenant_id")),
        sa.UniqueConstraint("tenant", "name", name=op.f("uq_relay_pool_tenant_name")),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "relay_number",
        sa.Column("id", Identifier, autoincrement=True, nullable=False),
        sa.Column("tenant", Identifier, nullable=False),
        sa.Column("pool", Identifier, nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("value", sa.String(), nullable=False),
        sa.Column("area", sa.String(), nullable=False),
        sa.Column("province", sa.String(), nullable=False),
        sa.Column("carrier", sa.String(), nullable=False),
        sa.Column("voice", sa.Boolean(), nullable=False),
        sa.Column("texts", sa.Boolean(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("since", sa.BigInteger(), nullable=False),
        sa.Column("not_before", sa.BigInteger(), nullable=False),
        sa.Column("load", sa.Integer(), nullable=False),
        sa.Column("exclusive", Identifier, nullable=True),
        sa.ForeignKeyConstraint(
            ["tenant", "pool"],
            ["relay_pool.tenant", "relay_pool.id"],
            name=op.f("fk_relay_number_tenant_pool_relay_pool"),
            ondelete="RESTRICT",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_relay_number")),
        sa.UniqueConstraint("tenant", "id", name=op.f("uq_relay_number_tenant_id")),
        sa.UniqueConstraint("tenant", "value", name=op.f("uq_relay_number_tenant_value")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_relay_number_tenant_pool_id"), "relay_number", ["tenant", "pool", "id"])
    op.create_table(
        "relay_binding",
        sa.Column("id", Identifier, autoincrement=True, nullable=False),
        sa.Column("tenant", Identifier, nullable=False),
        sa.Column("pool", Identifier, nullable=False),
        sa.Column("mode", sa.String(), nullable=False),
        sa.Column("order_ref", sa.String(), nullable=False),
        sa.Column("a", Identifier, nullable=True),
        sa.Column("b", Identifier, nullable=True),
        sa.Column("crew", Identifier, nullable=True),
        sa.Column("x", Identifier, nullable=False),
        sa.Column("y", Identifier, nullable=True),
        sa.Column("extension", sa.String(), nullable=True),
        sa.Column("direction", sa.String(), nullable=False),
        sa.Column("texts", sa.Boolean(), nullable=False),
        sa.Column("record", sa.Boolean(), nullable=False),
        sa.Column("max_seconds", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("expires_at", sa.BigInteger(), nullable=False),
        sa.Column("closed_at", sa.BigInteger(), nullable=True),
        sa.Column("close_reason", sa.String(), nullable=True),
        sa.ForeignKeyConstraint(
            ["tenant", "pool"],
            ["relay_pool.tenant", "relay_pool.id"],
            name=op.f("fk_relay_binding_tenant_pool_relay_pool"),
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(
            ["tenant", "x"],
            ["relay_number.tenant", "relay_number.id"],
            name=op.f("fk_relay_binding_tenant_x_relay_number"),
            ondelete="RESTRICT",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_relay_binding")),
        sa.UniqueConstraint("tenant", "id", name=op.f("uq_relay_binding_tenant_id")),
        sqlite_autoincrement=True,
    )
    op.create_index(
        "ix_relay_binding_open",
        "relay_binding",
        ["expires_at"],
        sqlite_where=sa.text("closed_at IS NULL"),
        postgresql_where=sa.text("closed_at IS NULL"),
    )
    op.create_index(op.f("ix_relay_binding_tenant_a"), "relay_binding", ["tenant", "a"])
    op.create_index(op.f("ix_relay_binding_tenant_b"), "relay_binding", ["tenant", "b"])
    op.create_index(op.f("ix_relay_binding_tenant_order_ref"), "relay_binding", ["tenant", "order_ref"])
    op.create_table(
        "relay_route",
        sa.Column("tenant", Identifier, nullable=False),
        sa.Column("number", Identifier, nullable=False),
        sa.Column("caller", sa.LargeBinary(), nullable=False),
        sa.Column("binding", Identifier, nullable=False),
        sa.Column("party", Identifier, nullable=True),
        sa.Column("side", sa.String(), nullable=False),
        sa.Column("target", Identifier, nullable=True),
        sa.Column("shown", Identifier, nullable=False),
        sa.Column("cool_until", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(
            ["tenant", "binding"],
            ["relay_binding.tenant", "relay_binding.id"],
            name=op.f("fk_relay_route_tenant_binding_relay_binding"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["tenant", "number"],
            ["relay_number.tenant", "relay_number.id"],
            name=op.f("fk_relay_route_tenant_number_relay_number"),
            ondelete="RESTRICT",
        ),
        sa.PrimaryKeyConstraint("tenant", "number", "caller", name=op.f("pk_relay_route")),
        sqlite_with_rowid=False,
    )
    op.create_index(op.f("ix_relay_route_cool_until"), "relay_route", ["cool_until"])
    op.create_index(op.f("ix_relay_route_tenant_binding"), "relay_route", ["tenant", "binding"])
    op.create_index(op.f("ix_relay_route_tenant_caller"), "relay_route", ["tenant", "caller"])
    op.create_table(
        "relay_member",
        sa.Column("tenant", Identifier, nullable=False),
        sa.Column("crew", Identifier, nullable=False),
        sa.Column("party", Identifier, nullable=False),
        sa.ForeignKeyConstraint(
            ["tenant", "party"],
            ["relay_party.tenant", "relay_party.id"],
            name=op.f("fk_relay_member_tenant_party_relay_party"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["tenant", "crew"],
            ["relay_binding.tenant", "relay_binding.id"],
            name=op.f("fk_relay_member_tenant_crew_relay_binding"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("tenant", "crew", "party", name=op.f("pk_relay_member")),
        sqlite_with_rowid=False,
    )
    op.create_index(op.f("ix_relay_member_tenant_party"), "relay_member", ["tenant", "party"])
    protect(*_TABLES)


def downgrade() -> None:
    for table in reversed(_TABLES):
        op.drop_table(table)


_TABLES = (
    "relay_pool",
    "relay_number",
    "relay_party",
    "relay_binding",
    "relay_route",
    "relay_member",
    "relay_block",
)
