"""handover

Revision ID: 0019
Revises: 0018

Stages, couriers' assignments, aliases.
Code of the revision before this one may still be running while it is applied.
"""

import sqlalchemy as sa
from alembic import op

from database.columns import Identifier
from migrations.row_security import protect

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None

_PARTIES = ("customer", "merchant")


def upgrade() -> None:
    _widen_assignments()
    op.add_column("credential", sa.Column("frozen_at", sa.BigInteger(), nullable=True))
    op.create_table(
        "shift_budget",
        sa.Column("tenant", Identifier, nullable=False),
        sa.Column("acted", sa.String(), nullable=False),
        sa.Column("began_at", sa.BigInteger(), nullable=False),
        sa.Column("leased", Identifier, nullable=False),
        sa.PrimaryKeyConstraint("tenant", "acted", name=op.f("pk_shift_budget")),
    )
    op.create_table(
        "handover_table",
        sa.Column("tenant", Identifier, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("applied_by", Identifier, nullable=False),
        sa.Column("applied_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("tenant", "version", name=op.f("pk_handover_table")),
    )
    op.create_table(
        "preference",
        sa.Column("tenant", Identifier, nullable=False),
        sa.Column("subject", Identifier, nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("chosen", sa.Integer(), nullable=False),
        sa.Column("updated_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["tenant", "subject"],
            ["subject.tenant", "subject.id"],
            name=op.f("fk_preference_tenant_subject_subject"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("tenant", "subject", "name", name=op.f("pk_preference")),
        sqlite_with_rowid=False,
    )
    _create_protection()
    protect("shift_budget", "handover_table", "preference", "access_freeze", "honey_token")


def downgrade() -> None:
    for table in ("honey_token", "access_freeze", "preference", "handover_table", "shift_budget"):
        op.drop_table(table)
    with op.batch_alter_table("credential") as credential:
        credential.drop_column("frozen_at")
    for party in _PARTIES:
        op.drop_index(f"ix_assignment_{party}", table_name="assignment")
    # Whose courier was erased has none to go back to.
    op.execute("DELETE FROM assignment WHERE courier IS NULL")
    with op.batch_alter_table("assignment") as assignment:
        for column in ("tries", "nonce", "alias", "merchant", "customer", "stage_at", "version"):
            assignment.drop_column(column)
        assignment.alter_column("courier", existing_type=Identifier, nullable=False)


def _widen_assignments() -> None:
    with op.batch_alter_table("assignment") as assignment:
        assignment.alter_column("courier", existing_type=Identifier, nullable=True)
        assignment.add_column(sa.Column("version", Identifier, server_default="0", nullable=False))
        assignment.add_column(sa.Column("stage_at", sa.BigInteger(), server_default="0", nullable=False))
        for party in _PARTIES:
            assignment.add_column(sa.Column(party, Identifier, nullable=True))
        assignment.add_column(sa.Column("alias", sa.String(), server_default="", nullable=False))
        assignment.add_column(sa.Column("nonce", sa.LargeBinary(), nullable=True))
        assignment.add_column(sa.Column("tries", sa.Integer(), server_default="0", nullable=False))
    for party in _PARTIES:
        named = sa.text(f"{party} IS NOT NULL")
        op.create_index(
            f"ix_assignment_{party}", "assignment", ["tenant", party], sqlite_where=named, postgresql_where=named
        )
    op.execute("UPDATE assignment SET stage_at = updated_at")


def _create_protection() -> None:
    op.create_table(
        "access_freeze",
        sa.Column("id", Identifier, autoincrement=True, nullable=False),
        sa.Column("tenant", Identifier, nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("target", Identifier, nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("frozen_by", Identifier, nullable=False),
        sa.Column("frozen_at", sa.BigInteger(), nullable=False),
        sa.Column("lifted_by", Identifier, nullable=True),
        sa.Column("lifted_at", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_access_freeze")),
        sa.UniqueConstraint("tenant", "id", name=op.f("uq_access_freeze_tenant_id")),
        sqlite_autoincrement=True,
    )
    in_force = sa.text("lifted_at IS NULL")
    op.create_index(
        "uq_access_freeze_in_force",
        "access_freeze",
        ["tenant", "kind", "target"],
        unique=True,
        sqlite_where=in_force,
        postgresql_where=in_force,
    )
    op.create_table(
        "honey_token",
        sa.Column("tenant", Identifier, nullable=False),
        sa.Column("record", Identifier, nullable=False),
        sa.Column("kind", sa.Integer(), nullable=False),
        sa.Column("token_version", sa.Integer(), nullable=False),
        sa.Column("place", sa.String(), nullable=False),
        sa.Column("freezes", sa.Integer(), nullable=False),
        sa.Column("made_by", Identifier, nullable=False),
        sa.Column("made_at", sa.BigInteger(), nullable=False),
        sa.Column("trips", sa.Integer(), server_default="0", nullable=False),
        sa.Column("tripped_at", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("tenant", "record", name=op.f("pk_honey_token")),
    )
