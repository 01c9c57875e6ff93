"""`moat relay calls`, `statistics`, `cases`, `close-case`, `rules` and `legal-keys`, by a service (MOAT_URL and MOAT_TOKEN).

Exit status: 0 it was done; 1 it was refused; 2 wrong options.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path

import click
from rich.console import Console
from rich.table import Table

from masking.relay.calls.cases import Verdict
from work.cli import connected

_WIDTH = 180
_OF_POOLS = ("peak_bindings", "numbers_owned")
_CLOSING = [verdict.value for verdict in Verdict if verdict is not Verdict.ERASED]


def call_commands() -> Sequence[click.Command]:
    """The commands."""
    return _calls, _statistics, _cases, _close, _rules, _legal_keys


@click.command("calls")
@click.option("--binding", type=click.IntRange(min=1), help="Those of a binding.")
@click.option("--order", help="Those of an order, such as o-1.")
@click.option("--subject", help="Those of a person, on either side.")
@click.option("--refused", help="Those refused, for a reason or for any.")
@click.option("--limit", default=50, show_default=True, type=click.IntRange(1, 200))
def _calls(binding: int | None, order: str | None, subject: str | None, refused: str | None, limit: int) -> None:
    """List calls and texts, the latest first. Nobody's number is in it."""
    filters = {"binding": binding, "order": order, "subject": subject, "refused": refused}
    with connected() as moat:
        found = moat.relay_calls.calls(
            {name: value for name, value in filters.items() if value is not None}, limit=limit
        )
    columns = (
        "at",
        "kind",
        "number",
        "binding",
        "side",
        "caller",
        "callee",
        "status",
        "refused",
        "seconds",
        "recording",
    )
    _tell(columns, found)


@click.command("statistics")
@click.argument("first", type=click.DateTime(["%Y-%m-%d"]))
@click.argument("last", type=click.DateTime(["%Y-%m-%d"]))
@click.option("--zone", default="UTC", show_default=True, help="Whose days, such as Asia/Shanghai.")
def _statistics(first: click.DateTime, last: click.DateTime, zone: str) -> None:
    """Count calls from the day FIRST to the day LAST, by pool and outcome. A star hides what is small, or would tell it."""
    with connected() as moat:
        lines = moat.relay_calls.statistics(str(first)[:10], str(last)[:10], zone)
    shown = [
        {**line, **_counts(line)} for line in lines if _counts(line).get("total") != 0 or line.get("peak_bindings")
    ]
    columns = ("day", "pool", *_shown_outcomes(shown), "total", "answer_rate", "short_share", "average_seconds")
    _tell((*columns, *_OF_POOLS), shown, hidden="*")


@click.command("cases")
@click.option("--closed", is_flag=True, help="Those closed instead of those open.")
def _cases(closed: bool) -> None:
    """List what looked like abuse."""
    with connected() as moat:
        found = list(moat.relay_calls.cases(closed=closed))
    _tell(("case", "signal", "measure", "subject", "binding", "count", "opened_at", "held_until", "reason"), found)


@click.command("close-case")
@click.argument("case", type=click.IntRange(min=1))
@click.option("--reason", type=click.Choice(_CLOSING), required=True)
@click.option("--lift/--keep", required=True, help="End its measure now, or let it run.")
def _close(case: int, reason: str, lift: bool) -> None:
    """Close CASE."""
    with connected() as moat:
        _tell(
            ("case", "reason", "held_until", "closed_at"), [moat.relay_calls.close_case(case, reason=reason, lift=lift)]
        )


@click.command("rules")
@click.option(
    "--apply", "file", type=click.Path(exists=True, dir_okay=False, path_type=Path), help="Put these in force."
)
def _rules(file: Path | None) -> None:
    """Print the rules in force: limits, signals, what is kept; or put those of a file in force."""
    with connected() as moat:
        if file is None:
            click.echo(moat.relay_calls.rules()["source"])
            return
        applied = moat.relay_calls.apply_rules(file.read_text(encoding="utf-8"))
    click.echo(f"version {applied['version']} is in force, SHA-256 {applied['digest']}")


@click.command("legal-keys")
def _legal_keys() -> None:
    """List the keys to which calls are sealed for a law."""
    with connected() as moat:
        _tell(("month", "public", "made_at", "first_gone_at", "second_gone_at"), moat.relay_calls.legal_keys())


def _given(line: Mapping[str, object]) -> Mapping[str, object]:
    """A line without what only a pool has, where it is no pool's."""
    return {name: value for name, value in line.items() if value is not None or name not in _OF_POOLS}


def _counts(line: Mapping[str, object]) -> Mapping[str, object]:
    counts = line["counts"]
    assert isinstance(counts, dict)
    return counts


def _shown_outcomes(lines: Sequence[Mapping[str, object]]) -> list[str]:
    """The outcomes that any line has, in their order."""
    names = [name for line in lines[:1] for name in _counts(line) if name != "total"]
    return [name for name in names if any(_counts(line)[name] != 0 for line in lines)]


def _tell(columns: Sequence[str], rows: Sequence[Mapping[str, object]], *, hidden: str = "") -> None:
    table = Table(*columns, box=None)
    for row in rows:
        table.add_row(*(hidden if row.get(column) is None else str(row[column]) for column in columns))
    console = Console()
    (console if console.is_terminal else Console(width=_WIDTH)).print(table)
