"""`moat consent verify`: check a receipt without the service and without a network."""

import click
from moat_verifier.receipt_cli import run_receipt


@click.command("verify", context_settings={"ignore_unknown_options": True, "help_option_names": []})
@click.argument("receipt", nargs=-1, type=click.UNPROCESSED, required=True)
@click.pass_context
def verify_command(context: click.Context, /, receipt: tuple[str, ...]) -> None:
    """Check a receipt: its signature (--jwk), the words of its notice, and that the log (--vkey, --policy) holds what it tells.

    The same as `moat-verify receipt`, which needs nothing of this service.

    Exit status: 0 everything holds by the keys given, 1 something does not, 2 it cannot be checked.
    """
    context.exit(run_receipt(receipt, program="moat consent verify"))
