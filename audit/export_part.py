"""The parts of an export: the rows of some bundles, as the lines of each text.

A part is written file by file, each beside its place, synced and renamed; last its summary, which says that it is whole. One that
is whole is not made again, so that a job that was killed goes on where it was.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO

import orjson

from audit.directory import LogFiles, sync_directory, write_durably
from audit.errors import MalformedError
from audit.export import CSV, NDJSON, PROOFS_AT_MOST, Plan, TooManyProofsError
from audit.export_filter import Filter
from audit.export_rows import csv_line, ndjson_line
from audit.merkle import leaf_hash
from audit.tile import WIDTH, TilePath, decode_bundle, decode_tile, width_at

_MODE = 0o700
_SUMMARY = "part.json"


class LogDamagedError(MalformedError):
    """The log's files do not hold what the checkpoint was signed for."""


@dataclass(frozen=True, slots=True)
class Summary:
    """What a part holds: its rows, the leaf tiles that have one and, where they are to be proved, their indexes."""

    rows: int
    tiles: list[int]
    indexes: list[int]


class Part:
    """The rows of some bundles, in a directory."""

    def __init__(self, directory: Path, number: int) -> None:
        self._place = directory / f"{number:06d}"

    def text(self, name: str) -> Path:
        """The part of one text."""
        return self._place / name

    def summary(self) -> Summary | None:
        """What it holds; None while it is not whole."""
        try:
            return Summary(**orjson.loads(self.text(_SUMMARY).read_bytes()))
        except FileNotFoundError:
            return None

    def make(self, plan: Plan, bundles: range, files: LogFiles) -> Summary:
        """Derive it from the log, unless it is there.

        Raises:
            LogDamagedError: an entry is not the one of its leaf.
            TooManyProofsError: it alone has more rows than can be proved.
            OSError: the log cannot be read, or the disk does not take the part.
        """
        found = self.summary()
        if found is not None:
            return found
        self._place.mkdir(mode=_MODE, parents=True, exist_ok=True)
        made = self._write(plan, bundles, files)
        write_durably(self.text(_SUMMARY), orjson.dumps(made))
        return made

    def _write(self, plan: Plan, bundles: range, files: LogFiles) -> Summary:
        takes = Filter(plan.criteria).predicate()
        made = Summary(0, [], [])
        rows = 0
        with rewritten(self.text(NDJSON)) as lines, rewritten(self.text(CSV)) as table:
            for index, entry, leaf in entries(plan, bundles, files):
                fields = orjson.loads(entry)
                if not takes(fields):
                    continue
                rows += 1
                lines.write(ndjson_line(index, entry, leaf))
                if "csv" in plan.formats:
                    table.write(csv_line(index, fields, leaf))
                if not made.tiles or made.tiles[-1] != index // WIDTH:
                    made.tiles.append(index // WIDTH)
                if plan.proofs:
                    made.indexes.append(index)
        if plan.proofs and rows > PROOFS_AT_MOST:
            raise TooManyProofsError
        return Summary(rows, made.tiles, made.indexes)


def entries(plan: Plan, bundles: range, files: LogFiles) -> Iterator[tuple[int, bytes, bytes]]:
    """Every entry of the range in these bundles, with its index and leaf.

    Raises:
        LogDamagedError: it is not the one of its leaf.
    """
    size = plan.checkpoint.size
    for number in bundles:
        width = width_at(0, number, size)
        leaves = decode_tile(files.read(TilePath(0, number, width)), width)
        held = decode_bundle(files.read(TilePath(None, number, width)), width)
        for index, (entry, leaf) in enumerate(zip(held, leaves, strict=True), number * WIDTH):
            if leaf_hash(entry) != leaf:
                raise LogDamagedError("an entry is not the one of its leaf")
            if plan.start <= index < plan.stop:
                yield index, entry, leaf


@contextmanager
def rewritten(target: Path, *, beside: Path | None = None) -> Iterator[IO[bytes]]:
    """A file to write that takes the place of `target` in one step, durable, unless something is raised.

    Raises:
        OSError: the disk does not take it; what was there is still there.
    """
    written = beside or target.with_name(f".{target.name}.{os.getpid()}")
    try:
        with written.open("wb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        written.rename(target)
    except BaseException:
        written.unlink(missing_ok=True)
        raise
    sync_directory(target.parent)
