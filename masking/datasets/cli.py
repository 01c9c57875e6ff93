"""`moat deidentify`: a data set in, one that points at nobody out, and a report of how well it hides people.

Exit status: 0 released; 3 refused, for some rows stand in too small a crowd (nothing is written); 2 wrong options or plan.
"""

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict
from functools import partial
from pathlib import Path
from typing import Final

import click
from moat_client.answers import Item, Tokenized
from moat_client.client import Moat
from moat_client.errors import MoatError

from masking.datasets.plan import Plan, PlanError, read_plan
from masking.datasets.risk import Crowds
from masking.datasets.tables import Row, TableError, columns_of, rows_of, write_rows
from masking.datasets.tokens import Value, with_tokens
from masking.datasets.treatments import drop
from masking.detection.scanning import Scanner
from masking.finding import Finder
from masking.redaction import Mode, Redactor

REFUSED: Final = 3
_FILE: Final = click.Path(exists=True, dir_okay=False, path_type=Path)


@click.command("deidentify")
@click.argument("file", type=_FILE)
@click.option("--plan", "plan_file", required=True, type=_FILE, help="What becomes of each column, in YAML.")
@click.option("--key", "key_file", type=_FILE, help="32 octets or more, for pseudonyms and shifted dates.")
@click.option("-o", "--output", required=True, type=click.Path(dir_okay=False, path_type=Path))
@click.option("--purpose", help="What the tokens are for, where the plan has any.")
@click.option("--suppress", type=click.FloatRange(0, 1), default=0.0, show_default=True,
              help="Leave out rows in too small a crowd, up to this share of all.")  # fmt: skip
@click.pass_context
def deidentify(
    context: click.Context,
    *,
    file: Path,
    plan_file: Path,
    key_file: Path | None,
    output: Path,
    purpose: str | None,
    suppress: float,
) -> None:
    """Take out of a data set what points at people, by a plan, and report what risk is left. Files are CSV, NDJSON or Parquet.

    Columns that the plan does not name are dropped. The release is refused while rows stand in a crowd smaller than the plan's
    k, or with fewer values of a sensitive column than its l.
    """
    plan = _plan(plan_file, key_file)
    if plan.tokens and purpose is None:
        raise click.UsageError("tokens need --purpose")
    crowds = Crowds(plan.quasi, plan.sensitive)
    for _, row in _read(file, plan):
        crowds.add(row)
    small = crowds.too_small(plan.k, plan.l)
    whole, left = crowds.risk(), crowds.risk(small)
    share = (whole.rows - left.rows) / max(1, whole.rows)
    released = share <= suppress
    report = {
        "released": released,
        "asked": {"k": plan.k, "l": plan.l},
        "before_suppression": asdict(whole),
        "after_suppression": asdict(left),
        "suppressed_share": round(share, 4),
    }
    if released:
        released_rows = ((row, treated) for row, treated in _read(file, plan) if crowds.of(treated) not in small)
        _write(plan, output, released_rows, purpose)
    click.echo(json.dumps(report, ensure_ascii=False, indent=2))
    context.exit(0 if released else REFUSED)


def _plan(plan_file: Path, key_file: Path | None) -> Plan:
    redactor = Redactor(Finder(Scanner()))
    try:
        return read_plan(
            plan_file.read_text("utf-8"),
            key=key_file.read_bytes() if key_file else b"",
            redact=lambda value, _: redactor.redact([value], Mode.MASK, names=False)[0].text,
        )
    except PlanError as wrong:
        raise click.UsageError(str(wrong)) from None


def _read(file: Path, plan: Plan) -> Iterator[tuple[Row, Row]]:
    """Each row, as far as the plan needs it, and what the release has of it."""
    needed = dict.fromkeys([*plan.treatments, *sorted(plan.beside)])
    try:
        header = columns_of(file)
    except TableError as error:
        raise click.UsageError(f"{file.name}: {error}") from None
    if missing := needed.keys() - set(header):
        raise click.UsageError(f"no column {', '.join(sorted(missing))}; there are {', '.join(header)}")
    for row in rows_of(file, list(needed)):
        kept = {name: treat(row[name], row) for name, treat in plan.treatments.items()}
        yield row, {name: value for name, value in kept.items() if value is not None}


def _write(plan: Plan, output: Path, released: Iterable[tuple[Row, Row]], purpose: str | None) -> None:
    columns = [name for name, treat in plan.treatments.items() if treat is not drop]
    if not plan.tokens:
        write_rows(output, columns, (treated for _, treated in released))
        return
    with _service() as moat:
        write_rows(output, columns, with_tokens(released, plan.tokens, partial(_exchanged, moat, purpose)))


def _service() -> Moat:
    try:
        return Moat()
    except ValueError as unset:
        raise click.UsageError(f"{unset}; tokens come from the service") from None


def _exchanged(moat: Moat, purpose: str | None, values: Sequence[Value]) -> list[str | None]:
    items = [Item(one.subject, one.kind, one.value) for one in values]
    try:
        answers = moat.tokenize(items, purpose=purpose)
    except MoatError as refused:
        raise click.ClickException(f"{refused}\nNothing was written.") from None
    return [one.token if isinstance(one, Tokenized) else None for one in answers]
