"""`moat relay call`: what each side of a call or a text would see, by a service (MOAT_URL and MOAT_TOKEN), without any switch.

Exit status: 0 the service told what would become of it; 1 the service refused to tell; 2 wrong options.
"""

from collections.abc import Sequence

import click
from rich.console import Console
from rich.table import Table
from rich.text import Text

from masking.relay.switch.screens import Row, call_screens, text_screens
from work.cli import connected

_WIDTH = 120
_GAVE_UP = 487
"""The SIP status of a caller who hung up before anybody answered (RFC 3261 §21.4.25)."""


def switch_commands() -> Sequence[click.Command]:
    """The commands."""
    return (_call,)


@click.command("call")
@click.argument("caller")
@click.argument("dialled")
@click.option("--digits", help="What the caller keys in when asked.")
@click.option("--message", help="Send this text instead of calling.")
def _call(caller: str, dialled: str, digits: str | None, message: str | None) -> None:
    """Show what both sides would see if CALLER dialled DIALLED, a relay number.

    The attempt counts as one: it stands in the book of calls and in the log, and limits apply. The credential needs the scope
    relay:route, as that of a switch has it.
    """
    if message is not None and digits is not None:
        raise click.UsageError("a text takes no --digits")
    with connected() as moat:
        if message is not None:
            _tell(text_screens(caller, dialled, message, moat.switching.pass_on(dialled, caller, message)))
            return
        answer = moat.switching.route(dialled, caller, digits=digits)
        if answer.get("action") == "connect":
            moat.switching.tell(str(answer["leg"]), "failed", status=_GAVE_UP)
    _tell(call_screens(caller, dialled, answer))


def _tell(rows: Sequence[Row]) -> None:
    table = Table("", "caller", "other side", box=None)
    for row in rows:
        table.add_row(row.about, Text(row.caller), Text(row.other))
    console = Console()
    (console if console.is_terminal else Console(width=_WIDTH)).print(table)
