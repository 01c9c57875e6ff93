"""`moat policy check` and `moat policy list`: what the policies say, asked of the files, without a server.

Exit status of `check`: 0 allowed, 1 denied, 2 wrong options or a policy file that may not be used.
"""

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import click
from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table

from vault.explanation import Explanation, explain
from vault.identifier import Sensitivity
from vault.judged_kind import JUDGED
from vault.policy import (
    ROLES,
    STAGES,
    TOUCHES_PERSONAL_DATA,
    Action,
    Ask,
    PolicyEngine,
    PurposeCatalogue,
    View,
    load_policies,
)
from vault.policy_reach import reach
from vault.policy_text import PolicyFileError

_POLICY_DIRECTORY = click.option(
    "--policy",
    "directory",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="A directory of *.cedar files instead of the policies that Moat ships.",
)
_CATALOGUE = click.option(
    "--catalogue",
    type=click.Path(exists=True, path_type=Path),
    help="A catalogue of purposes as a file or directory, instead of the starter that Moat ships.",
)
_JSON = click.option("--json", "as_json", is_flag=True, help="Print JSON.")


def policy_group(open_catalogue: Callable[[Path | None], PurposeCatalogue]) -> click.Group:
    """The `policy` commands over a catalogue of purposes that is opened when a command runs: that of a path, or the starter."""

    @click.group("policy")
    def policy() -> None:
        """Ask the access policies what they allow, and why."""

    @policy.command("check")
    @click.option("--role", type=click.Choice(ROLES), required=True, help="The role of the credential.")
    @click.option(
        "--action", type=click.Choice([str(action) for action in Action]), default="detokenize", show_default=True
    )
    @click.option("--purpose", default="", help="What for; needed where personal data is touched.")
    @click.option("--kind", type=click.Choice(list(JUDGED)), default=None)
    @click.option("--view", type=click.Choice([str(view) for view in View]), default="masked", show_default=True)
    @click.option("--acting-for", type=click.Choice(ROLES), default=None, help="The role that the credential acts for.")
    @click.option("--stage", type=click.Choice(STAGES), default=None, help="How far the order is.")
    @click.option("--ref", default=None, help="A reference such as ticket:t-1; only its type counts.")
    @_POLICY_DIRECTORY
    @_CATALOGUE
    @_JSON
    @click.pass_context
    def check(
        context: click.Context, /, directory: Path | None, catalogue: Path | None, as_json: bool, **asked: str | None
    ) -> None:
        """Say whether an ask is allowed, by which policies, and what would have been."""
        engine = _engine(directory, open_catalogue(catalogue))
        explanation = explain(engine, _ask(asked))
        if as_json:
            click.echo(json.dumps(_explained(engine, explanation), ensure_ascii=False, indent=2))
        else:
            _print_explanation(engine, explanation)
        context.exit(0 if explanation.ruling.allowed else 1)

    @policy.command("list")
    @_POLICY_DIRECTORY
    @_CATALOGUE
    @_JSON
    def list_reach(directory: Path | None, catalogue: Path | None, as_json: bool) -> None:
        """Show which role may detokenize which kinds, for which purpose, in which view, and on what condition."""
        rows = reach(_engine(directory, open_catalogue(catalogue)))
        if as_json:
            click.echo(json.dumps([row._asdict() for row in rows], ensure_ascii=False, indent=2))
            return
        table = Table(box=SIMPLE_HEAD, padding=(0, 1, 0, 0))
        for heading in ("role", "purpose", "view"):
            table.add_column(heading, no_wrap=True)
        table.add_column("kinds", ratio=3)
        table.add_column("only", ratio=2)
        for row in rows:
            table.add_row(row.role, row.purpose, row.view, " ".join(row.kinds), row.only)
        Console().print(table)

    return policy


class _RefusedPolicyError(click.ClickException):
    exit_code = 2


def _engine(directory: Path | None, catalogue: PurposeCatalogue) -> PolicyEngine:
    try:
        return PolicyEngine(load_policies(directory), catalogue)
    except PolicyFileError as fault:
        raise _RefusedPolicyError(str(fault)) from None


def _ask(asked: Mapping[str, str | None]) -> Ask:
    action = Action(asked["action"] or "")
    kind = asked["kind"] or ""
    if action in TOUCHES_PERSONAL_DATA and not (kind and asked["purpose"]):
        raise click.UsageError(f"{action} touches personal data: give --purpose and --kind")
    ref = asked["ref"]
    return Ask(
        role=asked["role"] or "",
        action=action,
        purpose=asked["purpose"] or "",
        kind=kind,
        sensitive=kind in JUDGED and JUDGED[kind].sensitivity is Sensitivity.SENSITIVE,
        view=View(asked["view"] or ""),
        acting_for=asked["acting_for"],
        stage=asked["stage"],
        ref_type=ref.partition(":")[0] if ref else None,
    )


def _explained(engine: PolicyEngine, explanation: Explanation) -> dict[str, Any]:
    return {
        "decision": "allow" if explanation.ruling.allowed else "deny",
        "reason": explanation.ruling.reason,
        "policies": [
            {
                "id": policy.id,
                "effect": policy.effect,
                "file": policy.place.file,
                "line": policy.place.line,
                "why": policy.why,
            }
            for policy in explanation.policies
        ],
        "would_allow": [{"change": remedy.words, "ask": remedy.ask._asdict()} for remedy in explanation.remedies],
        "policy_epoch": engine.epoch,
    }


def _print_explanation(engine: PolicyEngine, explanation: Explanation) -> None:
    console = Console(highlight=False)
    console.print(_verdict(engine, explanation))
    for policy in explanation.policies:
        console.print(f"  {policy.effect} {policy.id}  ({policy.place.file}:{policy.place.line})", markup=False)
        if policy.why:
            console.print(f"    {policy.why}", markup=False)
    if explanation.remedies:
        console.print("It would be allowed")
        for remedy in explanation.remedies:
            console.print(f"  - {remedy.words}", markup=False)


def _verdict(engine: PolicyEngine, explanation: Explanation) -> str:
    ask = explanation.ask
    if explanation.ruling.allowed:
        return "[bold green]allow[/]"
    if explanation.ruling.reason == "not_necessary":
        return f"[bold red]deny[/]  not_necessary: the purpose {ask.purpose} does not need the kind {ask.kind}"
    if explanation.policies:
        return "[bold red]deny[/]  policy: forbidden by"
    if ask.purpose and not engine.catalogue.knows(ask.purpose):
        return "[bold red]deny[/]  policy: the catalogue does not list this purpose"
    return "[bold red]deny[/]  policy: no policy permits it"
