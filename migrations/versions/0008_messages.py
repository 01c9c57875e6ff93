"""messages

Revision ID: 0008
Revises: 0007

Subscriptions to what happens to consents, their sealed secrets, and what each is to be told.
Code of the revision before this one may still be running while it is applied.
"""

import sqlalchemy as sa
from alembic import op

from database.columns import Identifier
from migrations.row_security import protect

revision = '0008'
down_revision = '0007'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "webhook",
        sa.Column("id", Identifier, autoincrement=True, nullable=False),
        sa.Column("tenant", Identifier, nullable=False),
        sa.Column("url", sa.String(), nullable=False),
        sa.Column("topics", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("carrier", sa.LargeBinary(), nullable=True),
        sa.Column("carrier_until", sa.BigInteger(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_webhook")),
        sa.UniqueConstraint("tenant", "id", name=op.f("uq_webhook_tenant_id")),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "webhook_secret",
        sa.Column("tenant", Identifier, nullable=False),
        sa.Column("webhook", Identifier, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("seal_version", sa.Integer(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("expires_at", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(
            ["tenant", "webhook"],
            ["webhook.tenant", "webhook.id"],
            name=op.f("fk_webhook_secret_tenant_webhook_webhook"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("tenant", "webhook", "version", name=op.f("pk_webhook_secret")),
    )
    op.create_table(
        "webhook_delivery",
        sa.Column("id", Identifier, autoincrement=True, nullable=False),
        sa.Column("tenant", Identifier, nullable=False),
        sa.Column("webhook", Identifier, nullable=False),
        sa.Column("message", sa.LargeBinary(), nullable=False),
        sa.Column("subject", Identifier, nullable=False),
        sa.Column("event", Identifier, nullable=False),
        sa.Column("topic", sa.String(), nullable=False),
        sa.Column("purpose", sa.String(), nullable=False),
        sa.Column("notice_version", sa.Integer(), nullable=True),
        sa.Column("epoch", Identifier, nullable=False),
        sa.Column("happened_at", sa.BigInteger(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("rank", sa.Integer(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("next_at", sa.BigInteger(), nullable=False),
        sa.Column("status", sa.Integer(), nullable=True),
        sa.Column("error", sa.String(), nullable=True),
        sa.Column("ended_at", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(
            ["tenant", "webhook"],
            ["webhook.tenant", "webhook.id"],
            name=op.f("fk_webhook_delivery_tenant_webhook_webhook"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_webhook_delivery")),
        sa.UniqueConstraint("tenant", "id", name=op.f("uq_webhook_delivery_tenant_id")),
        sqlite_autoincrement=True,
    )
    op.create_index(
        op.f("ix_webhook_delivery_tenant_webhook_state_rank_next_at_id"),
        "webhook_delivery",
        ["tenant", "webhook", "state", "rank", "next_at", "id"],
    )
    op.create_index(
        op.f("ix_webhook_delivery_tenant_webhook_subject_state_id"),
        "webhook_delivery",
        ["tenant", "webhook", "subject", "state", "id"],
    )
    op.create_index(op.f("ix_webhook_delivery_state_next_at"), "webhook_delivery", ["state", "next_at"])
    protect("webhook", "webhook_secret", "webhook_delivery")


def downgrade() -> None:
    op.drop_table("webhook_delivery")
    op.drop_table("webhook_secret")
    op.drop_table("webhook")
