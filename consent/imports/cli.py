"""`moat consent import`: the consents of an earlier system, through a service, by MOAT_URL and MOAT_TOKEN.

Exit status: 0 every row went through, 3 some were refused (listed in the report), 1 the run stopped (the same command begins it
anew, and what was recorded is not recorded twice), 2 a file that is none of consents.
"""

import csv
import hashlib
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import islice
from pathlib import Path
from typing import Any, Final

import click
from moat_client.client import Moat
from moat_client.consent_answers import Said
from moat_client.errors import ItemError, MoatError

from consent.imports.rows import FileError, Row, rows_of

SOME_REFUSED: Final = 3
CHUNK: Final = 1_000


@click.command("import")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option(
    "--report", type=click.Path(dir_okay=False, path_type=Path), help="Where refused rows are listed: line, reason."
)
@click.pass_context
def import_command(context: click.Context, file: Path, report: Path | None) -> None:
    """Record the consents, refusals and withdrawals in a CSV or NDJSON file.

    Each row says who, for which purpose, what and when: subject, purpose, state, at. What is older than what is known of a
    person is left out, so that a file can be imported again. Refused rows are listed in FILE.refused.csv, or where --report
    says.
    """
    listed = report or file.with_name(f"{file.name}.refused.csv")
    try:
        with _service() as moat, listed.open("w", encoding="utf-8", newline="") as out:
            counted = import_file(moat, file, csv.writer(out))
    except FileError as error:
        raise click.UsageError(str(error)) from None
    except MoatError as error:
        raise click.ClickException(f"the service answered {error.code}; run the same command again") from None
    click.echo(
        f"{counted['recorded']} recorded, {counted['known']} known before, {counted['refused']} refused"
        + (f": see {listed}" if counted["refused"] else "")
    )
    if counted["refused"]:
        context.exit(SOME_REFUSED)
    listed.unlink()


def import_file(moat: Moat, file: Path, report: Any) -> Counter[str]:
    """Send every row of the file and list those that are refused; tells how many fared how. One chunk is in memory.

    Raises:
        FileError: the file is none of consents.
        MoatError: the service refused a whole call, or did not answer.
    """
    report.writerow(["line", "reason"])
    counted: Counter[str] = Counter()
    rows = rows_of(file)
    while chunk := list(islice(rows, CHUNK)):
        for row, fate in _sent(moat, chunk):
            counted[fate if fate in {"recorded", "known"} else "refused"] += 1
            if fate not in {"recorded", "known"}:
                report.writerow([row.line, fate])
    return counted


def _sent(moat: Moat, chunk: list[Row]) -> Iterator[tuple[Row, str]]:
    """What became of each row of a chunk, in order."""
    said: list[Said] = [row.said for row in chunk if row.said is not None]
    digest = hashlib.sha256(repr([one.wire() for one in said]).encode()).hexdigest()
    answers = iter(moat.consent(said, chunk=CHUNK, idempotency_key=f"import-{digest}") if said else ())
    for row in chunk:
        if row.said is None:
            yield row, row.fault
            continue
        answer = next(answers)
        if isinstance(answer, ItemError):
            yield row, answer.code
        else:
            yield row, "recorded" if answer.changed else "known"


@contextmanager
def _service() -> Iterator[Moat]:
    try:
        moat = Moat()
    except ValueError as error:
        raise click.UsageError(str(error)) from None
    with moat:
        yield moat
