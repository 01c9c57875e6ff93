"""`moat consent verify`: check a receipt without the service and without a network."""

import click
from moat_verifier.receipt_cli import run_receipt


@click.command("verify")
@click.argument("receipt", type=click.Path(dir_okay=False))
@click.option("--jwk", multiple=True, help="Key that signs receipts: a JWK or JWK set, or a file that holds one.")
@click.option("--vkey", multiple=True, help="Key of the log; more than one after a rotation.")
@click.option(
    "--policy", type=click.Path(dir_okay=False), help="Policy file (C2SP tlog-policy) instead of keys of the log."
)
@click.option("--json", "as_json", is_flag=True, help="Print the report as JSON.")
@click.pass_context
def verify_command(
    context: click.Context,
    /,
    receipt: str,
    jwk: tuple[str, ...],
    vkey: tuple[str, ...],
    policy: str | None,
    *,
    as_json: bool,
) -> None:
    """Check a RECEIPT: its signature, the words of its notice, and that the log holds what it tells.

    The same as moat-verify receipt, which needs nothing of this service. Keys come from outside, not with the receipt.

    Exit status: 0 everything holds by the keys given, 1 something does not, 2 it cannot be checked.
    """
    given = [part for name, values in (("--jwk", jwk), ("--vkey", vkey)) for value in values for part in (name, value)]
    given += [] if policy is None else ["--policy", policy]
    given += ["--json"] if as_json else []
    context.exit(run_receipt([*given, "--", receipt], program="moat consent verify"))
