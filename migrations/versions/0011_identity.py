"""identity

Revision ID: 0011
Revises: 0010

Codes, sessions, links and documents by which requesters are verified.
Code of the revision before this one may still be running while it is applied.
"""

import sqlalchemy as sa
from alembic import op

from database.columns import Identifier
from migrations.row_security import protect

revision = '0011'
down_revision = '0010'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "identity_challenge",
        sa.Column("tenant", Identifier, nullable=False),
        sa.Column("id", sa.LargeBinary(), nullable=False),
        sa.Column("subject", Identifier, nullable=True),
        sa.Column("request", sa.LargeBinary(), nullable=True),
        sa.Column("session", sa.LargeBinary(), nullable=True),
        sa.Column("locale", sa.String(), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("made_at", sa.BigInteger(), nullable=False),
        sa.Column("expires_at", sa.BigInteger(), nullable=False),
        sa.Column("ended_at", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(
            ["tenant", "request"],
            ["dsar_request.tenant", "dsar_request.id"],
            name=op.f("fk_identity_challenge_tenant_request_dsar_request"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("tenant", "id", name=op.f("pk_identity_challenge")),
    )
    op.create_table(
        "identity_claim",
        sa.Column("tenant", Identifier, nullable=False),
        sa.Column("challenge", sa.LargeBinary(), nullable=False),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.Column("who", sa.LargeBinary(), nullable=False),
        sa.Column("channel", sa.String(), nullable=True),
        sa.Column("digest", sa.LargeBinary(), nullable=True),
        sa.Column("sent_by", sa.String(), nullable=True),
        sa.Column("sent_at", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(
            ["tenant", "challenge"],
            ["identity_challenge.tenant", "identity_challenge.id"],
            name=op.f("fk_identity_claim_tenant_challenge_identity_challenge"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("tenant", "challenge", "place", name=op.f("pk_identity_claim")),
    )
    op.create_table(
        "identity_guard",
        sa.Column("tenant", Identifier, nullable=False),
        sa.Column("who", sa.LargeBinary(), nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("locked_until", sa.BigInteger(), nullable=False),
        sa.Column("sends", sa.Integer(), nullable=False),
        sa.Column("window_at", sa.BigInteger(), nullable=False),
        sa.Column("sent_at", sa.BigInteger(), nullable=False),
        sa.Column("touched_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("tenant", "who", name=op.f("pk_identity_guard")),
    )
    op.create_table(
        "identity_link",
        sa.Column("tenant", Identifier, nullable=False),
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.Column("subject", Identifier, nullable=True),
        sa.Column("expires_at", sa.BigInteger(), nullable=False),
        sa.Column("used_at", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("tenant", "digest", name=op.f("pk_identity_link")),
    )
    op.create_table(
        "identity_session",
        sa.Column("tenant", Identifier, nullable=False),
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.Column("subject", Identifier, nullable=False),
        sa.Column("platform_at", sa.BigInteger(), nullable=True),
        sa.Column("sms_at", sa.BigInteger(), nullable=True),
        sa.Column("email_at", sa.BigInteger(), nullable=True),
        sa.Column("expires_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("tenant", "digest", name=op.f("pk_identity_session")),
    )
    op.create_table(
        "identity_key",
        sa.Column("tenant", Identifier, nullable=False),
        sa.Column("thumbprint", sa.String(), nullable=False),
        sa.Column("der", sa.LargeBinary(), nullable=False),
        sa.Column("made_at", sa.BigInteger(), nullable=False),
        sa.Column("revoked_at", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("tenant", "thumbprint", name=op.f("pk_identity_key")),
    )
    op.create_table(
        "identity_assertion",
        sa.Column("tenant", Identifier, nullable=False),
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.Column("expires_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("tenant", "digest", name=op.f("pk_identity_assertion")),
    )
    op.create_table(
        "identity_proof",
        sa.Column("tenant", Identifier, nullable=False),
        sa.Column("request", sa.LargeBinary(), nullable=False),
        sa.Column("proof", sa.String(), nullable=False),
        sa.Column("method", sa.String(), nullable=False),
        sa.Column("level", sa.Integer(), nullable=False),
        sa.Column("verifier", Identifier, nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["tenant", "request"],
            ["dsar_request.tenant", "dsar_request.id"],
            name=op.f("fk_identity_proof_tenant_request_dsar_request"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("tenant", "request", "proof", "method", name=op.f("pk_identity_proof")),
    )
    op.create_index(op.f("ix_identity_challenge_tenant_subject"), "identity_challenge", ["tenant", "subject"])
    op.create_index(op.f("ix_identity_challenge_expires_at"), "identity_challenge", ["expires_at"])
    op.create_index(op.f("ix_identity_guard_touched_at"), "identity_guard", ["touched_at"])
    op.create_index(op.f("ix_identity_link_tenant_subject"), "identity_link", ["tenant", "subject"])
    op.create_index(op.f("ix_identity_link_expires_at"), "identity_link", ["expires_at"])
    op.create_index(op.f("ix_identity_session_tenant_subject"), "identity_session", ["tenant", "subject"])
    op.create_index(op.f("ix_identity_session_expires_at"), "identity_session", ["expires_at"])
    op.create_index(op.f("ix_identity_assertion_expires_at"), "identity_assertion", ["expires_at"])
    protect(
        "identity_challenge",
        "identity_claim",
        "identity_guard",
        "identity_link",
        "identity_session",
        "identity_key",
        "identity_assertion",
        "identity_proof",
    )


def downgrade() -> None:
    op.drop_table("identity_claim")
    op.drop_table("identity_challenge")
    op.drop_table("identity_guard")
    op.drop_table("identity_link")
    op.drop_table("identity_session")
    op.drop_table("identity_key")
    op.drop_table("identity_assertion")
    op.drop_table("identity_proof")
