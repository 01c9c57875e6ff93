"""requests

Revision ID: 0010
Revises: 0009

Requests of people, their clocks and their history.
Code of the revision before this one may still be running while it is applied.
"""

import sqlalchemy as sa
from alembic import op

from database.columns import Identifier
from migrations.row_security import protect

revision = '0010'
down_revision = '0009'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "dsar_request",
        sa.Column("tenant", Identifier, nullable=False),
        sa.Column("id", sa.LargeBinary(), nullable=False),
        sa.Column("claim", sa.String(), nullable=False),
        sa.Column("regime", sa.String(), nullable=False),
        sa.Column("requester", sa.String(), nullable=False),
        sa.Column("channel", sa.String(), nullable=False),
        sa.Column("subject", Identifier, nullable=True),
        sa.Column("name", sa.LargeBinary(), nullable=True),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("level", sa.Integer(), nullable=False),
        sa.Column("locale", sa.String(), nullable=False),
        sa.Column("purposes", sa.String(), nullable=False),
        sa.Column("evidence", sa.Integer(), nullable=False),
        sa.Column("category", sa.String(), nullable=True),
        sa.Column("accountable", sa.String(), nullable=True),
        sa.Column("received_at", sa.BigInteger(), nullable=False),
        sa.Column("started_at", sa.BigInteger(), nullable=False),
        sa.Column("acknowledge_by", sa.BigInteger(), nullable=True),
        sa.Column("acknowledged_at", sa.BigInteger(), nullable=True),
        sa.Column("verified_at", sa.BigInteger(), nullable=True),
        sa.Column("due_at", sa.BigInteger(), nullable=False),
        sa.Column("certain", sa.Boolean(), nullable=False),
        sa.Column("extended_at", sa.BigInteger(), nullable=True),
        sa.Column("stood", sa.Integer(), nullable=False),
        sa.Column("stands_since", sa.BigInteger(), nullable=True),
        sa.Column("waits_until", sa.BigInteger(), nullable=True),
        sa.Column("look_at", sa.BigInteger(), nullable=True),
        sa.Column("passed", sa.Integer(), nullable=False),
        sa.Column("breached", sa.String(), nullable=False),
        sa.Column("assignee", Identifier, nullable=True),
        sa.Column("asked_by", Identifier, nullable=False),
        sa.Column("accepted_by", Identifier, nullable=True),
        sa.Column("approved_by", Identifier, nullable=True),
        sa.Column("reasons", sa.String(), nullable=False),
        sa.Column("twin", sa.LargeBinary(), nullable=True),
        sa.Column("ended_at", sa.BigInteger(), nullable=True),
        sa.Column("keep_until", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("tenant", "id", name=op.f("pk_dsar_request")),
        sa.UniqueConstraint(
            "tenant", "name", "claim", "purposes", name=op.f("uq_dsar_request_tenant_name_claim_purposes")
        ),
    )
    for columns in (["tenant", "subject"], ["tenant", "ended_at", "due_at"], ["look_at"], ["keep_until"]):
        op.create_index(op.f(f"ix_dsar_request_{'_'.join(columns)}"), "dsar_request", columns)
    _create_parts()
    protect("dsar_request", "dsar_request_move", "dsar_request_words")


def _create_parts() -> None:
    op.create_table(
        "dsar_request_move",
        sa.Column("tenant", Identifier, nullable=False),
        sa.Column("request", sa.LargeBinary(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("move", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("reason", sa.String(), nullable=True),
        sa.Column("actor_kind", sa.String(), nullable=False),
        sa.Column("actor", Identifier, nullable=False),
        sa.Column("role", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(
            ["tenant", "request"],
            ["dsar_request.tenant", "dsar_request.id"],
            name=op.f("fk_dsar_request_move_tenant_request_dsar_request"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("tenant", "request", "number", name=op.f("pk_dsar_request_move")),
    )
    op.create_table(
        "dsar_request_words",
        sa.Column("tenant", Identifier, nullable=False),
        sa.Column("request", sa.LargeBinary(), nullable=False),
        sa.Column("seal_version", sa.Integer(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["tenant", "request"],
            ["dsar_request.tenant", "dsar_request.id"],
            name=op.f("fk_dsar_request_words_tenant_request_dsar_request"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("tenant", "request", name=op.f("pk_dsar_request_words")),
    )


def downgrade() -> None:
    op.drop_table("dsar_request_words")
    op.drop_table("dsar_request_move")
    op.drop_table("dsar_request")
