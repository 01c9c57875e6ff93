"""Numbers from a CSV file, with a report by line.

    number,area,province,carrier,voice,texts
    +8657188880001
    +8617000000001,杭州,,移动,yes,no

The first line names the columns, of which only `number` must be there. An area is a code or the name of a place; of fixed lines
of China the number says it. A line that cannot be used is named with its reason, and the others are added.
"""

import csv
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from io import StringIO

from masking.relay.area import area_named, area_of
from masking.relay.bound import By
from masking.relay.errors import EmergencyNumberError, ImportFileError, InvalidNumberError
from masking.relay.number import RelayNumber
from masking.relay.stocking import NewNumber, Stocking

LINES_AT_MOST = 10_000
_COLUMNS = frozenset({"number", "area", "province", "carrier", "voice", "texts"})
_SAID = {"": True, "yes": True, "true": True, "1": True, "no": False, "false": False, "0": False}
_WORD_AT_MOST = 32


class Fault(StrEnum):
    """Why a line was not added."""

    NUMBER = "invalid_number"
    EMERGENCY = "emergency_number"
    AREA = "unknown_area"
    WORD = "invalid_word"
    TWICE = "twice"
    KNOWN = "known"


@dataclass(frozen=True, slots=True)
class Line:
    """What became of a line, counted from 1 with the header: added, or the fault."""

    line: int
    fault: Fault | None


def import_numbers(stocking: Stocking, by: By, pool: str, text: str, region: str) -> list[Line]:
    """Add the numbers of a CSV file to a pool; each line with its fate, in order. National numbers are of `region`.

    Raises:
        ImportFileError: it is no such file, or has more than 10,000 lines.
        PoolNotFoundError: no such pool.
    """
    read = _read(text)
    report: dict[int, Fault | None] = {}
    numbers: dict[int, NewNumber] = {}
    seen: set[str] = set()
    for line, row in read:
        found = _number(row, region)
        if isinstance(found, Fault):
            report[line] = found
        elif found.number.value in seen:
            report[line] = Fault.TWICE
        else:
            seen.add(found.number.value)
            numbers[line] = found
    added = stocking.add(by, pool, list(numbers.values()))
    for line, new in zip(numbers, added, strict=True):
        report[line] = None if new else Fault.KNOWN
    return [Line(line, report[line]) for line, _ in read]


def _read(text: str) -> Sequence[tuple[int, dict[str, str]]]:
    reader = csv.DictReader(StringIO(text.removeprefix("\ufeff")), strict=True)
    try:
        columns = reader.fieldnames
        if not columns or "number" not in columns or len(set(columns)) < len(columns) or not set(columns) <= _COLUMNS:
            raise ImportFileError
        rows = [(reader.line_num, row) for row in reader]
    except csv.Error:
        raise ImportFileError from None
    if len(rows) > LINES_AT_MOST or any(None in row for _, row in rows):
        raise ImportFileError
    return [(line, {name: (value or "").strip() for name, value in row.items()}) for line, row in rows]


def _number(row: dict[str, str], region: str) -> NewNumber | Fault:
    try:
        number = RelayNumber.parse(row["number"], region)
    except EmergencyNumberError:
        return Fault.EMERGENCY
    except InvalidNumberError:
        return Fault.NUMBER
    area = area_of(number)
    if row.get("area"):
        area = area_named(row["area"])
        if area is None:
            return Fault.AREA
    province, carrier = row.get("province", ""), row.get("carrier", "")
    voice, texts = (_SAID.get(row.get(name, "").lower()) for name in ("voice", "texts"))
    if voice is None or texts is None or not all(_is_word(one) for one in (province, carrier)):
        return Fault.WORD
    return NewNumber(
        number=number,
        area="" if area is None else area.code,
        province=province or ("" if area is None else area.province),
        carrier=carrier,
        voice=voice,
        texts=texts,
    )


def _is_word(text: str) -> bool:
    return len(text) <= _WORD_AT_MOST and (not text or (text.isprintable() and not any(map(str.isdigit, text))))
