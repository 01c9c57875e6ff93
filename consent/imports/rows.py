"""Rows of a file of consents, one at a time, and what is wrong with each.

A file is CSV with a heading line, or NDJSON with an object a line, in UTF-8. The columns are

    subject purpose state at                     always; `at` is when it was said (RFC 3339)
    evidence evidence_sha256                     a code of what proves it (`import`), and the SHA-256 of the proof
    notice_version locale                        which notice was shown; else the one in force, in the catalogue's first
    language default shown                                how the switch stood (`off`, `on`), and the purposes that were shown
    together expressed_by guardian_evidence channel method under_14

An empty cell is one that says nothing. `shown` is a list in NDJSON and words between spaces in CSV.
"""

import csv
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import orjson
from moat_client.consent_answers import Said
from pydantic import ValidationError

from consent.records.messages import ConsentItem

NEEDED = ("subject", "purpose", "state", "at")
COLUMNS = frozenset(
    {
        *NEEDED,
        "evidence",
        "evidence_sha256",
        "notice_version",
        "locale",
        "default",
        "shown",
        "expressed_by",
        "guardian_evidence",
        "channel",
        "method",
        "under_14",
    }
)
LINE_AT_MOST = 65_536


class FileError(ValueError):
    """A file that is none of consents; the message names columns, never what stands in them."""


class Row(NamedTuple):
    """A row by the number of its line, counted from 1: what was said, or why it cannot be read."""

    line: int
    said: Said | None
    fault: str


def rows_of(path: Path) -> Iterator[Row]:
    """The rows of a file in order, one in memory.

    Raises:
        FileError: the file is neither CSV nor NDJSON by its name, not UTF-8, or lacks columns.
    """
    read = {".csv": _csv, ".ndjson": _ndjson, ".jsonl": _ndjson}.get(path.suffix.lower())
    if read is None:
        raise FileError("a file of consents is named .csv, .ndjson or .jsonl")
    try:
        yield from read(path)
    except UnicodeDecodeError:
        raise FileError("the file is not UTF-8") from None
    except csv.Error as error:
        raise FileError(f"the file is not CSV: {error}") from None


def _csv(path: Path) -> Iterator[Row]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        reader = csv.DictReader(file)
        _check_columns(reader.fieldnames or ())
        for cells in reader:
            found = {name: value for name, value in cells.items() if name is not None and value}
            if None in cells:
                yield Row(reader.line_num, None, "more_cells_than_columns")
            else:
                yield _row(reader.line_num, {**found, "shown": found.get("shown", "").split()})


def _ndjson(path: Path) -> Iterator[Row]:
    with path.open("rb") as file:
        number = 0
        while line := file.readline(LINE_AT_MOST):
            number += 1
            whole, end = True, line
            while not end.endswith(b"\n") and (end := file.readline(LINE_AT_MOST)):
                whole = False
            if whole and not line.strip():
                continue
            yield _of_line(number, line if whole else b"")


def _of_line(number: int, line: bytes) -> Row:
    try:
        found = orjson.loads(line)
    except orjson.JSONDecodeError:
        return Row(number, None, "not_an_object")
    if not isinstance(found, dict):
        return Row(number, None, "not_an_object")
    if not COLUMNS.issuperset(found):
        return Row(number, None, "unknown_member")
    return _row(number, {name: value for name, value in found.items() if value not in (None, "")})


def _check_columns(names: Any) -> None:
    missing = [name for name in NEEDED if name not in names]
    if missing:
        raise FileError(f"the file lacks the columns {', '.join(missing)}")
    if not COLUMNS.issuperset(names):
        raise FileError(f"there are columns that mean nothing here; known are {', '.join(sorted(COLUMNS))}")


def _row(line: int, cells: dict[str, Any]) -> Row:
    missing = next((name for name in NEEDED if name not in cells), None)
    if missing is not None:
        return Row(line, None, f"{missing}_missing")
    evidence = {"kind": cells.get("evidence", "import"), "at": cells["at"], "sha256": cells.get("evidence_sha256")}
    evidence |= {name: cells[name] for name in ("locale", "default") if name in cells}
    evidence |= {"shown": cells.get("shown", []), "notice_version": _number(cells.get("notice_version"))}
    guardian = {"evidence": cells["guardian_evidence"]} if "guardian_evidence" in cells else None
    item: dict[str, Any] = {
        name: cells[name] for name in ("subject", "purpose", "state", "channel", "expressed_by") if name in cells
    }
    item |= {"method": cells.get("method", "import"), "evidence": evidence, "guardian": guardian}
    item["under_14"] = _truth(cells.get("under_14"))
    try:
        ConsentItem.model_validate(item)
    except ValidationError as error:
        first = error.errors(include_input=False, include_url=False, include_context=False)[0]
        return Row(line, None, f"{first['loc'][-1] if first['loc'] else 'row'}_{first['type']}")
    kept = {name: value for name, value in evidence.items() if value not in (None, [])}
    return Row(line, Said(**{**item, "evidence": kept}), "")


def _number(cell: Any) -> Any:
    return int(cell) if isinstance(cell, str) and cell.isascii() and cell.isdecimal() else cell


def _truth(cell: Any) -> Any:
    return {"true": True, "false": False}.get(cell, cell) if isinstance(cell, str) else cell
