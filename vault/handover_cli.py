"""`moat handover`: the table of what each role sees of an order at each stage, and the rules of shifts; of the service at
MOAT_URL.

Exit status: 0 it was done; 1 the text cannot be used, or the service refused; 2 wrong options.
"""

from pathlib import Path

import click
from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table

from vault.handover.table import MINUTE_MS, HandoverTable, Scene, Sight
from vault.handover.table_text import TableTextError, read_table
from vault.shifts.rules import ShiftRules, ShiftRulesTextError, read_rules
from work.cli import connected

_FILE = click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))


@click.group("handover")
def handover() -> None:
    """Look after what couriers and merchants see of orders."""


@handover.group("table")
def table() -> None:
    """Show, check and apply the table of stage, role and kind."""


@table.command("show")
@click.option("--yaml", "as_yaml", is_flag=True, help="Print the YAML as it was applied.")
def show(as_yaml: bool) -> None:
    """Show the table in force."""
    with connected() as moat:
        found = moat.handover.table()
    if as_yaml:
        click.echo(found.source, nl=False)
        return
    since = "as it comes with Moat" if found.applied_at is None else f"since {found.applied_at}"
    click.echo(f"version {found.version}, {since}")
    _print(_read(found.source))


@table.command("check")
@_FILE
def check(file: Path) -> None:
    """Say whether FILE is a table, and show it. Asks no service."""
    _print(_read(_text(file)))


@table.command("apply")
@_FILE
def apply(file: Path) -> None:
    """Put the table of FILE in force, at once and in every process."""
    text = _text(file)
    _read(text)
    with connected() as moat:
        applied = moat.handover.apply_table(text)
    click.echo(f"version {applied.version} is in force")


@handover.group("shift")
def shift() -> None:
    """Show, check and apply how long a courier's shift lasts, and how many plain values it has."""


@shift.command("show")
def show_rules() -> None:
    """Print the rules in force, as YAML."""
    with connected() as moat:
        found = moat.handover.shift_rules()
    since = "as they come with Moat" if found.applied_at is None else f"since {found.applied_at}"
    click.echo(f"# version {found.version}, {since}")
    click.echo(found.source, nl=False)


@shift.command("check")
@_FILE
def check_rules(file: Path) -> None:
    """Say whether FILE has rules of shifts. Asks no service."""
    rules = _rules(_text(file))
    click.echo(f"{rules.values} plain values in {rules.hours} hours")


@shift.command("apply")
@_FILE
def apply_rules(file: Path) -> None:
    """Put the rules of FILE in force in every process, for what is not taken yet."""
    text = _text(file)
    _rules(text)
    with connected() as moat:
        applied = moat.handover.apply_shift_rules(text)
    click.echo(f"version {applied.version} is in force")


def _rules(text: str) -> ShiftRules:
    try:
        return read_rules(text)
    except ShiftRulesTextError as fault:
        raise click.ClickException(str(fault)) from None


def _text(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        raise click.ClickException(f"{file} cannot be read as UTF-8") from None


def _read(text: str) -> HandoverTable:
    try:
        return read_table(text, version=0)
    except TableTextError as fault:
        raise click.ClickException(str(fault)) from None


def _print(read: HandoverTable) -> None:
    shown = Table("stage", "for", "role", "sees", box=SIMPLE_HEAD)
    for stage, scene in read.scenes.items():
        if not scene.seen:
            shown.add_row(stage, _lasts(scene), "nobody", "nothing")
        for place, (role, kinds) in enumerate(scene.seen.items()):
            seen = ", ".join(f"{kind} {sight.name.lower()}" for kind, sight in kinds.items() if sight is not Sight.NONE)
            shown.add_row(stage if place == 0 else "", _lasts(scene) if place == 0 else "", role, seen or "nothing")
    Console().print(shown)


def _lasts(scene: Scene) -> str:
    return "as long as it lasts" if scene.lasts is None else f"{scene.lasts // MINUTE_MS} min"
