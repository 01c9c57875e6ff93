"""Reads and writes the files of a bulk run in constant memory: CSV and NDJSON, and the output that can be taken back."""

import csv
import fcntl
import io
import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, BinaryIO, Final, Self

import orjson

from vault.bulk.mapping import MappingError
from vault.bulk.rows import REPLACEMENT, Record, formula_safe

if TYPE_CHECKING:
    from _csv import Reader

FORMATS: Final = {".csv": "csv", ".ndjson": "ndjson", ".jsonl": "ndjson", ".parquet": "parquet"}
LONGEST_LINE: Final = 1 << 20
_PEEKED_LINES: Final = 1_000


def format_of(path: Path) -> str:
    """Return ``csv``, ``ndjson`` or ``parquet`` by a file's extension. Raises MappingError."""
    try:
        return FORMATS[path.suffix.lower()]
    except KeyError:
        raise MappingError(f"{path.name}: the extension is none of {', '.join(FORMATS)}") from None


@dataclass(frozen=True, slots=True)
class Source:
    """A file being read. ``position`` tells how far, of ``size``, in octets (records for Parquet)."""

    header: tuple[str, ...]
    records: Iterator[Record]
    size: int
    position: Callable[[], int]
    bom: bool
    close: Callable[[], None]

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, raised: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def open_csv(path: Path, encoding: str) -> Source:
    """Open a CSV file (RFC 4180) at its first record. Raises MappingError if its header is not of the encoding, OSError."""
    raw = path.open("rb")
    bom = raw.read(3) == b"\xef\xbb\xbf"
    raw.seek(3 if bom else 0)
    # Octets that are not of the encoding become U+FFFD, which `prepare` refuses cell by cell.
    text = io.TextIOWrapper(raw, encoding=encoding, errors="replace", newline="")
    reader = csv.reader(iter(lambda: text.readline(LONGEST_LINE), ""))
    header = next(_csv_records(reader), Record(1, ()))
    columns = tuple(str(cell).removeprefix("\ufeff") for cell in header.cells)
    if any(REPLACEMENT in column for column in columns):
        raw.close()
        raise MappingError(f"{path.name}: the header is not {encoding}; try --encoding gb18030")
    records = (_of_width(record, len(columns)) for record in _csv_records(reader))
    return Source(columns, records, path.stat().st_size, raw.tell, bom, text.close)


def _csv_records(reader: "Reader") -> Iterator[Record]:
    """Yield the records with the line that each begins on; a blank line is none."""
    while True:
        line = reader.line_num + 1
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error:
            # A quote that never closes runs into the field size limit; reading goes on at the next line.
            yield Record(line, (), "unreadable")
            continue
        if cells:
            yield Record(line, cells)


def _of_width(record: Record, width: int) -> Record:
    if record.fault is None and len(record.cells) != width:
        return Record(record.line, (), "wrong_number_of_cells")
    return record


def open_ndjson(path: Path) -> Source:
    """Open a file of one JSON object on each line, UTF-8. Raises OSError.

    The columns are the members of the first thousand objects: one line may leave out what is optional.
    """
    with path.open("rb") as peeked:
        objects = (_object(line) for _, line in islice(_lines(peeked), _PEEKED_LINES))
        members = dict.fromkeys(name for found in objects if found is not None for name in found)
    header = tuple(members)
    raw = path.open("rb")

    def records() -> Iterator[Record]:
        for number, line in _lines(raw):
            found = None if line is None else _object(line)
            if found is not None:
                yield Record(number, [found.get(name) for name in header])
            elif line is None or line.strip():
                yield Record(number, (), "line_too_long" if line is None else "not_an_object")

    return Source(header, records(), path.stat().st_size, raw.tell, bom=False, close=raw.close)


def _lines(raw: BinaryIO) -> Iterator[tuple[int, bytes | None]]:
    """Yield lines with their number from 1; None for one of more than ``LONGEST_LINE`` octets, which is skipped."""
    number = 0
    while line := raw.readline(LONGEST_LINE):
        number += 1
        whole = line
        while len(line) == LONGEST_LINE and not line.endswith(b"\n"):
            line = raw.readline(LONGEST_LINE)
        yield number, whole.removeprefix(b"\xef\xbb\xbf") if whole is line else None


def _object(line: bytes | None) -> dict[str, object] | None:
    try:
        parsed = orjson.loads(line or b"")
    except orjson.JSONDecodeError:
        return None
    return parsed if isinstance(parsed, dict) else None


class Output:
    """A file that grows by whole batches and can be taken back to a former length. One process at a time holds it."""

    __slots__ = ("_file", "_octets", "path")

    def __init__(self, path: Path, *, private: bool) -> None:
        """Open or create, changing nothing yet. A private file is readable by its owner only.

        Raises BlockingIOError if another process has it open so (the kernel frees the lock of a killed one), OSError.
        """
        self.path = path
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600 if private else 0o666)
        self._file = os.fdopen(descriptor, "r+b")
        if private:  # one that is overwritten has a mode already
            os.fchmod(descriptor, 0o600)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            self._file.close()
            raise
        self._octets = self._file.seek(0, os.SEEK_END)

    def cut(self, length: int) -> None:
        """Drop what is behind ``length`` octets and write from there. Raises ValueError if there are fewer."""
        if self._octets < length:
            raise ValueError(f"{self.path.name} is shorter than its progress file says")
        self._file.truncate(length)
        self._octets = self._file.seek(length)

    @property
    def octets(self) -> int:
        """The file's length with all that was written."""
        return self._octets

    def write(self, octets: bytes) -> None:
        """Append."""
        self._octets += self._file.write(octets)

    def sync(self) -> None:
        """Return when everything written so far would survive a loss of power."""
        self._file.flush()
        os.fsync(self._file.fileno())

    def close(self) -> None:
        """Close."""
        self._file.close()


def csv_octets(rows: Iterable[Sequence[object]], encoding: str) -> bytes:
    """Write rows as RFC 4180 CSV whose cells no spreadsheet takes for formulas."""
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerows([formula_safe("" if cell is None else str(cell)) for cell in row] for row in rows)
    return text.getvalue().encode(encoding)


def ndjson_octets(rows: Iterable[Sequence[object]], header: Sequence[str]) -> bytes:
    """Write rows as JSON objects, an empty cell as null; what JSON does not know (a date of Parquet) as its text."""
    lines = (
        orjson.dumps({name: None if cell == "" else cell for name, cell in zip(header, row, strict=True)}, default=str)
        for row in rows
    )
    return b"".join(line + b"\n" for line in lines)


def replace_durably(path: Path, octets: bytes) -> None:
    """Put a file in the place of its predecessor so that at every moment one of both is there whole."""
    successor = path.with_name(path.name + ".new")
    with successor.open("wb") as file:
        file.write(octets)
        file.flush()
        os.fsync(file.fileno())
    successor.replace(path)
    directory = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(directory)
    finally:
        os.close(directory)
