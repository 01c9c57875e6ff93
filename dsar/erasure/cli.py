"""`moat dsar plan` and `moat dsar certificate`: what an erasure comes to, by a service (MOAT_URL and MOAT_TOKEN). `moat dsar
verify`: check its certificate, anywhere.

Exit status of verify: 0 everything holds by the keys given, 1 something does not, 2 it cannot be checked.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, BinaryIO

import click
import orjson
from moat_verifier.certificate_cli import run_certificate
from rich.console import Console
from rich.table import Table

from work.cli import connected


def erasure_commands() -> Sequence[click.Command]:
    """The commands."""
    return _plan, _certificate, _verify


@click.command("plan")
@click.argument("request")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def _plan(request: str, *, as_json: bool) -> None:
    """Show what the erasure of REQUEST destroys, what stays and why, and how far it is."""
    with connected() as moat:
        plan = moat.erasure_plan(request)
    if as_json:
        click.echo(orjson.dumps(plan, option=orjson.OPT_INDENT_2))
        return
    _print(plan)


@click.command("certificate")
@click.argument("request")
@click.argument("output", type=click.File("wb"), default="-")
def _certificate(request: str, output: BinaryIO) -> None:
    """Write the certificate of the erasure of REQUEST to OUTPUT."""
    with connected() as moat:
        output.write(moat.erasure_certificate(request).encode())


@click.command("verify")
@click.argument("certificate", type=click.Path(dir_okay=False, path_type=Path))
@click.option("--vkey", multiple=True, help="Key that signs certificates (moat certificate keys), or key of the log.")
@click.option(
    "--policy", type=click.Path(dir_okay=False), help="Policy file (C2SP tlog-policy) instead of keys of the log."
)
@click.option("--json", "as_json", is_flag=True, help="Print the report as JSON.")
@click.pass_context
def _verify(
    context: click.Context, /, certificate: Path, vkey: tuple[str, ...], policy: str | None, *, as_json: bool
) -> None:
    """Check a CERTIFICATE of an erasure: its signature, that it does not contradict itself, and that the log holds what it tells.

    The same as moat-verify certificate, which needs nothing of this service. Keys come from outside, not with the certificate.

    Exit status: 0 everything holds by the keys given, 1 something does not, 2 it cannot be checked.
    """
    given = [part for value in vkey for part in ("--vkey", value)]
    given += [] if policy is None else ["--policy", policy]
    given += ["--json"] if as_json else []
    context.exit(run_certificate([*given, "--", str(certificate)], program="moat dsar verify"))


def _print(plan: Mapping[str, Any]) -> None:
    click.echo(f"{plan['phase']}: {plan['dispose']} values go, {plan['keep']} stay (laws {plan['laws']})")
    waiting = plan["waiting"]
    if waiting is not None:
        asked = f"{waiting['attempts']} times since {waiting['since']}"
        click.echo(f"waiting for {waiting['holder']} ({waiting['code']}), asked {asked}")
    table = Table("holder", "category", "purpose", "count", "stays by", "until", box=None)
    for line in plan["items"]:
        kept = line["kept"] or {"reason": "", "by": "", "article": None, "until": None}
        by = f"{kept['by']} {kept['article'] or ''}".strip()
        until = (kept["until"] or "not known")[:10] if line["kept"] else ""
        table.add_row(line["holder"], line["category"], line["purpose"], str(line["count"]), by, until)
    Console().print(table)
    if plan["sha256"]:
        click.echo(f"plan {plan['sha256']} of {plan['made_at']}")
