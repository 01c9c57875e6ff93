"""Backups of a deployment, for an operator on its host."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import click
from sqlalchemy.engine import make_url

import settings
from audit.entry import Act, Action, Actor, ActorKind
from audit.event_id import uuid7
from audit.log import AuditLog
from composition.clock import utc_now
from composition.erasure import LISTENERS
from composition.foundation import VERSION, shred_ledger
from composition.keys import root_key_line, roots_of
from database.columns import millis
from database.engine import Database
from migrations.schema import known, migrate
from settings import Settings
from vault.backup.cli import BackupHost
from vault.backup.making import SYSTEM, BackupMaker
from vault.backup.places import Place, PostgresqlPlace, SqlitePlace
from vault.backup.restoring import Archives, Checked, Surroundings, check, restore
from vault.destruction import Destruction
from vault.errors import KeysUnavailableError, RootKeyError
from vault.keyring import Keyring
from web.directories import make_private, only_one

_OPERATOR = Actor(ActorKind.OPERATOR)


@contextmanager
def opened_backups(*, data: Path | None, keys: Path | None, database: str | None) -> Iterator[BackupHost]:
    """What makes, checks and restores backups of one deployment."""
    chosen = settings.load(data=data, keys=keys, database=database)
    ledger = shred_ledger(chosen)
    opened = Database(chosen.database_url, pool_size=2)
    maker = BackupMaker(opened, ledger, AuditLog(), utc_now, f"moat-privacy {VERSION}")
    try:
        yield BackupHost(
            make=lambda directory, kept: maker.make(directory, kept, _OPERATOR),
            check=lambda archives: check(archives, ledger),
            restore=lambda archives: _restore(chosen, archives),
        )
    except RootKeyError as error:
        raise click.ClickException(root_key_line(chosen, error)) from None
    except KeysUnavailableError as error:
        raise click.ClickException(f"the key provider does not answer ({error.cause}); nothing was changed") from None
    finally:
        opened.dispose()


def _restore(chosen: Settings, archives: Archives) -> tuple[Checked, int]:
    """Put a backup back, with nobody else at work in the data directory."""
    with ExitStack() as held:
        if chosen.on_sqlite:
            make_private(chosen.data)
            held.enter_context(only_one(chosen.data))
        proving = Database(chosen.database_url, pool_size=1)
        held.callback(proving.dispose)
        around = Surroundings(
            ledger=shred_ledger(chosen),
            place=_place(chosen),
            knows=known,
            prove=roots_of(chosen, proving, utc_now).prove_one,
            prepare=_prepare,
            finish=lambda url: _finish(chosen, url),
        )
        return restore(archives, around)


def _place(chosen: Settings) -> Place:
    url = make_url(chosen.database_url)
    if chosen.on_sqlite:
        return SqlitePlace(Path(url.database or ""), _prepare)
    address = url.set(drivername="postgresql").render_as_string(hide_password=False)
    return PostgresqlPlace(chosen.database_url, address, _prepare)


def _prepare(url: str, revision: str) -> None:
    migrate(make_url(url), revision)


def _finish(chosen: Settings, url: str) -> int:
    """Erase again, mint new token keys, and say in the log that the database was put back."""
    database, log = Database(url, pool_size=2), AuditLog()
    try:
        roots = roots_of(chosen, database, utc_now)
        roots.open()
        destroyed = Destruction(database, shred_ledger(chosen), log, utc_now, LISTENERS).catch_up()
        roots.seal.proved()
        Keyring(database, roots, log, utc_now).renew_token_keys()
        at = millis(utc_now())
        act = Act(Action.BACKUP_RESTORE, _OPERATOR, SYSTEM, at, str(uuid7(at)))
        database.write(None, lambda tx: log.append(tx, act))
        return destroyed
    finally:
        database.dispose()
