"""`moat dsar tasks`, `moat dsar retry` and `moat dsar check-holder`: what holders of data were asked, by a service (MOAT_URL and
MOAT_TOKEN).

Exit status: 0 it was done; 1 it was refused, or a system cannot do what is declared; 2 wrong options.
"""

from collections.abc import Sequence
from uuid import UUID

import click
import orjson
from rich.console import Console
from rich.table import Table

from work.cli import connected

_WIDTH = 160


def holder_commands() -> Sequence[click.Command]:
    """The commands."""
    return _tasks, _retry, _check


@click.command("tasks")
@click.argument("request", type=click.UUID, required=False)
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def _tasks(request: UUID | None, as_json: bool) -> None:
    """List what holders were asked for REQUEST; without one, what was given up and waits for somebody to see to it."""
    with connected() as moat:
        found = list(moat.holders.dead() if request is None else moat.holders.tasks(str(request)))
    if as_json:
        click.echo(orjson.dumps([one.whole for one in found], option=orjson.OPT_INDENT_2))
        return
    table = Table("task", "holder", "act", "state", "method", "count", "error", "next attempt", box=None)
    for one in found:
        told = [one.whole.get(name) for name in ("method", "count", "error", "next_attempt_at")]
        words = ["" if word is None else str(word) for word in told]
        table.add_row(str(one.number), one.holder, one.act, one.state, *words)
    console = Console()
    (console if console.is_terminal else Console(width=_WIDTH)).print(table)


@click.command("retry")
@click.argument("task", type=click.IntRange(min=1))
def _retry(task: int) -> None:
    """Have TASK, which was given up, tried again."""
    with connected() as moat:
        found = moat.holders.replay(task)
    click.echo(f"{found.number}  {found.holder}  {found.act}  {found.state}")


@click.command("check-holder")
@click.argument("holder")
@click.pass_context
def _check(context: click.Context, holder: str) -> None:
    """Ask the system HOLDER whether it can do what is declared of it."""
    with connected() as moat:
        missing = moat.holders.check(holder)
    for name, found in sorted(missing.items()):
        words = found if isinstance(found, list) else []
        click.echo(f"{name.replace('_', ' ')}: {', '.join(map(str, words)) or 'none'}")
    if any(missing.values()):
        context.exit(1)
