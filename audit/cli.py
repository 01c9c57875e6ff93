"""`moat audit`: check the log that a deployment has stored, show and rotate its keys, continue in a new log."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from functools import partial
from pathlib import Path
from typing import Any, Protocol, TextIO

import click
from moat_verifier.cli import run as verify_files

from audit.errors import AuditError
from audit.export_cli import export_command
from audit.host import LogHost
from audit.verification import verify
from audit.witness_cli import witness_command
from database.engine import Database

OpenDatabase = Callable[[Path | None, str | None], Database]


class OpenHost(Protocol):
    """Opens the log of a deployment at its host; what is not given comes from the settings."""

    def __call__(
        self, *, data: Path | None, keys: Path | None, database: str | None, audit_anchor: tuple[str, ...] = ()
    ) -> AbstractContextManager[LogHost]: ...


def audit_group(open_database: OpenDatabase, open_host: OpenHost) -> click.Group:
    """The `audit` commands over a database that is opened when a command runs."""

    @click.group("audit")
    def audit() -> None:
        """Check the audit log, and look after its keys."""

    audit.add_command(_verify(open_database))
    audit.add_command(_key(open_host))
    audit.add_command(_restart(open_host))
    audit.add_command(export_command)
    audit.add_command(witness_command())
    return audit


def _verify(open_database: OpenDatabase) -> click.Command:
    @click.command("verify", context_settings={"ignore_unknown_options": True})
    @click.option("--data", type=click.Path(exists=True, file_okay=False, path_type=Path), help="Data directory.")
    @click.option("--database", help="PostgreSQL URL instead of a data directory.")
    @click.argument("target", nargs=-1, type=click.UNPROCESSED)
    @click.pass_context
    def command(context: click.Context, /, data: Path | None, database: str | None, target: tuple[str, ...]) -> None:
        """Check a log: the stored one, or what TARGET and its options name as in moat-verify (see moat-verify --help).

        Of the stored log, recompute every leaf, and match acts and entries one to one. TARGET is an export, a proof, or the
        directory or address of a log's files.

        Exit status: 0 everything fits, 1 something does not, 2 it cannot be checked, as when no key is given for TARGET.
        """
        if target:
            if data is not None or database is not None:
                raise click.UsageError("a TARGET stands by itself")
            context.exit(verify_files(target, program="moat audit verify"))
        opened = open_database(data, database)
        try:
            verdict = verify(opened)
        finally:
            opened.dispose()
        for divergence in verdict.divergences:
            click.echo(f"{divergence.where}: {divergence.why}")
        if verdict.divergences:
            click.echo(f"TAMPERED OR DAMAGED: {len(verdict.divergences)} divergences")
            context.exit(1)
        click.echo(f"verified: {verdict.entries} entries of {verdict.acts} acts")

    return command


def _key(open_host: OpenHost) -> click.Command:
    @click.command("key")
    @click.option("--rotate", is_flag=True, help="Make a new key, which signs beside the present one from now on.")
    @click.option("--export", is_flag=True, help="The key that signs exports, instead of the log's own.")
    @_located
    def key(rotate: bool, export: bool, **where: Any) -> None:
        """Print the log's verifier keys, the newest first, for auditors to pin.

        A new key is announced by an entry of the log. The one before it keeps signing until the next rotation.
        """
        with _spoken_errors(), open_host(**where) as host:
            if rotate:
                (host.rotate_export if export else host.rotate)()
            for verifier, signs in host.verifier_keys(export=export):
                click.echo(f"{verifier}{'' if signs else '  (retired)'}")

    return key


def _restart(open_host: OpenHost) -> click.Command:
    file = partial(click.option, type=click.File("r", encoding="ascii"), required=True)

    @click.command("restart")
    @file("--first", help="File with the credential of one person who decides this.")
    @file("--second", help="File with the credential of another.")
    @click.option("--audit-anchor", multiple=True, help="As given to moat serve.")
    @_located
    def restart(first: TextIO, second: TextIO, audit_anchor: tuple[str, ...], **where: Any) -> None:
        """Continue in a new log, after the database was restored to an older state and nothing newer can be had.

        The new log's first entry says where the old one ended, as far as its files, the database and the anchors know, and who
        decided. What the old log says stays provable by its files: keep them.
        """
        with _spoken_errors(), open_host(**where, audit_anchor=audit_anchor) as host:
            deciders = [host.decider(given.read()) for given in (first, second)]
            known, origin = host.restart.begin(*deciders)
        click.echo(f"{known.origin} ended at {known.size} entries as far as is known; {origin} continues it")

    return restart


def _located(command: Callable[..., None]) -> Callable[..., None]:
    for option in (
        click.option("--database", help="PostgreSQL URL instead of the embedded database."),
        click.option("--keys", type=click.Path(file_okay=False, path_type=Path), help="Directory of the root key."),
        click.option("--data", type=click.Path(file_okay=False, path_type=Path), help="Data directory."),
    ):
        command = option(command)
    return command


@contextmanager
def _spoken_errors() -> Iterator[None]:
    """Refusals in one line."""
    try:
        yield
    except (AuditError, OSError) as error:
        raise click.ClickException(str(error)) from None
