"""first tables

Revision ID: 0001
Revises: 

Code of the revision before this one may still be running while it is applied.
"""

import sqlalchemy as sa
from alembic import op

from database.columns import Identifier
from migrations.row_security import grant_to_application, protect


revision = '0001'
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    grant_to_application()
    op.create_table('audit_act',
    sa.Column('tenant', Identifier, nullable=False),
    sa.Column('id', sa.LargeBinary(), nullable=False),
    sa.Column('request', sa.String(), nullable=False),
    sa.Column('action', sa.String(), nullable=False),
    sa.Column('at', sa.BigInteger(), nullable=False),
    sa.Column('parts', sa.Integer(), nullable=False),
    sa.PrimaryKeyConstraint('tenant', 'id', name=op.f('pk_audit_act'))
    )
    with op.batch_alter_table('audit_act', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_audit_act_tenant_request'), ['tenant', 'request'], unique=False)

    op.create_table('disclosure_budget',
    sa.Column('tenant', Identifier, nullable=False),
    sa.Column('credential', Identifier, nullable=False),
    sa.Column('acted', sa.String(), server_default='', nullable=False),
    sa.Column('day', sa.Integer(), nullable=False),
    sa.Column('leased', Identifier, nullable=False),
    sa.PrimaryKeyConstraint('tenant', 'credential', 'acted', 'day', name=op.f('pk_disclosure_budget'))
    )
    op.create_table('idempotency',
    sa.Column('tenant', Identifier, nullable=False),
    sa.Column('credential', Identifier, nullable=False),
    sa.Column('route', sa.String(), nullable=False),
    sa.Column('key', sa.LargeBinary(), nullable=False),
    sa.Column('body', sa.LargeBinary(), nullable=False),
    sa.Column('outcome', sa.LargeBinary(), nullable=False),
    sa.Column('created_at', sa.BigInteger(), nullable=False),
    sa.PrimaryKeyConstraint('tenant', 'credential', 'route', 'key', name=op.f('pk_idempotency'))
    )
    with op.batch_alter_table('idempotency', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_idempotency_created_at'), ['created_at'], unique=False)

    op.create_table('keyring_epoch',
    sa.Column('tenant', Identifier, nullable=False),
    sa.Column('epoch', sa.Integer(), nullable=False),
    sa.PrimaryKeyConstraint('tenant', name=op.f('pk_keyring_epoch'))
    )
    op.create_table('keyring_root',
    sa.Column('id', Identifier, autoincrement=True, nullable=False),
    sa.Column('provider', sa.String(), nullable=False),
    sa.Column('root', sa.String(), nullable=False),
    sa.Column('proof', sa.LargeBinary(), nullable=False),
    sa.Column('state', sa.String(), nullable=False),
    sa.Column('created_at', sa.BigInteger(), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_keyring_root')),
    sa.UniqueConstraint('provider', 'root', name=op.f('uq_keyring_root_provider_root')),
    sqlite_autoincrement=True
    )
    op.create_table('preserving_serial',
    sa.Column('tenant', Identifier, nullable=False),
    sa.Column('kind', sa.Integer(), nullable=False),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.Column('issued', Identifier, nullable=False),
    sa.PrimaryKeyConstraint('tenant', 'kind', 'version', name=op.f('pk_preserving_serial'))
    )
    op.create_table('subject',
    sa.Column('id', Identifier, autoincrement=True, nullable=False),
    sa.Column('tenant', Identifier, nullable=False),
    sa.Column('fingerprint', sa.LargeBinary(), nullable=False),
    sa.Column('state', sa.String(), nullable=False),
    sa.Column('type', sa.String(), nullable=True),
    sa.Column('sealed_identity', sa.LargeBinary(), nullable=True),
    sa.Column('created_at', sa.BigInteger(), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_subject')),
    sa.UniqueConstraint('tenant', 'fingerprint', name=op.f('uq_subject_tenant_fingerprint')),
    sa.UniqueConstraint('tenant', 'id', name=op.f('uq_subject_tenant_id')),
    sqlite_autoincrement=True
    )
    op.create_table('tenant',
    sa.Column('id', Identifier, autoincrement=True, nullable=False),
    sa.Column('name', sa.String(), nullable=False),
    sa.Column('region', sa.String(), nullable=False),
    sa.Column('created_at', sa.BigInteger(), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_tenant')),
    sa.UniqueConstraint('name', name=op.f('uq_tenant_name')),
    sqlite_autoincrement=True
    )
    op.create_table('assignment',
    sa.Column('tenant', Identifier, nullable=False),
    sa.Column('ref', sa.String(), nullable=False),
    sa.Column('courier', Identifier, nullable=False),
    sa.Column('stage', sa.String(), nullable=False),
    sa.Column('updated_at', sa.BigInteger(), nullable=False),
    sa.ForeignKeyConstraint(['tenant', 'courier'], ['subject.tenant', 'subject.id'], name=op.f('fk_assignment_tenant_courier_subject'), ondelete='RESTRICT'),
    sa.PrimaryKeyConstraint('tenant', 'ref', name=op.f('pk_assignment'))
    )
    with op.batch_alter_table('assignment', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_assignment_tenant_courier'), ['tenant', 'courier'], unique=False)

    op.create_table('audit_entry',
    sa.Column('id', Identifier, autoincrement=True, nullable=False),
    sa.Column('tenant', Identifier, nullable=False),
    sa.Column('act', sa.LargeBinary(), nullable=False),
    sa.Column('part', sa.Integer(), nullable=False),
    sa.Column('body', sa.LargeBinary(), nullable=False),
    sa.Column('leaf', sa.LargeBinary(), nullable=False),
    sa.ForeignKeyConstraint(['tenant', 'act'], ['audit_act.tenant', 'audit_act.id'], name=op.f('fk_audit_entry_tenant_act_audit_act')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_audit_entry')),
    sa.UniqueConstraint('tenant', 'act', 'part', name=op.f('uq_audit_entry_tenant_act_part')),
    sqlite_autoincrement=True
    )
    op.create_table('credential',
    sa.Column('id', Identifier, autoincrement=True, nullable=False),
    sa.Column('tenant', Identifier, nullable=False),
    sa.Column('name', sa.String(), nullable=False),
    sa.Column('role', sa.String(), nullable=False),
    sa.Column('scopes', sa.String(), nullable=False),
    sa.Column('test', sa.Boolean(), nullable=False),
    sa.Column('bootstrap', sa.Boolean(), nullable=False),
    sa.Column('created_at', sa.BigInteger(), nullable=False),
    sa.Column('expires_at', sa.BigInteger(), nullable=True),
    sa.Column('revoked_at', sa.BigInteger(), nullable=True),
    sa.ForeignKeyConstraint(['tenant'], ['tenant.id'], name=op.f('fk_credential_tenant_tenant')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_credential')),
    sa.UniqueConstraint('tenant', 'id', name=op.f('uq_credential_tenant_id')),
    sqlite_autoincrement=True
    )
    with op.batch_alter_table('credential', schema=None) as batch_op:
        batch_op.create_index('uq_credential_live_name', ['tenant', 'name'], unique=True, sqlite_where=sa.text('revoked_at IS NULL'), postgresql_where=sa.text('revoked_at IS NULL'))

    op.create_table('idempotency_subject',
    sa.Column('tenant', Identifier, nullable=False),
    sa.Column('subject', Identifier, nullable=False),
    sa.Column('credential', Identifier, nullable=False),
    sa.Column('route', sa.String(), nullable=False),
    sa.Column('key', sa.LargeBinary(), nullable=False),
    sa.ForeignKeyConstraint(['tenant', 'credential', 'route', 'key'], ['idempotency.tenant', 'idempotency.credential', 'idempotency.route', 'idempotency.key'], name=op.f('fk_idempotency_subject_tenant_credential_route_key_idempotency'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('tenant', 'subject', 'credential', 'route', 'key', name=op.f('pk_idempotency_subject')),
    sqlite_with_rowid=False
    )
    with op.batch_alter_table('idempotency_subject', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_idempotency_subject_tenant_credential_route_key'), ['tenant', 'credential', 'route', 'key'], unique=False)

    op.create_table('kek',
    sa.Column('id', Identifier, autoincrement=True, nullable=False),
    sa.Column('tenant', Identifier, nullable=False),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.Column('root', Identifier, nullable=False),
    sa.Column('wrapped', sa.LargeBinary(), nullable=False),
    sa.Column('state', sa.String(), nullable=False),
    sa.Column('created_at', sa.BigInteger(), nullable=False),
    sa.ForeignKeyConstraint(['root'], ['keyring_root.id'], name=op.f('fk_kek_root_keyring_root'), ondelete='RESTRICT'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_kek')),
    sa.UniqueConstraint('tenant', 'id', name=op.f('uq_kek_tenant_id')),
    sa.UniqueConstraint('tenant', 'version', name=op.f('uq_kek_tenant_version')),
    sqlite_autoincrement=True
    )
    op.create_table('purpose_key',
    sa.Column('id', Identifier, autoincrement=True, nullable=False),
    sa.Column('tenant', Identifier, nullable=False),
    sa.Column('usage', sa.String(), nullable=False),
    sa.Column('scope', sa.String(), nullable=False),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.Column('root', Identifier, nullable=False),
    sa.Column('wrapped', sa.LargeBinary(), nullable=False),
    sa.Column('state', sa.String(), nullable=False),
    sa.Column('created_at', sa.BigInteger(), nullable=False),
    sa.ForeignKeyConstraint(['root'], ['keyring_root.id'], name=op.f('fk_purpose_key_root_keyring_root'), ondelete='RESTRICT'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_purpose_key')),
    sa.UniqueConstraint('tenant', 'usage', 'scope', 'version', name=op.f('uq_purpose_key_tenant_usage_scope_version')),
    sqlite_autoincrement=True
    )
    op.create_table('record',
    sa.Column('id', Identifier, autoincrement=True, nullable=False),
    sa.Column('tenant', Identifier, nullable=False),
    sa.Column('subject', Identifier, nullable=False),
    sa.Column('kind', sa.Integer(), nullable=False),
    sa.Column('format', sa.Integer(), nullable=False),
    sa.Column('fingerprint', sa.LargeBinary(), nullable=True),
    sa.Column('sealed', sa.LargeBinary(), nullable=False),
    sa.Column('token_version', sa.Integer(), nullable=False),
    sa.Column('serial', Identifier, nullable=True),
    sa.Column('expires_at', sa.BigInteger(), nullable=True),
    sa.Column('uses_left', sa.Integer(), nullable=True),
    sa.Column('created_at', sa.BigInteger(), nullable=False),
    sa.ForeignKeyConstraint(['tenant', 'subject'], ['subject.tenant', 'subject.id'], name=op.f('fk_record_tenant_subject_subject'), ondelete='RESTRICT'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_record')),
    sa.UniqueConstraint('tenant', 'id', name=op.f('uq_record_tenant_id')),
    sa.UniqueConstraint('tenant', 'subject', 'kind', 'format', 'fingerprint', name=op.f('uq_record_tenant_subject_kind_format_fingerprint')),
    sqlite_autoincrement=True
    )
    with op.batch_alter_table('record', schema=None) as batch_op:
        batch_op.create_index('ix_record_expiry', ['expires_at'], unique=False, sqlite_where=sa.text('expires_at IS NOT NULL'), postgresql_where=sa.text('expires_at IS NOT NULL'))
        batch_op.create_index('uq_record_serial', ['tenant', 'kind', 'token_version', 'serial'], unique=True, sqlite_where=sa.text('serial IS NOT NULL'), postgresql_where=sa.text('serial IS NOT NULL'))

    op.create_table('shredding',
    sa.Column('id', Identifier, autoincrement=True, nullable=False),
    sa.Column('tenant', Identifier, nullable=False),
    sa.Column('subject', Identifier, nullable=False),
    sa.Column('reason', sa.String(), nullable=False),
    sa.Column('asked_at', sa.BigInteger(), nullable=False),
    sa.Column('destroyed_at', sa.BigInteger(), nullable=True),
    sa.ForeignKeyConstraint(['tenant', 'subject'], ['subject.tenant', 'subject.id'], name=op.f('fk_shredding_tenant_subject_subject'), ondelete='RESTRICT'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_shredding')),
    sa.UniqueConstraint('tenant', 'subject', name=op.f('uq_shredding_tenant_subject')),
    sqlite_autoincrement=True
    )
    op.create_table('credential_secret',
    sa.Column('tenant', Identifier, nullable=False),
    sa.Column('credential', Identifier, nullable=False),
    sa.Column('digest', sa.LargeBinary(), nullable=False),
    sa.Column('ends_at', sa.BigInteger(), nullable=True),
    sa.ForeignKeyConstraint(['tenant', 'credential'], ['credential.tenant', 'credential.id'], name=op.f('fk_credential_secret_tenant_credential_credential')),
    sa.PrimaryKeyConstraint('tenant', 'credential', 'digest', name=op.f('pk_credential_secret')),
    sa.UniqueConstraint('digest', name=op.f('uq_credential_secret_digest'))
    )
    op.create_table('dek',
    sa.Column('tenant', Identifier, nullable=False),
    sa.Column('subject', Identifier, nullable=False),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.Column('kek', Identifier, nullable=False),
    sa.Column('wrapped', sa.LargeBinary(), nullable=False),
    sa.ForeignKeyConstraint(['tenant', 'kek'], ['kek.tenant', 'kek.id'], name=op.f('fk_dek_tenant_kek_kek'), ondelete='RESTRICT'),
    sa.PrimaryKeyConstraint('tenant', 'subject', name=op.f('pk_dek'))
    )
    with op.batch_alter_table('dek', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_dek_tenant_kek'), ['tenant', 'kek'], unique=False)

    op.create_table('record_use',
    sa.Column('tenant', Identifier, nullable=False),
    sa.Column('record', Identifier, nullable=False),
    sa.Column('purpose', sa.String(), nullable=False),
    sa.Column('ref', sa.String(), nullable=False),
    sa.Column('since', sa.BigInteger(), nullable=False),
    sa.ForeignKeyConstraint(['tenant', 'record'], ['record.tenant', 'record.id'], name=op.f('fk_record_use_tenant_record_record'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('tenant', 'record', 'purpose', 'ref', name=op.f('pk_record_use')),
    sqlite_with_rowid=False
    )
    op.create_table('search_index',
    sa.Column('tenant', Identifier, nullable=False),
    sa.Column('kind', sa.Integer(), nullable=False),
    sa.Column('epoch', sa.Integer(), nullable=False),
    sa.Column('fingerprint', sa.LargeBinary(), nullable=False),
    sa.Column('record', Identifier, nullable=False),
    sa.ForeignKeyConstraint(['tenant', 'record'], ['record.tenant', 'record.id'], name=op.f('fk_search_index_tenant_record_record'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('tenant', 'kind', 'epoch', 'fingerprint', 'record', name=op.f('pk_search_index')),
    sqlite_with_rowid=False
    )
    with op.batch_alter_table('search_index', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_search_index_tenant_record'), ['tenant', 'record'], unique=False)

    op.create_table('subject_field',
    sa.Column('tenant', Identifier, nullable=False),
    sa.Column('subject', Identifier, nullable=False),
    sa.Column('field', sa.String(), nullable=False),
    sa.Column('record', Identifier, nullable=False),
    sa.Column('purpose', sa.String(), nullable=False),
    sa.Column('updated_at', sa.BigInteger(), nullable=False),
    sa.ForeignKeyConstraint(['tenant', 'record'], ['record.tenant', 'record.id'], name=op.f('fk_subject_field_tenant_record_record'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['tenant', 'subject'], ['subject.tenant', 'subject.id'], name=op.f('fk_subject_field_tenant_subject_subject'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('tenant', 'subject', 'field', name=op.f('pk_subject_field'))
    )
    with op.batch_alter_table('subject_field', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_subject_field_tenant_record'), ['tenant', 'record'], unique=False)

    protect(
        "audit_act",
        "disclosure_budget",
        "idempotency",
        "keyring_epoch",
        "preserving_serial",
        "subject",
        "assignment",
        "audit_entry",
        "credential",
        "idempotency_subject",
        "kek",
        "purpose_key",
        "record",
        "shredding",
        "credential_secret",
        "dek",
        "record_use",
        "search_index",
        "subject_field",
    )
    protect("tenant", column="id")


def downgrade() -> None:
    with op.batch_alter_table('subject_field', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_subject_field_tenant_record'))

    op.drop_table('subject_field')
    with op.batch_alter_table('search_index', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_search_index_tenant_record'))

    op.drop_table('search_index')
    op.drop_table('record_use')
    with op.batch_alter_table('dek', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_dek_tenant_kek'))

    op.drop_table('dek')
    op.drop_table('credential_secret')
    op.drop_table('shredding')
    with op.batch_alter_table('record', schema=None) as batch_op:
        batch_op.drop_index('uq_record_serial', sqlite_where=sa.text('serial IS NOT NULL'), postgresql_where=sa.text('serial IS NOT NULL'))
        batch_op.drop_index('ix_record_expiry', sqlite_where=sa.text('expires_at IS NOT NULL'), postgresql_where=sa.text('expires_at IS NOT NULL'))

    op.drop_table('record')
    op.drop_table('purpose_key')
    op.drop_table('kek')
    with op.batch_alter_table('idempotency_subject', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_idempotency_subject_tenant_credential_route_key'))

    op.drop_table('idempotency_subject')
    with op.batch_alter_table('credential', schema=None) as batch_op:
        batch_op.drop_index('uq_credential_live_name', sqlite_where=sa.text('revoked_at IS NULL'), postgresql_where=sa.text('revoked_at IS NULL'))

    op.drop_table('credential')
    op.drop_table('audit_entry')
    with op.batch_alter_table('assignment', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_assignment_tenant_courier'))

    op.drop_table('assignment')
    op.drop_table('tenant')
    op.drop_table('subject')
    op.drop_table('preserving_serial')
    op.drop_table('keyring_root')
    op.drop_table('keyring_epoch')
    with op.batch_alter_table('idempotency', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_idempotency_created_at'))

    op.drop_table('idempotency')
    op.drop_table('disclosure_budget')
    with op.batch_alter_table('audit_act', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_audit_act_tenant_request'))

    op.drop_table('audit_act')
