"""The day on a terminal: tables of what the four see, side by side, and lines between them."""

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table
from rich.text import Text

from demo.day import KINDS, REFUSED, Sights

CONTACT = "reached by"


class Terminal:
    """Prints to a console."""

    def __init__(self, console: Console) -> None:
        self._console = console

    def sights(self, sights: Sights) -> None:
        """A table with a row for each kind and a column for each of the four. What is refused is dim."""
        table = Table(title=sights.heading, title_justify="left", title_style="bold", box=SIMPLE_HEAD)
        table.add_column("")
        seen = {name: getattr(sights, name) for name in ("customer", "courier", "merchant", "support")}
        for name in seen:
            table.add_column(name, overflow="fold")
        for place, kind in enumerate((*KINDS, CONTACT)):
            table.add_row(kind, *(_cell(column[place]) for column in seen.values()))
        self._console.print(table)

    def line(self, text: str) -> None:
        """A line, not taken apart by the console."""
        self._console.print(Text(f"• {text}"))


def _cell(text: str) -> Text:
    return Text(text, style="dim" if text.startswith(REFUSED) or text == "–" else "")
