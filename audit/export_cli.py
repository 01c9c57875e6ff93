"""`moat audit export`: have an export made by a service, by MOAT_URL and MOAT_TOKEN, and fetch it.

Exit status: 0 the file is there, 1 it was refused or failed, 2 wrong options.
"""

import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO

import click
from moat_client.answers import Job
from moat_client.client import Moat
from moat_client.errors import MoatError
from rich.console import Console
from rich.progress import BarColumn, Progress, TaskID, TaskProgressColumn, TextColumn

from audit.export_filter import CODE_PATHS, CODES, NUMBERS, PSEUDONYMS, TIMES

POLL_SECONDS = 0.5

_NAMES = (*CODES, *CODE_PATHS, *NUMBERS, *PSEUDONYMS, *TIMES)


class Criteria(click.ParamType[tuple[str, str]]):
    """NAME=VALUE of a filter."""

    name = "name=value"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> tuple[str, str]:
        """Read a criterion; what cannot be one is a usage error."""
        if isinstance(value, tuple):
            return value
        name, equals, wanted = value.partition("=")
        if not equals or not wanted or name not in _NAMES:
            self.fail(f"a criterion is NAME=VALUE with one of the names {', '.join(_NAMES)}", param, ctx)
        if name in NUMBERS and not (wanted.isascii() and wanted.isdigit()):
            self.fail(f"{name} is a number", param, ctx)
        return name, wanted


@click.command("export")
@click.option(
    "-o", "--output", required=True, type=click.Path(dir_okay=False, path_type=Path), help="The ZIP to write."
)
@click.option(
    "--filter", "criteria", type=Criteria(), multiple=True, help="Such as action=vault.detokenize; given more than once, "
    "values of one name are alternatives."
)  # fmt: skip
@click.option("--format", "formats", type=click.Choice(["csv", "parquet"]), multiple=True, help="Beside NDJSON.")
@click.option("--proof", type=click.Choice(["complete", "inclusion"]), help="Default: complete with audit:log.")
@click.option("--proofs", is_flag=True, help="A .tlog-proof of each row.")
@click.option("--from", "start", type=click.IntRange(min=0), help="Index of the first entry of the range.")
@click.option("--to", "stop", type=click.IntRange(min=0), help="Index after the last entry of the range.")
@click.option("--log", type=click.IntRange(min=1), help="Number of an earlier log; default: the present one.")
@click.option("--since", metavar="JOB", help="The export before; default: the latest of the same credential.")
@click.option("--job", help="Fetch this export instead of asking for one.")
@click.option("--watch/--no-watch", default=None, help="Draw a progress bar; default: on a terminal.")
def export_command(output: Path, job: str | None, watch: bool | None, **wanted: Any) -> None:
    """Have an export of the log made, wait for it, and fetch it into a file.

    Interrupted, the service goes on; --job fetches the export later. Check the file with moat-verify.
    """
    console = Console(stderr=True)
    try:
        moat = Moat()
    except ValueError as unset:
        raise click.UsageError(f"{unset}; `moat serve` prints what to export") from None
    with moat, _spoken_errors(output), _bar(console, shown=console.is_terminal if watch is None else watch) as bar:
        asked = job or _ask(moat, **wanted)
        if job is None:
            console.print(f"job {asked}", highlight=False)
        _wait(moat, asked, bar)
        with _replaced(output) as file:
            _fetch(moat, asked, file, bar)
    click.echo(f"{output}: {output.stat().st_size} bytes")


def _ask(moat: Moat, *, criteria: Sequence[tuple[str, str]], **wanted: Any) -> str:
    return moat.export_audit(filter=_filter(criteria), **wanted)


def _filter(criteria: Sequence[tuple[str, str]]) -> dict[str, object]:
    gathered: dict[str, Any] = {}
    for name, wanted in criteria:
        if name in TIMES:
            gathered[name] = wanted
        else:
            gathered.setdefault(name, []).append(int(wanted) if name in NUMBERS else wanted)
    return gathered


def _wait(moat: Moat, asked: str, bar: Progress) -> None:
    task = bar.add_task("made")
    while not (found := moat.job(asked)).ended:
        _show(bar, task, found)
        time.sleep(POLL_SECONDS)
    _show(bar, task, found)
    if found.state != "done":
        raise click.ClickException(f"the export was {found.state}{f' ({found.error})' if found.error else ''}")


def _show(bar: Progress, task: TaskID, job: Job) -> None:
    bar.update(task, completed=job.done, total=job.total or None)


def _fetch(moat: Moat, asked: str, file: BinaryIO, bar: Progress) -> None:
    task = bar.add_task("fetched")
    moat.download_audit_export(asked, file, lambda done, total: bar.update(task, completed=done, total=total or None))


def _bar(console: Console, *, shown: bool) -> Progress:
    return Progress(
        TextColumn("{task.description}"), BarColumn(), TaskProgressColumn(), console=console, disable=not shown
    )


@contextmanager
def _replaced(output: Path) -> Iterator[BinaryIO]:
    """A file to write that takes the place of `output` once it is whole."""
    beside = output.with_name(output.name + ".part")
    try:
        with beside.open("wb") as file:
            yield file
        beside.rename(output)
    finally:
        beside.unlink(missing_ok=True)


@contextmanager
def _spoken_errors(output: Path) -> Iterator[None]:
    """Refusals in one line."""
    try:
        yield
    except MoatError as refused:
        raise click.ClickException(str(refused)) from None
    except OSError as broken:
        raise click.ClickException(f"{broken.strerror}: {broken.filename or output}") from None
