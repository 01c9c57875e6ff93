"""A file's rows as items of a batch, and a batch's answers as rows again. Pure: no file, no clock, no network."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from vault.bulk.mapping import Plan, ValueColumn
from vault.opaque_id import reads_as_personal

DONE: Final = "done"
EMPTY: Final = "empty"
WHOLE_ROW: Final = ""
"""Stands for the column where a row was refused as a whole."""

REPLACEMENT: Final = "\ufffd"
"""What decoding leaves where octets are not of the file's encoding."""

# What the service's schema asks of a whole request: one such cell would have its batch refused with 5,000 others.
SUBJECT_PATTERN: Final = re.compile(r"[A-Za-z0-9._:-]{1,64}")
REF_PATTERN: Final = re.compile(r"[a-z][a-z_]{0,31}:[A-Za-z0-9._:-]{1,64}")
LONGEST_VALUE: Final = 8_000
"""Code points."""

_FORMULA_STARTS: Final = frozenset("=+-@\t\r＝＋－＠")
_NUMBER_CHARACTERS: Final = frozenset("0123456789+-.,() ")


class KeptPersonalError(Exception):
    """A column that is to be copied as it is holds personal data. Names the place, never what is there."""

    def __init__(self, column: str, line: int) -> None:
        super().__init__(
            f"column {column} would be copied as it is, but line {line} of it holds a phone, identity card or bank card "
            "number, or an e-mail address: map the column or leave it out"
        )


@dataclass(frozen=True, slots=True)
class Record:
    """One record of the input by the header's columns, or the fault for which it has no cells. Lines count from 1."""

    line: int
    cells: Sequence[object] = field(repr=False)
    fault: str | None = None


@dataclass(frozen=True, slots=True)
class Ask:
    """One value to tokenize, or one token to detokenize."""

    column: ValueColumn
    subject: str
    text: str = field(repr=False)
    ref: str | None


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back for an ask: a text, or the code of the refusal."""

    text: str = field(default="", repr=False)
    refused: str | None = None


@dataclass(frozen=True, slots=True)
class Refused:
    """A cell, or with ``WHOLE_ROW`` a row, that did not go through."""

    line: int
    column: str
    code: str


@dataclass(slots=True)
class Row:
    """A row on its way: the output's cells so far, and what is still to be asked. ``written`` is false for a row that
    is refused as a whole."""

    line: int
    cells: list[object] = field(repr=False)
    asks: list[Ask] = field(default_factory=list, repr=False)
    refused: list[Refused] = field(default_factory=list)
    empty: list[str] = field(default_factory=list)
    written: bool = True


def prepare(plan: Plan, record: Record) -> Row:
    """Turn a record into what to copy and what to ask. Raises KeptPersonalError."""
    if record.fault is not None:
        return Row(record.line, [], refused=[Refused(record.line, WHOLE_ROW, record.fault)], written=False)
    row = Row(record.line, [""] * len(plan.output))
    for source, target in plan.kept:
        _keep(plan, record, row, source=source, target=target)
    ref = _ref(plan, record)
    for column in plan.values:
        text = text_of(record.cells[column.source])
        fault = _fault(text)
        if text is not None and not text.strip():
            row.empty.append(column.name)
        elif text is None or fault:
            row.refused.append(Refused(row.line, column.name, fault or "not_text"))
        else:
            _ask(record, row, column, text=text, ref=ref)
    return row


def _keep(plan: Plan, record: Record, row: Row, *, source: int, target: int) -> None:
    cell = record.cells[source]
    text = cell if isinstance(cell, str) else str(cell)
    if reads_as_personal(text):
        raise KeptPersonalError(plan.header[source], record.line)
    if REPLACEMENT in text:
        row.refused.append(Refused(row.line, plan.header[source], "bad_encoding"))
        return
    row.cells[target] = cell


def _ask(record: Record, row: Row, column: ValueColumn, *, text: str, ref: str | None) -> None:
    subject = "" if column.subject is None else (text_of(record.cells[column.subject]) or "").strip()
    if column.subject is not None and not subject:
        code = "missing_subject"
    elif column.subject is not None and not SUBJECT_PATTERN.fullmatch(subject):
        code = "invalid_subject"
    elif ref is not None and not REF_PATTERN.fullmatch(ref):
        code = "invalid_ref" if ref else "missing_ref"
    elif len(text) > LONGEST_VALUE:
        code = "too_long"
    else:
        row.asks.append(Ask(column, subject, text, ref))
        return
    row.refused.append(Refused(row.line, column.name, code))


def _ref(plan: Plan, record: Record) -> str | None:
    """Return the row's reference, ``""`` if a column that it needs has nothing usable."""
    if plan.ref is None:
        return None
    cells = {column: (text_of(record.cells[source]) or "").strip() for column, source in plan.ref_sources}
    return plan.ref.fill(cells) if all(cells.values()) else ""


def _fault(text: str | None) -> str | None:
    return "bad_encoding" if text is not None and REPLACEMENT in text else None


def text_of(cell: object) -> str | None:
    """Return a cell's text, ``""`` for none, or None for what is no text: a list, an object, a truth value, a fraction.

    A whole number is its digits, also where a table tool made it a float because another row had none.
    """
    if isinstance(cell, str):
        return cell
    if cell is None or cell != cell:  # noqa: PLR0124  only NaN differs from itself
        return ""
    if isinstance(cell, bool):
        return None
    if isinstance(cell, int) or (isinstance(cell, float) and cell.is_integer()):
        return str(int(cell))
    return None


def settle(row: Row, answers: Iterable[Answer]) -> None:
    """Put the answers to the row's asks, in their order, into its cells; a refused cell stays empty."""
    for ask, answer in zip(row.asks, answers, strict=True):
        if answer.refused is not None:
            row.refused.append(Refused(row.line, ask.column.name, answer.refused))
        else:
            row.cells[ask.column.target] = answer.text


def gathered(rows: Iterable[Row], limit: int) -> Iterator[list[Row]]:
    """Cut rows into runs of at most ``limit`` asks and ``limit`` rows, greedily from the first, never within a row.

    The cuts depend on nothing but the rows, so that a run that begins at a former cut makes the same ones.
    """
    batch: list[Row] = []
    asks = 0
    for row in rows:
        if batch and (asks + len(row.asks) > limit or len(batch) == limit):
            yield batch
            batch, asks = [], 0
        batch.append(row)
        asks += len(row.asks)
    if batch:
        yield batch


def count(tally: dict[str, dict[str, int]], row: Row) -> None:
    """Add a settled row to the counts by column and outcome."""
    refused = {refusal.column for refusal in row.refused}
    done = [ask.column.name for ask in row.asks if ask.column.name not in refused]
    outcomes = [(column, DONE) for column in done] + [(column, EMPTY) for column in row.empty]
    outcomes += [(refusal.column, refusal.code) for refusal in row.refused]
    for column, outcome in outcomes:
        by_outcome = tally.setdefault(column, {})
        by_outcome[outcome] = by_outcome.get(outcome, 0) + 1


def refusals_in(tally: Mapping[str, Mapping[str, int]]) -> int:
    """Return how many cells and whole rows the counts say were refused."""
    return sum(
        times for by_outcome in tally.values() for outcome, times in by_outcome.items() if outcome not in {DONE, EMPTY}
    )


def formula_safe(cell: str) -> str:
    """Return a cell that no spreadsheet runs: an apostrophe before what begins a formula, unless it is but a number.

    A phone with its ``+86`` stays as it is, since digits and signs alone compute nothing that matters.
    """
    if cell and cell[0] in _FORMULA_STARTS and not _NUMBER_CHARACTERS.issuperset(cell):
        return "'" + cell
    return cell
