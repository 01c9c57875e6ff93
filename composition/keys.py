"""The keepers of the root keys, as the settings name them."""

from collections.abc import Callable
from datetime import datetime

import click

from database.engine import Database
from settings import Settings
from vault.custody.roots import Roots
from vault.custody.seal import Seal
from vault.errors import KeysUnavailableError, RootKeyError
from vault.ports import KeyProvider
from vault.providers.file import FILE_NAME, FileKeyProvider

_FILE_REMEDIES = {
    "missing": "{path} is missing, and the database was sealed under it: put it back from its backup",
    "damaged": "{path} cannot be read as a root key: put it back from its backup",
    "readable_by_others": "others may read {path}: chmod 600 it",
    "other_database": "{path} is not the root key that this database was sealed under; nothing was changed",
}
_OTHER_PROVIDER = (
    "this database's keys are kept by the key provider {provider}, which is not configured; nothing was changed: "
    "give --key-provider {provider}, or --key-provider-from {provider} beside another"
)


def key_providers(chosen: Settings) -> list[KeyProvider]:
    """Every configured keeper of root keys; the first is the one of a new database."""
    return [FileKeyProvider(chosen.keys)]


def roots_of(chosen: Settings, database: Database, now: Callable[[], datetime]) -> Roots:
    """The root keys of a deployment, not proved yet."""
    return Roots(database, key_providers(chosen), now, Seal(chosen.keys_kept_seconds))


def proved_roots(chosen: Settings, database: Database, now: Callable[[], datetime]) -> Roots:
    """The same for a command that an operator waits for.

    Raises:
        click.ClickException: they cannot be used, in one line.
    """
    roots = roots_of(chosen, database, now)
    try:
        roots.open()
    except RootKeyError as error:
        raise click.ClickException(root_key_line(chosen, error)) from None
    except KeysUnavailableError as error:
        raise click.ClickException(f"the key provider does not answer ({error.cause})") from None
    roots.seal.proved()
    return roots


def root_key_line(chosen: Settings, error: RootKeyError) -> str:
    """Why the root key cannot be used, and the way out."""
    if error.cause == "other_provider":
        return _OTHER_PROVIDER.format(provider=error.provider)
    return _FILE_REMEDIES[error.cause].format(path=chosen.keys / FILE_NAME)
