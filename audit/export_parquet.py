"""The rows of an export as Parquet, typed, for programs that count. Needs the extra `parquet`."""

from collections.abc import Iterable, Iterator
from datetime import datetime
from importlib.util import find_spec
from itertools import islice
from pathlib import Path
from typing import Any

import orjson

from audit.export import Plan
from audit.export_filter import along
from audit.export_part import rewritten
from audit.export_rows import COLUMNS, base64_of

ROWS_PER_GROUP = 10_000

_INTEGERS = {
    "index",
    "tenant",
    "actor.id",
    "approver.id",
    "count",
    "part",
    "parts",
    "succeeds.log",
    "succeeds.size",
    "v",
}
_LISTS = {"subjects", "refs"}


def available() -> bool:
    """Whether the extra is installed."""
    return find_spec("pyarrow") is not None


def write_parquet(plan: Plan, rows: Iterable[Path], target: Path) -> None:
    """Write the rows of these NDJSON parts to `target`, durable when this returns; one group of rows is in memory at a time.

    Raises:
        ImportError: the extra is not installed.
        OSError: the disk does not take the file.
    """
    import pyarrow  # noqa: PLC0415 - an extra
    from pyarrow import parquet  # noqa: PLC0415 - an extra

    checkpoint = plan.checkpoint
    named = {"origin": checkpoint.origin, "size": str(checkpoint.size), "root": base64_of(checkpoint.root)}
    schema = pyarrow.schema([(column, _type(pyarrow, column)) for column in COLUMNS], metadata=named)
    lines = _lines(rows)
    with rewritten(target) as file, parquet.ParquetWriter(file, schema, compression="zstd") as writer:
        while group := [_record(line) for line in islice(lines, ROWS_PER_GROUP)]:
            writer.write_table(pyarrow.Table.from_pylist(group, schema))


def _type(pyarrow: Any, column: str) -> Any:
    if column in _INTEGERS:
        return pyarrow.int64()
    if column == "at":
        return pyarrow.timestamp("ms", "UTC")
    if column == "rows":
        return pyarrow.list_(pyarrow.int64())
    return pyarrow.list_(pyarrow.string()) if column in _LISTS else pyarrow.string()


def _lines(rows: Iterable[Path]) -> Iterator[bytes]:
    for path in rows:
        with path.open("rb") as file:
            yield from file


def _record(line: bytes) -> dict[str, Any]:
    row = orjson.loads(line)
    record = {column: along(row["entry"], column) for column in COLUMNS[2:]}
    return {**record, "at": datetime.fromisoformat(record["at"]), "index": row["index"], "leaf": row["leaf"]}
