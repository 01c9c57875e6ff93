"""Bringing a deployment into being: its directories, its schema and its root key. What is there is left as it is."""

import click
from sqlalchemy.engine import make_url

from database.engine import Database
from migrations.schema import SchemaState, SchemaTooNewError, migrate, state
from settings import Settings
from vault.keyring import Keyring
from vault.providers.file import FILE_NAME, create_root_key
from web.directories import make_private


def prepare(chosen: Settings) -> None:
    """Bring directories, root key, schema and the default tenant into being; what is there is left as it is.

    Raises:
        click.ClickException: something is in the way, in one line that names the remedy.
    """
    make_private(chosen.data)
    make_private(chosen.keys)
    _prepare_schema(chosen)
    _prepare_root_key(chosen)


def _prepare_schema(chosen: Settings) -> None:
    url = make_url(chosen.database_url)
    found = state(url)
    if found is SchemaState.NEWER:
        raise click.ClickException(str(SchemaTooNewError()))
    if found is not SchemaState.CURRENT:
        if not chosen.on_sqlite:
            raise click.ClickException(f"the schema is {found.value}: run `moat migrate --database URL` first")
        migrate(url)


def _prepare_root_key(chosen: Settings) -> None:
    if (chosen.keys / FILE_NAME).exists():
        return
    database = Database(chosen.database_url)
    try:
        if Keyring.exists(database):
            raise click.ClickException(
                f"{chosen.keys / FILE_NAME} is missing, and the database was sealed under it: put it back from its backup"
            )
    finally:
        database.dispose()
    create_root_key(chosen.keys)
