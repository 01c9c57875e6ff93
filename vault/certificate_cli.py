"""`moat certificate`: check a certificate of erasure, anywhere, and print the keys to check it with, on the service's host."""

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any, Protocol

import click

from audit.checkpoint import VerifierKey
from audit.errors import AuditError
from vault.certificate import verify
from vault.errors import CertificateError

_CAUSES = {
    "malformed": "this is no certificate of erasure",
    "unsigned": "none of the given keys has signed it, or it was changed",
}
_DIRECTORY = click.Path(file_okay=False, path_type=Path)


class OpenKeys(Protocol):
    """Opens a deployment for an operator on its host and gives the keys that check its certificates, the newest first."""

    def __call__(
        self, *, data: Path | None, keys: Path | None, database: str | None
    ) -> AbstractContextManager[Callable[[], Sequence[VerifierKey]]]: ...


def certificate_group(opened: OpenKeys) -> click.Group:
    """The commands, over what opens a deployment."""
    group = click.Group("certificate", help="Check certificates of erasure.")
    group.add_command(_verify)
    group.add_command(_keys(opened))
    return group


@click.command("verify")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--vkey", "vkeys", multiple=True, required=True, help="Key of the issuer: moat certificate keys.")
def _verify(file: Path, vkeys: tuple[str, ...]) -> None:
    """Check the certificate in FILE without any service. Exit status: 0 it holds, 1 it does not."""
    try:
        certificate = verify(file.read_bytes(), [VerifierKey.parse(text) for text in vkeys])
    except AuditError:
        raise click.UsageError("--vkey is a verifier key such as log.example.com/moat/1/erasure+…") from None
    except CertificateError as error:
        raise click.ClickException(_CAUSES[error.cause]) from None
    click.echo(f"verified: {certificate.issuer} certifies the erasure of {certificate.subject}")
    click.echo(f"destroyed {certificate.destroyed}, complete on {certificate.complete} ({certificate.rule.value})")


def _keys(opened: OpenKeys) -> click.Command:
    @click.command("keys")
    @click.option("--data", type=_DIRECTORY, help="The data directory of the deployment.")
    @click.option("--keys", "keys_directory", type=_DIRECTORY, help="Its keys directory.")
    @click.option("--database", help="Its PostgreSQL database.")
    def keys(data: Path | None, keys_directory: Path | None, database: str | None) -> None:
        """Print the keys that certificates of this deployment are checked with, the newest first."""
        where: dict[str, Any] = {"data": data, "keys": keys_directory, "database": database}
        with opened(**where) as listed:
            for key in listed():
                click.echo(str(key))

    return keys
