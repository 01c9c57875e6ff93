"""Bringing a deployment into being: its directories and its schema. What is there is left as it is.

The first root key is made when the roots are opened for the first time (`vault.custody.roots`).
"""

import click
from sqlalchemy.engine import make_url

from migrations.schema import SchemaState, SchemaTooNewError, migrate, state
from settings import Settings
from web.directories import make_private


def prepare(chosen: Settings) -> None:
    """Bring directories and schema into being; what is there is left as it is.

    Raises:
        click.ClickException: something is in the way, in one line that names the remedy.
    """
    make_private(chosen.data)
    make_private(chosen.keys)
    if chosen.shred_ledger is not None:
        make_private(chosen.shred_ledger)
    _prepare_schema(chosen)


def _prepare_schema(chosen: Settings) -> None:
    url = make_url(chosen.database_url)
    found = state(url)
    if found is SchemaState.NEWER:
        raise click.ClickException(str(SchemaTooNewError()))
    if found is not SchemaState.CURRENT:
        if not chosen.on_sqlite:
            raise click.ClickException(f"the schema is {found.value}: run `moat migrate --database URL` first")
        migrate(url)
