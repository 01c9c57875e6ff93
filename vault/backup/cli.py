"""`moat backup`: make both halves of a backup, look whether they are good, and put them back into an empty database."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol, TypeVar

import click

from database.columns import rfc3339
from vault.backup.halves import Half
from vault.backup.making import Kept, Made
from vault.backup.restoring import Archives, Checked
from vault.backup.words import backup_line, ledger_line
from vault.errors import BackupError, LedgerError

DAY_MS = 86_400_000

Command = TypeVar("Command", bound=Callable[..., Any])

_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)
_DIRECTORY = click.Path(file_okay=False, path_type=Path)
_WHERE = (
    click.option("--data", type=_DIRECTORY, help="The data directory of the deployment."),
    click.option("--keys", type=_DIRECTORY, help="Its keys directory."),
    click.option("--database", help="Its PostgreSQL database."),
)
_ARCHIVES = (
    click.argument("data_half", type=_FILE),
    click.argument("keyring_half", type=_FILE),
    click.option(
        "--identity",
        "identities",
        type=_FILE,
        multiple=True,
        required=True,
        help="File of age identities; for each half its own.",
    ),
)

AFTER_RESTORE = """\
The audit log stands still now: its files (data/audit), and whoever keeps its checkpoints, know entries that this database has
not. Have those files beside the database, or an anchor, before the first start: without either nothing tells that a second
history begins. Look at what is missing, then let two persons open the next log, which begins by naming the last one known:

  moat audit restart

Tokens that were given out after the backup answer not_found, and nobody else will ever get one of them."""


@dataclass(frozen=True, slots=True)
class BackupHost:
    """What the commands work with."""

    make: Callable[[Path, Mapping[Half, Kept]], list[Made]]
    check: Callable[[Archives], Checked]
    restore: Callable[[Archives], tuple[Checked, int]]


class OpenBackups(Protocol):
    """Opens a deployment for an operator on its host; what is not given comes from the settings."""

    def __call__(
        self, *, data: Path | None, keys: Path | None, database: str | None
    ) -> AbstractContextManager[BackupHost]: ...


def backup_group(opened: OpenBackups) -> click.Group:
    """The commands, over what opens a deployment."""
    group = click.Group(
        "backup", help="Make backups, keyring and data apart; look whether they are good; put them back."
    )
    group.add_command(_create(opened))
    group.add_command(_verify(opened))
    group.add_command(_restore(opened))
    return group


def _create(opened: OpenBackups) -> click.Command:
    @click.command()
    @click.argument("directory", type=click.Path(exists=True, file_okay=False, path_type=Path))
    @click.option("--keyring-recipient", "keyring", multiple=True, required=True, help="age1…: opens the keyring half.")
    @click.option("--data-recipient", "data_to", multiple=True, required=True, help="age1…: opens the data half.")
    @click.option("--keyring-days", default=30, show_default=True, type=click.IntRange(1, 3_650))
    @click.option("--data-days", default=30, show_default=True, type=click.IntRange(1, 3_650))
    @_with(*_WHERE)
    def create(
        directory: Path,
        keyring: tuple[str, ...],
        data_to: tuple[str, ...],
        keyring_days: int,
        data_days: int,
        **where: Any,
    ) -> None:
        """Write both halves of a backup into DIRECTORY while the service goes on.

        Each is kept for so many days and must be deleted then: an erasure is complete when no keyring half that knew the
        person's key is left. Keep the two in different places, with different people.
        """
        kept = {Half.KEYRING: Kept(keyring, keyring_days * DAY_MS), Half.DATA: Kept(data_to, data_days * DAY_MS)}
        with _spoken(), opened(**where) as host:
            for made in host.make(directory, kept):
                click.echo(f"{made.path}  {made.rows} rows, delete at {rfc3339(made.until)}")

    return create


def _verify(opened: OpenBackups) -> click.Command:
    @click.command()
    @_with(*_ARCHIVES, *_WHERE)
    def verify(data_half: Path, keyring_half: Path, identities: tuple[Path, ...], **where: Any) -> None:
        """Read both halves to their ends and tell whether they are whole, signed, and made together."""
        with _spoken(), opened(**where) as host:
            checked = host.check(Archives(keyring_half, data_half, _identities(identities)))
        header = checked.data.header
        click.echo(
            f"good: backup {header.backup} of {rfc3339(header.at)}, schema {header.revision}, "
            f"{checked.keyring.rows} rows of the keyring, {checked.data.rows} rows of data"
        )

    return verify


def _restore(opened: OpenBackups) -> click.Command:
    @click.command()
    @_with(*_ARCHIVES, *_WHERE)
    def restore(data_half: Path, keyring_half: Path, identities: tuple[Path, ...], **where: Any) -> None:
        """Put a backup back into an empty database. Needs the keys directory with its root key and shred ledger.

        Everything is checked first. Whoever was erased since the backup is erased again before anything is served.
        """
        with _spoken(), opened(**where) as host:
            checked, destroyed = host.restore(Archives(keyring_half, data_half, _identities(identities)))
        header = checked.data.header
        click.echo(f"restored {checked.data.rows} rows of {rfc3339(header.at)}; {destroyed} erasures were done again")
        click.echo(AFTER_RESTORE)

    return restore


def _identities(files: tuple[Path, ...]) -> list[str]:
    lines = [line.strip() for file in files for line in file.read_text("utf-8").splitlines()]
    return [line for line in lines if line and not line.startswith("#")]


@contextmanager
def _spoken() -> Iterator[None]:
    """Refusals in one line."""
    try:
        yield
    except BackupError as error:
        raise click.ClickException(backup_line(error)) from None
    except LedgerError as error:
        raise click.ClickException(ledger_line(error)) from None
    except OSError as error:
        raise click.ClickException(f"{error.filename or 'a file'}: {error.strerror or 'cannot be used'}") from None


def _with(*decorators: Callable[[Command], Command]) -> Callable[[Command], Command]:
    def decorate(command: Command) -> Command:
        for decorator in reversed(decorators):
            command = decorator(command)
        return command

    return decorate
