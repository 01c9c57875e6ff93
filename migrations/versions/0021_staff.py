"""staff

Revision ID: 0021
Revises: 0020

People who work on the pages: passkeys, sessions.
Code of the revision before this one may still be running while it is applied.
"""

import sqlalchemy as sa
from alembic import op

from database.columns import Identifier
from migrations.row_security import protect

revision = '0021'
down_revision = '0020'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "staff",
        sa.Column("id", Identifier, autoincrement=True, nullable=False),
        sa.Column("tenant", Identifier, nullable=False),
        sa.Column("credential", Identifier, nullable=False),
        sa.Column("handle", sa.LargeBinary(), nullable=False),
        sa.Column("outside", sa.LargeBinary(), nullable=True),
        sa.Column("made_at", sa.BigInteger(), nullable=False),
        sa.Column("enrolled_at", sa.BigInteger(), nullable=True),
        sa.Column("disabled_at", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(["tenant", "credential"], ["credential.tenant", "credential.id"], name=op.f("fk_staff_tenant_credential_credential")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_staff")),
        sa.UniqueConstraint("tenant", "credential", name=op.f("uq_staff_tenant_credential")),
        sa.UniqueConstraint("tenant", "id", name=op.f("uq_staff_tenant_id")),
        sa.UniqueConstraint("tenant", "outside", name=op.f("uq_staff_tenant_outside")),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "staff_link",
        sa.Column("tenant", Identifier, nullable=False),
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.Column("staff", Identifier, nullable=False),
        sa.Column("recovery", sa.Boolean(), nullable=False),
        sa.Column("expires_at", sa.BigInteger(), nullable=False),
        sa.Column("used_at", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(["tenant", "staff"], ["staff.tenant", "staff.id"], name=op.f("fk_staff_link_tenant_staff_staff"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("tenant", "digest", name=op.f("pk_staff_link")),
        sa.UniqueConstraint("digest", name=op.f("uq_staff_link_digest")),
    )
    op.create_table(
        "staff_passkey",
        sa.Column("tenant", Identifier, nullable=False),
        sa.Column("id", sa.LargeBinary(), nullable=False),
        sa.Column("staff", Identifier, nullable=False),
        sa.Column("public_key", sa.LargeBinary(), nullable=False),
        sa.Column("signs", Identifier, nullable=False),
        sa.Column("synced", sa.Boolean(), nullable=False),
        sa.Column("made_at", sa.BigInteger(), nullable=False),
        sa.Column("used_at", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(["tenant", "staff"], ["staff.tenant", "staff.id"], name=op.f("fk_staff_passkey_tenant_staff_staff"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("tenant", "id", name=op.f("pk_staff_passkey")),
    )
    op.create_table(
        "staff_totp",
        sa.Column("tenant", Identifier, nullable=False),
        sa.Column("staff", Identifier, nullable=False),
        sa.Column("key", Identifier, nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("made_at", sa.BigInteger(), nullable=False),
        sa.Column("step", Identifier, nullable=False),
        sa.ForeignKeyConstraint(["tenant", "staff"], ["staff.tenant", "staff.id"], name=op.f("fk_staff_totp_tenant_staff_staff"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("tenant", "staff", name=op.f("pk_staff_totp")),
    )
    op.create_table(
        "staff_guard",
        sa.Column("tenant", Identifier, nullable=False),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("locked_until", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("tenant", "place", name=op.f("pk_staff_guard")),
    )
    op.create_table(
        "staff_challenge",
        sa.Column("tenant", Identifier, nullable=False),
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.Column("staff", Identifier, nullable=True),
        sa.Column("expires_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("tenant", "digest", name=op.f("pk_staff_challenge")),
    )
    op.create_table(
        "staff_session",
        sa.Column("tenant", Identifier, nullable=False),
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.Column("staff", Identifier, nullable=False),
        sa.Column("method", sa.String(), nullable=False),
        sa.Column("device", sa.String(), nullable=False),
        sa.Column("begun_at", sa.BigInteger(), nullable=False),
        sa.Column("seen_at", sa.BigInteger(), nullable=False),
        sa.Column("verified_at", sa.BigInteger(), nullable=False),
        sa.Column("expires_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["tenant", "staff"], ["staff.tenant", "staff.id"], name=op.f("fk_staff_session_tenant_staff_staff"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("tenant", "digest", name=op.f("pk_staff_session")),
        sa.UniqueConstraint("digest", name=op.f("uq_staff_session_digest")),
    )
    op.create_table(
        "staff_recovery",
        sa.Column("id", Identifier, autoincrement=True, nullable=False),
        sa.Column("tenant", Identifier, nullable=False),
        sa.Column("staff", Identifier, nullable=False),
        sa.Column("asked_by", Identifier, nullable=False),
        sa.Column("asked_at", sa.BigInteger(), nullable=False),
        sa.Column("approved_by", Identifier, nullable=True),
        sa.Column("approved_at", sa.BigInteger(), nullable=True),
        sa.Column("used_at", sa.BigInteger(), nullable=True),
        sa.Column("expires_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["tenant", "staff"], ["staff.tenant", "staff.id"], name=op.f("fk_staff_recovery_tenant_staff_staff"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_staff_recovery")),
        sa.UniqueConstraint("tenant", "id", name=op.f("uq_staff_recovery_tenant_id")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_staff_link_expires_at"), "staff_link", ["expires_at"])
    op.create_index(op.f("ix_staff_passkey_tenant_staff"), "staff_passkey", ["tenant", "staff"])
    op.create_index(op.f("ix_staff_challenge_expires_at"), "staff_challenge", ["expires_at"])
    op.create_index(op.f("ix_staff_session_expires_at"), "staff_session", ["expires_at"])
    op.create_index(op.f("ix_staff_session_tenant_staff"), "staff_session", ["tenant", "staff"])
    op.create_index(op.f("ix_staff_recovery_expires_at"), "staff_recovery", ["expires_at"])
    protect(
        "staff",
        "staff_link",
        "staff_passkey",
        "staff_totp",
        "staff_guard",
        "staff_challenge",
        "staff_session",
        "staff_recovery",
    )


def downgrade() -> None:
    op.drop_table("staff_recovery")
    op.drop_table("staff_session")
    op.drop_table("staff_challenge")
    op.drop_table("staff_guard")
    op.drop_table("staff_totp")
    op.drop_table("staff_passkey")
    op.drop_table("staff_link")
    op.drop_table("staff")
