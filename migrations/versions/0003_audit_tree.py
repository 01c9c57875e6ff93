"""audit tree: indexes, checkpoints and the publisher's lease

Revision ID: 0003
Revises: 0002

Code of the revision before this one may still be running while it is applied: it appends entries, and they get their index later.
"""

import sqlalchemy as sa
from alembic import op

from database.columns import Identifier


revision = '0003'
down_revision = '0002'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('audit_origin',
    sa.Column('log', Identifier, autoincrement=False, nullable=False),
    sa.Column('origin', sa.String(), nullable=False),
    sa.Column('opened_at', sa.BigInteger(), nullable=False),
    sa.PrimaryKeyConstraint('log', name=op.f('pk_audit_origin')),
    sa.UniqueConstraint('origin', name=op.f('uq_audit_origin_origin'))
    )
    op.create_table('audit_head',
    sa.Column('id', Identifier, autoincrement=False, nullable=False),
    sa.Column('holder', sa.String(), nullable=False),
    sa.Column('fence', Identifier, nullable=False),
    sa.Column('expires_at', sa.BigInteger(), nullable=False),
    sa.Column('log', Identifier, nullable=False),
    sa.Column('size', Identifier, nullable=False),
    sa.Column('settled', Identifier, nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_audit_head'))
    )
    op.create_table('audit_leaf',
    sa.Column('entry', Identifier, autoincrement=False, nullable=False),
    sa.Column('log', Identifier, nullable=False),
    sa.Column('leaf_index', Identifier, nullable=False),
    sa.PrimaryKeyConstraint('entry', name=op.f('pk_audit_leaf')),
    sa.UniqueConstraint('log', 'leaf_index', name=op.f('uq_audit_leaf_log_leaf_index'))
    )
    op.create_table('audit_checkpoint',
    sa.Column('log', Identifier, nullable=False),
    sa.Column('size', Identifier, nullable=False),
    sa.Column('note', sa.LargeBinary(), nullable=False),
    sa.Column('published', sa.LargeBinary(), nullable=True),
    sa.Column('at', sa.BigInteger(), nullable=False),
    sa.ForeignKeyConstraint(['log'], ['audit_origin.log'], name=op.f('fk_audit_checkpoint_log_audit_origin')),
    sa.PrimaryKeyConstraint('log', 'size', name=op.f('pk_audit_checkpoint'))
    )


def downgrade() -> None:
    op.drop_table('audit_checkpoint')
    op.drop_table('audit_leaf')
    op.drop_table('audit_head')
    op.drop_table('audit_origin')
