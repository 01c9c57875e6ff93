"""consent: catalogues, notices and who was told of them

Revision ID: 0007
Revises: 0006

Code of the revision before this one may still be running while it is applied.
"""

import sqlalchemy as sa
from alembic import op

from database.columns import Identifier
from migrations.row_security import protect

revision = '0007'
down_revision = '0006'
branch_labels = None
depends_on = None


def upgrade() -> None:
    _create_catalogue()
    _create_records()


def downgrade() -> None:
    _drop_records()
    _drop_catalogue()


def _create_catalogue() -> None:
    op.create_table(
        "consent_catalogue",
        sa.Column("tenant", Identifier, nullable=False),
        sa.Column("version", Identifier, nullable=False),
        sa.Column("digest", sa.String(), nullable=False),
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("material", sa.String(), nullable=False),
        sa.Column("starter", sa.Boolean(), nullable=False),
        sa.Column("applied_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("tenant", "version", name="pk_consent_catalogue"),
    )
    op.create_table(
        "consent_notice",
        sa.Column("tenant", Identifier, nullable=False),
        sa.Column("purpose", sa.String(), nullable=False),
        sa.Column("version", Identifier, nullable=False),
        sa.Column("catalogue", Identifier, nullable=False),
        sa.Column("material", sa.Boolean(), nullable=False),
        sa.Column("change", sa.String(), nullable=False),
        sa.Column("published_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["tenant", "catalogue"],
            ["consent_catalogue.tenant", "consent_catalogue.version"],
            name="fk_consent_notice_tenant_catalogue_consent_catalogue",
        ),
        sa.PrimaryKeyConstraint("tenant", "purpose", "version", name="pk_consent_notice"),
    )
    op.create_table(
        "consent_notice_text",
        sa.Column("tenant", Identifier, nullable=False),
        sa.Column("purpose", sa.String(), nullable=False),
        sa.Column("version", Identifier, nullable=False),
        sa.Column("locale", sa.String(), nullable=False),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("text", sa.String(), nullable=False),
        sa.Column("digest", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(
            ["tenant", "purpose", "version"],
            ["consent_notice.tenant", "consent_notice.purpose", "consent_notice.version"],
            name="fk_consent_notice_text_tenant_purpose_version_consent_notice",
        ),
        sa.PrimaryKeyConstraint("tenant", "purpose", "version", "locale", name="pk_consent_notice_text"),
    )
    op.create_table(
        "consent_told",
        sa.Column("tenant", Identifier, nullable=False),
        sa.Column("purpose", sa.String(), nullable=False),
        sa.Column("version", Identifier, nullable=False),
        sa.Column("subject", Identifier, nullable=False),
        sa.Column("channel", sa.String(), nullable=True),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("tenant", "purpose", "version", "subject", name="pk_consent_told"),
    )
    protect("consent_catalogue", "consent_notice", "consent_notice_text", "consent_told")


def _drop_catalogue() -> None:
    for table in ("consent_told", "consent_notice_text", "consent_notice", "consent_catalogue"):
        op.drop_table(table)


def _create_records() -> None:
    op.create_table(
        "consent_event",
        sa.Column("id", Identifier, autoincrement=True, nullable=False),
        sa.Column("tenant", Identifier, nullable=False),
        sa.Column("subject", Identifier, nullable=False),
        sa.Column("epoch", Identifier, nullable=False),
        sa.Column("purpose", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("instant", Identifier, nullable=False),
        sa.Column("stated_at", sa.BigInteger(), nullable=True),
        sa.Column("notice_version", Identifier, nullable=True),
        sa.Column("locale", sa.String(), nullable=True),
        sa.Column("wording", sa.LargeBinary(), nullable=True),
        sa.Column("presentation", sa.LargeBinary(), nullable=True),
        sa.Column("shown", sa.String(), nullable=False),
        sa.Column("channel", sa.String(), nullable=True),
        sa.Column("method", sa.String(), nullable=False),
        sa.Column("expressed_by", sa.String(), nullable=False),
        sa.Column("evidence", sa.String(), nullable=True),
        sa.Column("evidence_digest", sa.LargeBinary(), nullable=True),
        sa.Column("recipients", sa.String(), nullable=False),
        sa.Column("valid_until", sa.BigInteger(), nullable=True),
        sa.Column("child", sa.Boolean(), nullable=False),
        sa.Column("credential", Identifier, nullable=False),
        sa.Column("act", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_consent_event"),
        sa.UniqueConstraint("tenant", "id", name="uq_consent_event_tenant_id"),
        sa.UniqueConstraint("tenant", "subject", "epoch", name="uq_consent_event_tenant_subject_epoch"),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "consent_current",
        sa.Column("tenant", Identifier, nullable=False),
        sa.Column("subject", Identifier, nullable=False),
        sa.Column("purpose", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("event", Identifier, nullable=False),
        sa.Column("epoch", Identifier, nullable=False),
        sa.Column("instant", Identifier, nullable=False),
        sa.Column("stated_at", sa.BigInteger(), nullable=True),
        sa.Column("notice_version", Identifier, nullable=True),
        sa.Column("recipients", sa.String(), nullable=False),
        sa.Column("expressed_by", sa.String(), nullable=False),
        sa.Column("valid_until", sa.BigInteger(), nullable=True),
        sa.Column("refused_at", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(
            ["tenant", "event"],
            ["consent_event.tenant", "consent_event.id"],
            name="fk_consent_current_tenant_event_consent_event",
        ),
        sa.PrimaryKeyConstraint("tenant", "subject", "purpose", name="pk_consent_current"),
    )
    op.create_index("ix_consent_current_valid_until", "consent_current", ["valid_until"])
    op.create_table(
        "consent_epoch",
        sa.Column("tenant", Identifier, nullable=False),
        sa.Column("subject", Identifier, nullable=False),
        sa.Column("epoch", Identifier, nullable=False),
        sa.Column("instant", Identifier, nullable=False),
        sa.Column("child", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("tenant", "subject", name="pk_consent_epoch"),
    )
    protect("consent_event", "consent_current", "consent_epoch")


def _drop_records() -> None:
    for table in ("consent_epoch", "consent_current", "consent_event"):
        op.drop_table(table)
