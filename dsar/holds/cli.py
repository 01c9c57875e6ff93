"""`moat dsar hold`, `holds`, `review-hold` and `release-hold`: what a case needs, by a service (MOAT_URL and MOAT_TOKEN).

Exit status: 0 it was done; 1 it was refused; 2 wrong options.
"""

from collections.abc import Sequence
from datetime import UTC, datetime

import click
from moat_client.holds import Hold
from rich.console import Console
from rich.table import Table

from dsar.holds.hold import HoldReason
from work.cli import connected

_WIDTH = 160
_REVIEW = click.option(
    "--review", type=click.DateTime(["%Y-%m-%d"]), required=True, help="Day on which somebody looks at it again (UTC)."
)
_HOLD = click.argument("hold", type=click.IntRange(min=1))


def hold_commands() -> Sequence[click.Command]:
    """The commands."""
    return _place, _list, _review, _release


@click.command("hold")
@click.option("--subject", help="The person whose data is held.")
@click.option("--ref", help="The order or case, such as order:o-1.")
@click.option("--kind", help="The kind of data, such as phone.")
@click.option("--reason", type=click.Choice([reason.value for reason in HoldReason]), required=True)
@click.option("--case", required=True, help="Your own number of the case.")
@_REVIEW
def _place(subject: str | None, ref: str | None, kind: str | None, reason: str, case: str, review: datetime) -> None:
    """Hold what fits all that is named, against every erasure and every purge."""
    named = {"subject": subject, "ref": ref, "kind": kind}
    scope = {name: value for name, value in named.items() if value is not None}
    if not scope:
        raise click.UsageError("a hold names --subject, --ref or --kind")
    with connected() as moat:
        _tell([moat.holds.place(scope, reason=reason, case=case, review_at=_moment(review))])


@click.command("holds")
@click.option("--released", is_flag=True, help="Those that were released, instead of those in force.")
def _list(released: bool) -> None:
    """List holds."""
    with connected() as moat:
        _tell(list(moat.holds.all(released=released)))


@click.command("review-hold")
@_HOLD
@_REVIEW
def _review(hold: int, review: datetime) -> None:
    """Note that HOLD is still needed, until a further day."""
    with connected() as moat:
        _tell([moat.holds.review(hold, _moment(review))])


@click.command("release-hold")
@_HOLD
def _release(hold: int) -> None:
    """Ask for the release of HOLD. Another person must approve the job: moat jobs approve JOB."""
    with connected() as moat:
        click.echo(moat.holds.release(hold))


def _moment(day: datetime) -> str:
    return day.replace(tzinfo=UTC).isoformat()


def _tell(holds: Sequence[Hold]) -> None:
    table = Table("hold", "over", "reason", "case", "review", "", box=None)
    for one in holds:
        over = " ".join(f"{name}={value}" for name, value in one.scope.items())
        state = "released" if one.released_at else "overdue" if one.overdue else ""
        table.add_row(str(one.number), over, one.reason, one.case, one.review_at[:10], state)
    console = Console()
    (console if console.is_terminal else Console(width=_WIDTH)).print(table)
