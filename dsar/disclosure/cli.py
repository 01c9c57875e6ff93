"""`moat dsar check-package`: check an opened package, anywhere. `moat dsar package-keys`: print the keys for it, on the service's
host. `moat dsar package`: look at a package, by a service (MOAT_URL and MOAT_TOKEN)."""

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any, Protocol
from uuid import UUID

import click

from audit.checkpoint import VerifierKey
from audit.errors import AuditError
from dsar.disclosure.checking import check
from dsar.disclosure.errors import CheckError
from work.cli import connected

_CAUSES = {
    "not_an_archive": "this is no archive: open the package with age first",
    "incomplete": "the manifest, its signature or the proof is missing",
    "malformed": "the manifest or its signature is not of this form",
    "unsigned": "none of the given keys has signed it, or the signature was changed",
    "other_manifest": "the signature is of another manifest",
    "other_entry": "the entry of the log is about something else",
    "not_in_log": "the proof does not lead to a log of the given key",
    "not_listed": "there is a file that the manifest does not name, or one of its files is missing",
    "changed": "a file is not the one that was signed",
}
_DIRECTORY = click.Path(file_okay=False, path_type=Path)


class OpenKeys(Protocol):
    """Opens a deployment for an operator on its host and gives the keys that check its packages, the newest first."""

    def __call__(
        self, *, data: Path | None, keys: Path | None, database: str | None
    ) -> AbstractContextManager[Callable[[], Sequence[VerifierKey]]]: ...


def package_commands(opened: OpenKeys) -> Sequence[click.Command]:
    """The commands, over what opens a deployment."""
    return _check, _keys(opened), _show


@click.command("check-package")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--vkey", "vkeys", multiple=True, required=True, help="Key of the issuer: moat dsar package-keys.")
@click.option("--log-vkey", "log_vkeys", multiple=True, required=True, help="Key of the issuer's log: moat audit key.")
def _check(file: Path, vkeys: tuple[str, ...], log_vkeys: tuple[str, ...]) -> None:
    """Check the opened package FILE (a ZIP) without any service. Exit status: 0 it holds, 1 it does not."""
    try:
        keys, log_keys = ([VerifierKey.parse(text) for text in texts] for texts in (vkeys, log_vkeys))
    except AuditError:
        raise click.UsageError("a key is a verifier key such as log.example.com/moat/1/disclosure+…") from None
    try:
        found = check(file, keys, log_keys)
    except CheckError as error:
        raise click.ClickException(_CAUSES[error.cause]) from None
    click.echo(f"verified: {found.issuer} made this package on {found.created}")
    click.echo(f"request {found.request} ({found.right}), {found.members} files, entry {found.index} of the log")


@click.command("package")
@click.argument("request", type=click.UUID)
@click.option("--again", is_flag=True, help="Have it made anew, with other keys: for somebody who lost the passphrase.")
@click.option("--link", is_flag=True, help="Send the person another link.")
def _show(request: UUID, again: bool, link: bool) -> None:
    """Show what is known of the package of REQUEST, never what is in it."""
    with connected() as moat:
        if again:
            click.echo(f"it is made again by job {moat.packages.make_again(str(request))}")
        elif link:
            sent = moat.packages.send_link(str(request))
            click.echo("the person cannot be reached" if sent is None else f"a new link has been sent by {sent}")
        else:
            for name, value in moat.packages.get(str(request)).whole.items():
                click.echo(f"{name:<11}{'' if value is None else value}")


def _keys(opened: OpenKeys) -> click.Command:
    @click.command("package-keys")
    @click.option("--data", type=_DIRECTORY, help="The data directory of the deployment.")
    @click.option("--keys", "keys_directory", type=_DIRECTORY, help="Its keys directory.")
    @click.option("--database", help="Its PostgreSQL database.")
    def keys(data: Path | None, keys_directory: Path | None, database: str | None) -> None:
        """Print the keys that packages of this deployment are checked with, the newest first."""
        where: dict[str, Any] = {"data": data, "keys": keys_directory, "database": database}
        with opened(**where) as listed:
            for key in listed():
                click.echo(str(key))

    return keys
