"""Data sets as CSV, NDJSON or Parquet files, by their suffix: rows of texts in, rows of texts out.

What cannot be read as a row (wider or narrower than its header, no JSON object, too long) is left out: nobody knows what it
says. Numbers and truth values are read as JSON writes them, lists and objects as JSON, and what is null or missing as
an empty text.
"""

import csv
import io
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime
from itertools import chain, islice
from pathlib import Path
from typing import IO, Any, Final

import orjson

LINES: Final = (".ndjson", ".jsonl")
_LINE_BYTES: Final = 1 << 20
_PEEKED: Final = 1_000
_ROW_GROUP: Final = 10_000
Row = dict[str, str]


class TableError(ValueError):
    """A file that cannot be read or written in its format."""


def columns_of(path: Path) -> list[str]:
    """The header; of NDJSON, the members of the first thousand objects, for a line may leave out what is optional.

    Raises:
        TableError: it is not of its format.
    """
    if path.suffix.lower() == ".parquet":
        parquet = _parquet()
        try:
            return list(parquet.read_schema(path).names)
        except ValueError:
            raise TableError("it is not a Parquet file") from None
    if path.suffix.lower() in LINES:
        return list(dict.fromkeys(chain.from_iterable(islice(_objects(path), _PEEKED))))
    with path.open(encoding="utf-8-sig", errors="replace", newline="") as text:
        return next(csv.reader(text), [])


def rows_of(path: Path, columns: Sequence[str]) -> Iterator[Row]:
    """These columns of each row, in order. Raises as `columns_of`."""
    if path.suffix.lower() == ".parquet":
        for batch in _parquet().ParquetFile(path).iter_batches(batch_size=_PEEKED, columns=list(columns)):
            for row in batch.to_pylist():
                yield {name: _text(row.get(name)) for name in columns}
    elif path.suffix.lower() in LINES:
        for found in _objects(path):
            yield {name: _text(found.get(name)) for name in columns}
    else:
        with path.open(encoding="utf-8-sig", errors="replace", newline="") as text:
            reader = csv.reader(text)
            header = next(reader, [])
            for cells in reader:
                if len(cells) == len(header):
                    row = dict(zip(header, cells, strict=True))
                    yield {name: row[name] for name in columns}


def write_rows(path: Path, columns: Sequence[str], rows: Iterable[Row]) -> None:
    """Write a file of these columns, all of texts, which stands in its place only when it is whole. Raises TableError."""
    successor = path.with_name(path.name + ".new")
    try:
        with successor.open("wb") as file:
            if path.suffix.lower() == ".parquet":
                _write_parquet(file, columns, iter(rows))
            elif path.suffix.lower() in LINES:
                file.writelines(orjson.dumps(row) + b"\n" for row in rows)
            else:
                _write_csv(file, columns, rows)
        successor.replace(path)
    finally:
        successor.unlink(missing_ok=True)


def _write_csv(file: IO[bytes], columns: Sequence[str], rows: Iterable[Row]) -> None:
    with io.TextIOWrapper(file, encoding="utf-8", newline="") as text:
        writer = csv.DictWriter(text, columns)
        writer.writeheader()
        writer.writerows(rows)


def _write_parquet(file: IO[bytes], columns: Sequence[str], rows: Iterator[Row]) -> None:
    parquet = _parquet()
    import pyarrow  # noqa: PLC0415 - an extra: slow to import, and it may not be there

    schema = pyarrow.schema([(name, pyarrow.string()) for name in columns])
    with parquet.ParquetWriter(file, schema) as writer:
        while group := list(islice(rows, _ROW_GROUP)):
            writer.write_table(pyarrow.Table.from_pylist(group, schema))


def _objects(path: Path) -> Iterator[dict[str, Any]]:
    with path.open("rb") as file:
        while line := file.readline(_LINE_BYTES):
            end = line
            while not end.endswith(b"\n") and (end := file.readline(_LINE_BYTES)):
                line = b""
            try:
                found = orjson.loads(line)
            except orjson.JSONDecodeError:
                continue
            if isinstance(found, dict):
                yield found


def _text(value: object) -> str:
    if value is None or isinstance(value, str):
        return value or ""
    if isinstance(value, date | datetime):
        return value.isoformat()
    return (
        orjson.dumps(value, default=str).decode() if isinstance(value, bool | int | float | list | dict) else str(value)
    )


def _parquet() -> Any:
    try:
        import pyarrow.parquet  # noqa: PLC0415 - as above
    except ImportError:
        raise TableError("Parquet needs an extra: pip install 'moat-privacy[parquet]'") from None
    return pyarrow.parquet
