"""`moat deidentify`: a data set in, one that points at nobody out, and a report of how well it hides people.

Exit status: 0 released; 3 refused, for some rows stand in too small a crowd (nothing is written); 2 wrong options or plan.
"""

import csv
import json
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Final

import click

from masking.datasets.plan import Plan, PlanError, read_plan
from masking.datasets.risk import Crowd, Crowds
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
@click.option("--suppress", type=click.FloatRange(0, 1), default=0.0, show_default=True,
              help="Leave out rows in too small a crowd, up to this share of all.")  # fmt: skip
@click.pass_context
def deidentify(
    context: click.Context, file: Path, plan_file: Path, key_file: Path | None, output: Path, suppress: float
) -> None:
    """Take out of a CSV file what points at people, by a plan, and report what risk is left.

    Columns that the plan does not name are dropped. The release is refused while rows stand in a crowd smaller than the plan's
    k, or with fewer values of a sensitive column than its l.
    """
    plan = _plan(plan_file, key_file)
    crowds = Crowds(plan.quasi, plan.sensitive)
    for row in _treated(file, plan):
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
        _write(file, plan, output, crowds, small)
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


def _treated(file: Path, plan: Plan) -> Iterator[dict[str, str]]:
    """The rows of the release. One that is wider or narrower than its header is left out: nobody knows what is in it."""
    with file.open(encoding="utf-8-sig", errors="replace", newline="") as text:
        reader = csv.reader(text)
        header = next(reader, [])
        if missing := plan.treatments.keys() - set(header):
            raise click.UsageError(f"no column {', '.join(sorted(missing))}; there are {', '.join(header)}")
        for cells in reader:
            if len(cells) == len(header):
                row = dict(zip(header, cells, strict=True))
                kept = {name: treat(row[name], row) for name, treat in plan.treatments.items()}
                yield {name: value for name, value in kept.items() if value is not None}


def _write(file: Path, plan: Plan, output: Path, crowds: Crowds, small: frozenset[Crowd]) -> None:
    with output.open("w", encoding="utf-8", newline="") as text:
        writer: csv.DictWriter[str] | None = None
        for row in _treated(file, plan):
            if writer is None:
                writer = csv.DictWriter(text, list(row))
                writer.writeheader()
            if crowds.of(row) not in small:
                writer.writerow(row)
