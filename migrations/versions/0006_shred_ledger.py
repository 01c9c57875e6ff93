"""shred ledger: how far the database has come, and what a receipt says beside the time

Revision ID: 0006
Revises: 0005

Code of the revision before this one may still be running while it is applied. What it destroys stands in no ledger.
"""

import sqlalchemy as sa
from alembic import op

from database.columns import Identifier

revision = '0006'
down_revision = '0005'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('shred_ledger',
    sa.Column('id', Identifier, autoincrement=False, nullable=False),
    sa.Column('ledger', sa.LargeBinary(), nullable=False),
    sa.Column('lines', Identifier, nullable=False),
    sa.Column('digest', sa.LargeBinary(), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_shred_ledger'))
    )
    op.add_column('shredding', sa.Column('kek', Identifier, nullable=True))
    op.add_column('shredding', sa.Column('line', Identifier, nullable=True))


def downgrade() -> None:
    op.drop_column('shredding', 'line')
    op.drop_column('shredding', 'kek')
    op.drop_table('shred_ledger')
