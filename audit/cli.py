"""`moat audit verify`: check the log that a deployment has stored."""

from collections.abc import Callable
from pathlib import Path

import click

from audit.verification import verify
from database.engine import Database

OpenDatabase = Callable[[Path | None, str | None], Database]


def audit_group(open_database: OpenDatabase) -> click.Group:
    """The `audit` commands over a database that is opened when a command runs."""

    @click.group("audit")
    def audit() -> None:
        """Check the audit log."""

    @audit.command("verify")
    @click.option("--data", type=click.Path(exists=True, file_okay=False, path_type=Path), help="Data directory.")
    @click.option("--database", help="PostgreSQL URL instead of a data directory.")
    @click.pass_context
    def verify_command(context: click.Context, /, data: Path | None, database: str | None) -> None:
        """Recompute every leaf, and match acts and entries one to one.

        Exit status: 0 everything fits, 1 something does not, 2 the log cannot be read.
        """
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

    return audit
