"""`moat dsar`: answer requests of people, by a service (MOAT_URL and MOAT_TOKEN). Other parts have commands of their own beside
these; `commands/dsar.py` lists them all.

Exit status: 0 it was done; 1 it was refused; 2 wrong options.
"""

from collections.abc import Callable, Sequence
from enum import StrEnum
from typing import TextIO
from uuid import UUID

import click
import orjson
from moat_client.requests import Asked, Request, RequestCalls
from rich.console import Console
from rich.table import Table

from dsar.desk.reasons import Category, Denial, Extension, Outcome, Party
from dsar.desk.regime import Pause
from dsar.request import RequestState
from dsar.right import Requester, Right
from work.cli import connected

_REQUEST = click.argument("request", type=click.UUID)
_WIDTH = 160
_JSON = click.option("--json", "as_json", is_flag=True, help="Print JSON.")


def _codes(codes: type[StrEnum]) -> click.Choice[str]:
    return click.Choice([code.value for code in codes])


@click.command("list")
@click.option("--state", type=_codes(RequestState), metavar="STATE", help="Without it, all that have not ended.")
@click.option("--right", type=_codes(Right), metavar="RIGHT")
@click.option("--regime", help="Such as pipl or gdpr_de.")
@click.option("--due-before", help="RFC 3339.")
@click.option("--assignee", type=click.IntRange(min=0), help="A credential's number; 0 is nobody.")
@click.option("--overdue", is_flag=True, help="Only those whose time is over.")
@click.option("--limit", type=click.IntRange(min=1), default=50, show_default=True, help="So many at most.")
@_JSON
def list_(limit: int, as_json: bool, overdue: bool, **filters: str | int | None) -> None:
    """List requests in the order in which they are due."""
    wanted = {name: value for name, value in filters.items() if value is not None}
    wanted |= {"overdue": "true"} if overdue else {}
    with connected() as moat:
        found = [one for _, one in zip(range(limit), moat.requests.queue(**wanted), strict=False)]
    if as_json:
        click.echo(orjson.dumps([one.whole for one in found], option=orjson.OPT_INDENT_2))
        return
    table = Table("request", "right", "regime", "state", "due", "passed", "assignee", box=None)
    for one in found:
        passed = "overdue" if one.overdue else f"{one.whole.get('passed')} %"
        assignee = one.whole.get("assignee")
        table.add_row(
            one.id, one.right, one.regime, one.state, one.due_on, passed, "" if assignee is None else str(assignee)
        )
    _print(table)


@click.command("show")
@_REQUEST
@click.option("--words", is_flag=True, help="What the person said in their own words, too.")
@_JSON
def show(request: UUID, words: bool, as_json: bool) -> None:
    """Show a request and what has happened to it."""
    with connected() as moat:
        found = moat.requests.get(str(request))
        said = moat.requests.words(str(request)) if words else {}
    if as_json:
        click.echo(orjson.dumps({**found.whole, **said}, option=orjson.OPT_INDENT_2))
        return
    _tell(found)
    timeline = found.whole.get("timeline")
    for line in timeline if isinstance(timeline, list) else ():
        by, reason = line["by"], f" ({line['reason']})" if line["reason"] else ""
        click.echo(
            f"  {line['at']}  {line['move']}{reason} → {line['state']}  by {by['kind']} {by['id'] or ''}".rstrip()
        )
    for name, value in said.items():
        click.echo(f"  {name}: {value}")


@click.command("new")
@click.argument("subject")
@click.argument("right", type=_codes(Right), metavar="RIGHT")
@click.option("--regime", default="pipl", show_default=True, help="Such as pipl or gdpr_de.")
@click.option("--requester", type=_codes(Requester), default="self", show_default=True)
@click.option("--channel", default="letter", show_default=True, help="By which way it came, as a code of your own.")
@click.option("--locale", default="zh-Hans", show_default=True, help="The language in which the person is written to.")
@click.option("--purpose", "purposes", multiple=True, help="For an objection, a restriction or a withdrawal.")
@click.option("--category", type=_codes(Category), help="Of a complaint.")
@click.option("--accountable", type=_codes(Party), default="platform", show_default=True, help="Of a complaint.")
@click.option("--evidence", type=click.IntRange(min=0), default=0, help="How many pieces a complaint brings along.")
@click.option(
    "--text", type=click.File("r", encoding="utf-8"), help="File with what the person says; - is standard input."
)
def new(subject: str, right: str, purposes: Sequence[str], text: TextIO | None, **said: str | int) -> None:
    """Hand in a request of the person that the platform calls SUBJECT."""
    words = None if text is None else text.read().strip()
    asked = Asked(subject, right, purposes=tuple(purposes), text=words, **said)  # type: ignore[arg-type]  # as declared above
    with connected() as moat:
        _tell(moat.requests.make(asked))


@click.command("statistics")
@click.argument("year", type=click.IntRange(min=2020, max=2200))
@click.option("--csv", "as_csv", is_flag=True, help="Print CSV.")
def statistics(year: int, as_csv: bool) -> None:
    """Count how the requests of YEAR were handled, to be published: small counts are hidden."""
    with connected() as moat:
        if as_csv:
            click.echo(moat.requests.statistics_csv(year), nl=False)
            return
        lines = moat.requests.statistics(year)
    counted = lines[0]["counts"] if lines else {}
    columns = list(counted) if isinstance(counted, dict) else []
    table = Table("regime", "right", *columns, "median days", box=None)
    for line in lines:
        counts = line["counts"]
        cells = ["*" if one is None else str(one) for one in counts.values()] if isinstance(counts, dict) else []
        median = "" if line["median_days"] is None else str(line["median_days"])
        table.add_row(str(line["regime"]), str(line["right"]), *cells, median)
    _print(table)


def _decision(name: str, about: str, decide: Callable[[RequestCalls, str], Request]) -> click.Command:
    @click.command(name, help=about)
    @_REQUEST
    def command(request: UUID) -> None:
        with connected() as moat:
            _tell(decide(moat.requests, str(request)))

    return command


def _reasoned(
    name: str, about: str, codes: click.Choice[str], decide: Callable[[RequestCalls, str, str], Request]
) -> click.Command:
    @click.command(name, help=about)
    @_REQUEST
    @click.argument("reason", type=codes)
    def command(request: UUID, reason: str) -> None:
        with connected() as moat:
            _tell(decide(moat.requests, str(request), reason))

    return command


@click.command("assign")
@_REQUEST
@click.argument("credential", type=click.IntRange(min=1), required=False)
def assign(request: UUID, credential: int | None) -> None:
    """Give a request to the holder of a CREDENTIAL, by its number; without one, to nobody."""
    with connected() as moat:
        _tell(moat.requests.assign(str(request), credential))


@click.command("complete")
@_REQUEST
@click.option("--but-for", "partially", multiple=True, type=_codes(Denial), help="Why a part was not done.")
def complete(request: UUID, partially: Sequence[str]) -> None:
    """Note that a request which no job executes is done."""
    with connected() as moat:
        _tell(moat.requests.complete(str(request), partially))


_COMMANDS = (
    list_,
    show,
    new,
    _decision("acknowledge", "Note that the receipt has been confirmed to the person.", RequestCalls.acknowledge),
    _decision("accept", "Accept a request of a verified requester.", RequestCalls.accept),
    _reasoned("deny", "Deny a request for a reason, which the person is told.", _codes(Denial), RequestCalls.deny),
    _reasoned("extend", "Extend the time once; the person is told.", _codes(Extension), RequestCalls.extend),
    _reasoned("pause", "Ask the person for something, and wait.", _codes(Pause), RequestCalls.pause),
    _decision("resume", "Go on with a request that waited for the person.", RequestCalls.resume),
    _decision("approve", "Approve what has been prepared, as the second person.", RequestCalls.approve),
    _reasoned("settle", "Answer a complaint.", _codes(Outcome), RequestCalls.settle),
    _decision("withdraw", "End a request that the person does not want any more.", RequestCalls.withdraw),
    assign,
    complete,
    statistics,
)


def request_commands() -> Sequence[click.Command]:
    """The commands of the desk."""
    return _COMMANDS


def _print(table: Table) -> None:
    """A table, whole where nobody looks at it on a terminal."""
    console = Console()
    (console if console.is_terminal else Console(width=_WIDTH)).print(table)


def _tell(request: Request) -> None:
    passed = "overdue" if request.overdue else f"due {request.due_on}"
    click.echo(f"{request.id}  {request.right}  {request.regime}  {request.state}  {passed}")
