"""devices

Revision ID: 0020
Revises: 0019

Keys of devices, messages between them, traces and pictures.
Code of the revision before this one may still be running while it is applied.
"""

import sqlalchemy as sa
from alembic import op

from database.columns import Identifier
from migrations.row_security import protect

revision = '0020'
down_revision = '0019'
branch_labels = None
depends_on = None

TABLES = ("device_key", "inner_key", "letter", "track", "track_batch", "picture", "picture_chunk")


def upgrade() -> None:
    _create_devices()
    _create_inner_keys()
    _create_letters()
    _create_traces()
    _create_pictures()
    protect(*TABLES)


def downgrade() -> None:
    for table in reversed(TABLES):
        op.drop_table(table)


def _numbered(table: str) -> tuple[sa.schema.SchemaItem, ...]:
    """What tables have in common whose rows have numbers that are never used twice."""
    return (
        sa.Column("id", Identifier, autoincrement=True, nullable=False),
        sa.Column("tenant", Identifier, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{table}")),
        sa.UniqueConstraint("tenant", "id", name=op.f(f"uq_{table}_tenant_id")),
    )


def _reference(table: str, column: str, to: str, ondelete: str = "CASCADE") -> sa.ForeignKeyConstraint:
    name = op.f(f"fk_{table}_tenant_{column}_{to}")
    return sa.ForeignKeyConstraint(["tenant", column], [f"{to}.tenant", f"{to}.id"], name=name, ondelete=ondelete)


def _index(table: str, *columns: str) -> None:
    op.create_index(op.f(f"ix_{table}_{'_'.join(columns)}"), table, list(columns))


def _create_devices() -> None:
    op.create_table(
        "device_key",
        *_numbered("device_key"),
        sa.Column("subject", Identifier, nullable=False),
        sa.Column("public_key", sa.LargeBinary(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("expires_at", sa.BigInteger(), nullable=False),
        sa.Column("revoked_at", sa.BigInteger(), nullable=True),
        sa.UniqueConstraint("tenant", "public_key", name=op.f("uq_device_key_tenant_public_key")),
        _reference("device_key", "subject", "subject", "RESTRICT"),
        sqlite_autoincrement=True,
    )
    _index("device_key", "tenant", "subject")
    _index("device_key", "expires_at")


def _create_inner_keys() -> None:
    op.create_table(
        "inner_key",
        *_numbered("inner_key"),
        sa.Column("subject", Identifier, nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        _reference("inner_key", "subject", "subject", "RESTRICT"),
        sqlite_autoincrement=True,
    )
    _index("inner_key", "tenant", "subject")


def _create_letters() -> None:
    op.create_table(
        "letter",
        *_numbered("letter"),
        sa.Column("order_fingerprint", sa.LargeBinary(), nullable=False),
        sa.Column("sender", Identifier, nullable=False),
        sa.Column("sender_device", Identifier, nullable=False),
        sa.Column("recipient", Identifier, nullable=False),
        sa.Column("recipient_device", Identifier, nullable=False),
        sa.Column("envelope", sa.LargeBinary(), nullable=False),
        sa.Column("hour", sa.BigInteger(), nullable=False),
        sa.Column("expires_at", sa.BigInteger(), nullable=False),
        _reference("letter", "sender_device", "device_key"),
        _reference("letter", "recipient_device", "device_key"),
        sqlite_autoincrement=True,
    )
    _index("letter", "tenant", "order_fingerprint", "recipient")
    for column in ("sender", "recipient", "sender_device", "recipient_device"):
        _index("letter", "tenant", column)
    _index("letter", "expires_at")


def _create_traces() -> None:
    op.create_table(
        "track",
        *_numbered("track"),
        sa.Column("ref", sa.String(), nullable=False),
        sa.Column("courier", Identifier, nullable=False),
        sa.Column("key", Identifier, nullable=False),
        sa.Column("batches", sa.Integer(), nullable=False),
        sa.Column("begun_at", sa.BigInteger(), nullable=False),
        sa.Column("last_at", sa.BigInteger(), nullable=False),
        sa.Column("expires_at", sa.BigInteger(), nullable=False),
        sa.UniqueConstraint("tenant", "ref", "courier", name=op.f("uq_track_tenant_ref_courier")),
        _reference("track", "key", "inner_key"),
        sqlite_autoincrement=True,
    )
    _index("track", "tenant", "key")
    _index("track", "tenant", "courier")
    _index("track", "expires_at")
    op.create_table(
        "track_batch",
        sa.Column("id", Identifier, autoincrement=True, nullable=False),
        sa.Column("tenant", Identifier, nullable=False),
        sa.Column("track", Identifier, nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_track_batch")),
        sa.UniqueConstraint("tenant", "track", "number", name=op.f("uq_track_batch_tenant_track_number")),
        _reference("track_batch", "track", "track"),
        sqlite_autoincrement=True,
    )


def _create_pictures() -> None:
    op.create_table(
        "picture",
        *_numbered("picture"),
        sa.Column("subject", Identifier, nullable=False),
        sa.Column("ref", sa.String(), nullable=False),
        sa.Column("key", Identifier, nullable=False),
        sa.Column("header", sa.LargeBinary(), nullable=False),
        sa.Column("format", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("size", Identifier, nullable=False),
        sa.Column("chunks", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("expires_at", sa.BigInteger(), nullable=False),
        _reference("picture", "key", "inner_key"),
        sqlite_autoincrement=True,
    )
    for column in ("key", "subject", "ref"):
        _index("picture", "tenant", column)
    _index("picture", "expires_at")
    op.create_table(
        "picture_chunk",
        sa.Column("tenant", Identifier, nullable=False),
        sa.Column("picture", Identifier, nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("tenant", "picture", "number", name=op.f("pk_picture_chunk")),
        _reference("picture_chunk", "picture", "picture"),
    )
