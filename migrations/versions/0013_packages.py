"""packages

Revision ID: 0013
Revises: 0012

Disclosure packages and their one-time links.
Code of the revision before this one may still be running while it is applied.
"""

import sqlalchemy as sa
from alembic import op

from database.columns import Identifier
from migrations.row_security import protect

revision = '0013'
down_revision = '0012'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "package_choice",
        sa.Column("tenant", Identifier, nullable=False),
        sa.Column("request", sa.LargeBinary(), nullable=False),
        sa.Column("subject", Identifier, nullable=False),
        sa.Column("receiver", sa.String(), nullable=True),
        sa.Column("seal_version", sa.Integer(), nullable=True),
        sa.Column("sealed", sa.LargeBinary(), nullable=True),
        sa.PrimaryKeyConstraint("tenant", "request", name="pk_package_choice"),
    )
    op.create_index("ix_package_choice_tenant_subject", "package_choice", ["tenant", "subject"])
    _create_packages()
    op.create_table(
        "package_link",
        sa.Column("tenant", Identifier, nullable=False),
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.Column("package", sa.LargeBinary(), nullable=False),
        sa.Column("expires_at", sa.BigInteger(), nullable=False),
        sa.Column("opened", sa.Integer(), nullable=False),
        sa.Column("used_at", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(
            ["tenant", "package"],
            ["package.tenant", "package.id"],
            name="fk_package_link_tenant_package_package",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("tenant", "digest", name="pk_package_link"),
    )
    op.create_index("ix_package_link_tenant_package", "package_link", ["tenant", "package"])
    protect("package_choice", "package", "package_link")


def _create_packages() -> None:
    op.create_table(
        "package",
        sa.Column("tenant", Identifier, nullable=False),
        sa.Column("id", sa.LargeBinary(), nullable=False),
        sa.Column("request", sa.LargeBinary(), nullable=False),
        sa.Column("subject", Identifier, nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("receiver", sa.String(), nullable=True),
        sa.Column("made_at", sa.BigInteger(), nullable=False),
        sa.Column("expires_at", sa.BigInteger(), nullable=False),
        sa.Column("digest", sa.LargeBinary(), nullable=True),
        sa.Column("size", Identifier, nullable=True),
        sa.Column("records", Identifier, nullable=False),
        sa.Column("downloads", sa.Integer(), nullable=False),
        sa.Column("receipt", sa.LargeBinary(), nullable=True),
        sa.Column("seal_version", sa.Integer(), nullable=True),
        sa.Column("sealed", sa.LargeBinary(), nullable=True),
        sa.PrimaryKeyConstraint("tenant", "id", name="pk_package"),
    )
    op.create_index("uq_package_tenant_request", "package", ["tenant", "request"], unique=True)
    op.create_index("ix_package_tenant_subject", "package", ["tenant", "subject"])
    op.create_index("ix_package_expires_at", "package", ["expires_at"])


def downgrade() -> None:
    for table in ("package_link", "package", "package_choice"):
        op.drop_table(table)
