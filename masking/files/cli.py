"""`moat redact`, `moat mask` and `moat classify`: files on this host, through no service and over no network."""

import json
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import asdict
from itertools import islice
from pathlib import Path
from typing import IO, Any, Final

import click
from rich.console import Console
from rich.progress import Progress, TextColumn, TimeElapsedColumn
from rich.table import Table

from masking.detection.scanning import Scanner
from masking.files.data_map import DataMap, Holding, table
from masking.files.databases import UnknownDatabaseError, cells
from masking.files.records import Source, opened
from masking.files.rewriting import BATCH, Masking, Redaction, Rewrite, rewritten
from masking.finding import Finder
from masking.mask import PROFILES, Masks, UnknownProfileError
from masking.names.finding import NamesHere
from masking.profiles import ProfileFileError, Profiles, read_profiles
from masking.redaction import Mode, Redactor

_FILE: Final = click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
_OUTPUT: Final = click.option(
    "-o",
    "--output",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Where to write; without it, to the terminal.",
)
_PROFILE: Final = click.option("--profile", type=click.Choice(sorted(PROFILES)), default="display", show_default=True)


@click.command("redact")
@_FILE
@_OUTPUT
@_PROFILE
@click.option("--mode", type=click.Choice(["mask", "replace", "report"]), default="mask", show_default=True)
@click.option("--columns", metavar="COL,…", default="", help="Columns or members to look at; without it, all of them.")
@click.option("--names/--no-names", default=True, show_default=True, help="Look for names of people, too.")
def redact(file: Path, output: Path | None, profile: str, mode: str, columns: str, names: bool) -> None:
    """Find personal values in a log, NDJSON or CSV file, and mask or replace them.

    A text with more values than are looked at one by one is hidden whole. With --mode report, the file is only read, and what was
    found is counted.
    """
    with opened(file) as source:
        chosen = _known(source, columns)
        finder = Finder(Scanner(), NamesHere() if names else None)
        rewrite = Redaction(Redactor(finder), chosen, Mode(mode), profile)
        if Mode(mode) is Mode.REPORT:
            _drain(source, rewrite)
        else:
            _write(source, rewrite, output)
    _report(rewrite.found)


@click.command("mask")
@_FILE
@_OUTPUT
@click.option(
    "--profile", default="display", show_default=True, help=f"{', '.join(sorted(PROFILES))}, or one of --profiles."
)
@click.option(
    "--profiles",
    "declared",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="YAML file of further profiles, by tenant.",
)
@click.option("--tenant", default="default", show_default=True, help="Whose profiles of --profiles.")
@click.option(
    "--map", "maps", multiple=True, required=True, metavar="KIND=COL,…", help="Which columns hold which kind of value."
)
def mask(
    file: Path, output: Path | None, profile: str, declared: Path | None, tenant: str, maps: tuple[str, ...]
) -> None:
    """Mask the columns of an NDJSON or CSV file by the kinds of their values; all others are copied.

    A value that does not fit its kind is hidden whole, and so is a row that is wider or narrower than its header.
    """
    masks = _masks(profile, declared, tenant)
    kinds: dict[str, str] = {}
    with opened(file) as source:
        for one in maps:
            kind, equals, columns = one.partition("=")
            if not equals:
                raise click.BadParameter(f"{one} is not KIND=COL,…", param_hint="--map")
            kinds |= dict.fromkeys(_known(source, columns), kind)
        rewrite = Masking(kinds, masks)
        _write(source, rewrite, output)
    _report(rewrite.found)


@click.command("classify")
@click.argument("file", required=False, type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--database", metavar="URL", help="Read the tables of a database instead (sqlite:///…, postgresql://…).")
@click.option("--rows", default=1_000, show_default=True, help="Rows to look at, of each table.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def classify(file: Path | None, database: str | None, rows: int, as_json: bool) -> None:
    """Tell which columns of a file or a database hold which kinds of personal values. Only reads, and prints no value."""
    if (file is None) == (database is None):
        raise click.UsageError("name a file, or a database by --database")
    counted = DataMap(Finder(Scanner()))
    try:
        for batch in _batches(_rows(file, database, rows)):
            counted.add(cell for row in batch for cell in row)
    except UnknownDatabaseError:
        raise click.BadParameter("neither sqlite:///… nor postgresql://…", param_hint="--database") from None
    _show(counted.holdings(), as_json=as_json)


def _masks(profile: str, declared: Path | None, tenant: str) -> Masks:
    try:
        own = Profiles() if declared is None else read_profiles(declared.read_bytes())
        return PROFILES.get(profile) or own.of(tenant, profile)
    except UnknownProfileError:
        raise click.BadParameter("there is no such profile", param_hint="--profile") from None
    except ProfileFileError as error:
        raise click.BadParameter(str(error), param_hint="--profiles") from None


def _rows(file: Path | None, database: str | None, rows: int) -> Iterator[list[tuple[str, str]]]:
    if file is None:
        yield from cells(database or "", rows)
        return
    with opened(file) as source:
        for record in islice(source.records, rows):
            yield [(cell.column, cell.text) for cell in record.cells()]


def _batches(rows: Iterable[Any]) -> Iterator[list[Any]]:
    taken = iter(rows)
    while batch := list(islice(taken, BATCH)):
        yield batch


def _show(holdings: list[Holding], *, as_json: bool) -> None:
    if as_json:
        click.echo(json.dumps([asdict(one) for one in holdings], ensure_ascii=False, indent=2))
        return
    shown = Table("column", "kind", "", "cells", "", box=None)
    for row in table(holdings):
        shown.add_row(*row)
    Console().print(shown)


def _known(source: Source, columns: str) -> list[str]:
    """The columns of an option. A CSV file's header must have them."""
    chosen = [one for one in columns.split(",") if one]
    if source.header is not None and (missing := [one for one in chosen if one not in source.columns]):
        raise click.UsageError(f"no column {', '.join(missing)}; there are {', '.join(source.columns)}")
    return chosen


@contextmanager
def _watched() -> Iterator[Any]:
    """Counts records on the terminal that errors go to."""
    columns = (TextColumn("{task.completed} records"), TimeElapsedColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as shown:
        task = shown.add_task("", total=None)
        yield lambda count: shown.advance(task, count)


def _write(source: Source, rewrite: Rewrite, output: Path | None) -> None:
    with _watched() as told:
        if output is None:
            _copy(rewritten(source, rewrite, told), sys.stdout.buffer)
        else:
            with output.open("wb") as file:
                _copy(rewritten(source, rewrite, told), file)


def _copy(lines: Iterable[bytes], file: IO[bytes]) -> None:
    for line in lines:
        file.write(line)
    file.flush()


def _drain(source: Source, rewrite: Rewrite) -> None:
    with _watched() as told:
        for _ in rewritten(source, rewrite, told):
            pass


def _report(found: dict[tuple[str, str], int]) -> None:
    """What was found, by column and kind, on the terminal that errors go to."""
    shown = Table("column", "kind", "found", box=None)
    for (column, kind), count in sorted(found.items()):
        if count:
            shown.add_row(column or "(line)", kind, str(count))
    Console(stderr=True).print(shown)
