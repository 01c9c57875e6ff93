"""key rotation

Revision ID: 0004
Revises: 0003

Code of the revision before this one may still be running while it is applied; it must have stopped before the first rotation.
"""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

_WORN = "seals >= 2147483648"
_KEYS = ("keyring_root", "kek", "purpose_key")


def upgrade() -> None:
    for table in _KEYS:
        op.add_column(table, sa.Column("destroyed_at", sa.BigInteger(), nullable=True))
    for table in ("kek", "dek"):
        op.add_column(table, sa.Column("seals", sa.BigInteger(), server_default="0", nullable=False))
    op.add_column("dek", sa.Column("created_at", sa.BigInteger(), server_default="0", nullable=False))
    op.add_column("subject", sa.Column("sealed_under", sa.Integer(), server_default="1", nullable=False))
    op.create_index(
        "ix_dek_worn", "dek", ["tenant", "subject"], sqlite_where=sa.text(_WORN), postgresql_where=sa.text(_WORN)
    )
    op.execute("""
        UPDATE dek SET created_at =
            (SELECT s.created_at FROM subject s WHERE s.tenant = dek.tenant AND s.id = dek.subject)
    """)
    op.execute("""
        UPDATE subject SET sealed_under = d.version FROM dek d
        WHERE d.tenant = subject.tenant AND d.subject = subject.id AND d.version <> 1
    """)
    for table in _KEYS:
        op.execute(f"UPDATE {table} SET state = 'decrypt-only' WHERE state = 'retired'")


def downgrade() -> None:
    """Code of before would try to open destroyed versions. They are nothing but a memory, and go."""
    op.execute("DELETE FROM kek WHERE state = 'destroyed'")
    op.execute("DELETE FROM purpose_key WHERE state = 'destroyed'")
    for table in _KEYS:
        op.execute(f"UPDATE {table} SET state = 'retired' WHERE state = 'decrypt-only'")
    op.drop_index("ix_dek_worn", table_name="dek")
    op.drop_column("subject", "sealed_under")
    op.drop_column("dek", "created_at")
    for table in ("dek", "kek"):
        op.drop_column(table, "seals")
    for table in reversed(_KEYS):
        op.drop_column(table, "destroyed_at")
