"""Reads Parquet, and makes it from the NDJSON that a run writes meanwhile: a Parquet file itself cannot be continued."""

import os
import stat
from collections.abc import Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import Any, Final

import orjson

from vault.bulk.files import Source
from vault.bulk.mapping import MappingError
from vault.bulk.rows import Record

_ROW_GROUP: Final = 10_000


def open_parquet(path: Path, wanted: Sequence[str]) -> Source:
    """Open a Parquet file; records are numbered from 1 in place of lines, and only wanted columns are read.

    Raises MappingError if the extra is not installed or the file is not Parquet, OSError.
    """
    pyarrow, parquet = _pyarrow()
    try:
        file = parquet.ParquetFile(path)
    except pyarrow.ArrowInvalid:
        raise MappingError(f"{path.name} is not a Parquet file") from None
    header = tuple(file.schema_arrow.names)
    read = [name for name in wanted if name in header]
    done = 0

    def records() -> Iterator[Record]:
        nonlocal done
        for batch in file.iter_batches(batch_size=1_000, columns=read):
            columns = {name: batch.column(name).to_pylist() for name in read}
            for position in range(batch.num_rows):
                done += 1
                yield Record(done, [columns[name][position] if name in columns else None for name in header])

    return Source(header, records(), file.metadata.num_rows, lambda: done, bom=False, close=file.close)


def parquet_from_ndjson(rows: Path, path: Path, *, header: Sequence[str], source: Path, kept: Sequence[str]) -> None:
    """Write a Parquet file from NDJSON rows, a row group at a time, and put it in its place when it is whole.

    Columns copied from a Parquet source keep its type where JSON has it (text, integer, fraction, truth value); all
    others are text. Who may read the rows may read the file.
    """
    pyarrow, parquet = _pyarrow()
    types = _json_types(source, kept) if source.suffix.lower() == ".parquet" else {}
    schema = pyarrow.schema([(name, types.get(name, pyarrow.string())) for name in header])
    successor = path.with_name(path.name + ".new")
    with rows.open("rb") as lines, successor.open("wb") as file:
        os.fchmod(file.fileno(), stat.S_IMODE(os.fstat(lines.fileno()).st_mode))
        with parquet.ParquetWriter(file, schema) as writer:
            while batch := [orjson.loads(line) for line in islice(lines, _ROW_GROUP)]:
                writer.write_table(pyarrow.Table.from_pylist(batch, schema))
        file.flush()
        os.fsync(file.fileno())
    successor.replace(path)


def _json_types(source: Path, kept: Sequence[str]) -> dict[str, Any]:
    pyarrow, parquet = _pyarrow()
    known = (pyarrow.types.is_integer, pyarrow.types.is_floating, pyarrow.types.is_boolean)
    return {
        field.name: field.type
        for field in parquet.read_schema(source)
        if field.name in kept and any(is_known(field.type) for is_known in known)
    }


def _pyarrow() -> tuple[Any, Any]:
    try:
        import pyarrow as arrow  # noqa: PLC0415  an extra: slow to import, and it may not be there
        import pyarrow.parquet  # noqa: PLC0415
    except ImportError:
        raise MappingError("Parquet needs an extra: pip install 'moat-privacy[parquet]'") from None
    return arrow, pyarrow.parquet
