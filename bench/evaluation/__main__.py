"""`python -m bench.evaluation DATA [--json FILE] [--no-names]`: DATA is a file of JSON lines or a directory of such files.

Prints a table and writes all of it as JSON. Where presidio is installed, every text goes through it, too: each difference from
the fast path is printed, and makes the exit status 1. Texts are never printed.
"""

import argparse
import sys
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

import orjson
from rich.console import Console
from rich.table import Table

from bench.evaluation.measuring import blurred, evaded, measured
from bench.evaluation.rows import is_of_addresses, read
from bench.evaluation.scores import Score
from masking.detection.scanning import Scanner
from masking.finding import Finder
from masking.names.finding import NamesHere

if TYPE_CHECKING:
    from bench.evaluation.agreement import Agreement, Difference


def main() -> None:
    """Measure every file."""
    asked = argparse.ArgumentParser(prog="bench.evaluation", description=__doc__)
    asked.add_argument("data", type=Path)
    asked.add_argument("--json", type=Path, default=None)
    asked.add_argument("--no-names", action="store_true")
    told = asked.parse_args()
    files = sorted(told.data.glob("*.jsonl")) if told.data.is_dir() else [told.data]
    finder = Finder(Scanner(), None if told.no_names else NamesHere())
    results: dict[str, Any] = {}
    agreement = _agreement(finder, names=not told.no_names)
    different: dict[str, list[Difference]] = {}
    texts = 0
    for file in files:
        rows = read(file)
        texts += len(rows)
        if agreement is not None:
            different[file.name] = list(agreement.differences([row.text for row in rows]))
        if is_of_addresses(rows):
            results[file.stem] = {"building": blurred(rows)}
        else:
            results[file.stem] = {"found": measured(rows, finder, names=not told.no_names)}
            if disguises := evaded(rows, finder):
                results[file.stem]["disguised"] = disguises
    if told.json is not None:
        told.json.write_bytes(orjson.dumps(results, default=asdict, option=orjson.OPT_INDENT_2))
    _print(results)
    if agreement is not None and _tell(texts, different):
        sys.exit(1)


def _agreement(finder: Finder, *, names: bool) -> "Agreement | None":
    """None where presidio or Moat's recognizers are not installed, which is printed."""
    try:
        agreement: Agreement = import_module("bench.evaluation.agreement").Agreement(finder, names=names)
    except ModuleNotFoundError as missing:
        print(f"nothing goes through presidio: {missing.name} is not installed")
        return None
    return agreement


def _tell(texts: int, different: Mapping[str, "Sequence[Difference]"]) -> int:
    """Print where the fast path and presidio differ, and give how many texts it is."""
    for name, ones in different.items():
        for one in ones:
            print(f"{name}, text {one.text}: only the fast path {one.fast}, only presidio {one.presidio}")
    count = sum(map(len, different.values()))
    print(f"through presidio: {texts} texts, {count} of them different from the fast path")
    return count


def _print(results: dict[str, Any]) -> None:
    table = Table("data", "measure", "F2 exact", "F2 overlap", "F2 characters", "other", box=None)
    for name, parts in results.items():
        for measure, value in [pair for part in parts.values() for pair in part.items()]:
            if isinstance(value, dict) and "exact" in value:
                f2s = [_text(value[way]["f2"]) for way in ("exact", "overlap", "characters")]
                table.add_row(name, f"{measure} ({value['values']})", *f2s, "")
            elif isinstance(value, dict):
                for one, figure in value.items():
                    table.add_row(name, f"{measure} {one}", "", "", "", _text(figure))
            else:
                table.add_row(name, measure, "", "", "", _text(value))
    Console(width=150).print(table)


def _text(figure: Score | float) -> str:
    return f"{figure.value} ({figure.low}–{figure.high})" if isinstance(figure, Score) else str(figure)


if __name__ == "__main__":
    main()
