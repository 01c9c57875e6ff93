"""`moat dsar breach` and `breaches`: telling people of a breach, by a service (MOAT_URL and MOAT_TOKEN).

Exit status: 0 it was done; 1 it was refused; 2 wrong options.
"""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any, TextIO, TypeVar

import click

from dsar.alerts.breach import Advice, Cause, Harm, Measure
from work.cli import connected

Command = TypeVar("Command", bound=Callable[..., Any])


def alert_commands() -> Sequence[click.Command]:
    """The commands."""
    return _report, _list


def _codes(name: str, codes: type[StrEnum], about: str) -> Callable[[Command], Command]:
    return click.option(
        name, type=click.Choice([code.value for code in codes]), multiple=True, required=True, help=about
    )


@click.command("breach")
@click.argument("people", type=click.File("r", encoding="utf-8"))
@click.option("--kind", "kinds", multiple=True, required=True, help="A category of data, such as phone; repeatable.")
@click.option("--cause", type=click.Choice([code.value for code in Cause]), required=True)
@_codes("--harm", Harm, "What may come of it; repeatable.")
@_codes("--measure", Measure, "What was done; repeatable.")
@_codes("--advice", Advice, "What people can do; repeatable.")
@click.option("--happened", type=click.DateTime(["%Y-%m-%d"]), required=True, help="The day (UTC).")
def _report(people: TextIO, happened: datetime, **told: Any) -> None:
    """Report a breach that concerns PEOPLE, a file with an id of the platform in each line.

    Nobody is told before another person has approved the job: moat jobs approve JOB.
    """
    subjects = [line.strip() for line in people if line.strip()]
    if not subjects:
        raise click.UsageError("the file names nobody")
    facts = {
        "kinds": list(told["kinds"]),
        "cause": told["cause"],
        "harms": list(told["harm"]),
        "measures": list(told["measure"]),
        "advice": list(told["advice"]),
        "happened_at": happened.replace(tzinfo=UTC).isoformat(),
    }
    with connected() as moat:
        made = moat.breaches.report(subjects, facts)
    click.echo(f"breach {made.breach}  job {made.job}  people {made.people}  unknown {made.unknown}")


@click.command("breaches")
def _list() -> None:
    """List breaches and how many people have been told."""
    with connected() as moat:
        for one in moat.breaches.all():
            click.echo(
                f"{one.breach}  {one.cause}  people {one.people}  told {one.told}  unreachable {one.unreachable}"
            )
