"""Records of a file: texts to look at, and how what comes of them is written back.

What cannot be read as a record of its file (a line that is no JSON, a row with too many cells) is a text like any other:
nothing passes because it was not understood.
"""

import csv
import io
from abc import ABC, abstractmethod
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO, Final, TextIO

import orjson

LINE_AT_MOST: Final = 1 << 20
"""Octets of a line, or characters of a row, that are looked at. What is longer is hidden whole."""


@dataclass(frozen=True, slots=True)
class Cell:
    """A text, and the column that it stands in; empty for a line of a log."""

    column: str
    text: str


class Record(ABC):
    """A line of a file."""

    @abstractmethod
    def cells(self) -> Sequence[Cell]:
        """The texts, in order."""

    @abstractmethod
    def written(self, texts: Sequence[str]) -> bytes:
        """The line with these instead."""


class Line(Record):
    """A line of a log, or one that is no record of its format."""

    def __init__(self, octets: bytes) -> None:
        self._text = octets.decode(errors="surrogateescape")

    def cells(self) -> Sequence[Cell]:
        """All of it."""
        return [Cell("", self._text)]

    def written(self, texts: Sequence[str]) -> bytes:
        """What stands for it. Octets that are no UTF-8 come back as they were."""
        return texts[0].encode(errors="surrogateescape")


class Row(Record):
    """A row of a CSV file. One that is not as wide as its header counts as columns without names."""

    def __init__(self, header: Sequence[str], cells: Sequence[str]) -> None:
        self._header = header if len(header) == len(cells) else [""] * len(cells)
        self._cells = cells

    def cells(self) -> Sequence[Cell]:
        """Its cells."""
        return [Cell(column, text) for column, text in zip(self._header, self._cells, strict=True)]

    def written(self, texts: Sequence[str]) -> bytes:
        """RFC 4180."""
        return csv_octets(texts)


class Tree(Record):
    """A line of NDJSON: its texts and numbers wherever they stand, by the name of the member of the outermost object."""

    def __init__(self, value: Any) -> None:
        self._value = value

    def cells(self) -> Sequence[Cell]:
        """Texts as they are, numbers as they are written."""
        return [Cell(column, one if isinstance(one, str) else str(one)) for column, one in _leaves(self._value)]

    def written(self, texts: Sequence[str]) -> bytes:
        """The same tree. A number of which nothing was hidden stays a number."""
        return orjson.dumps(_replanted(self._value, iter(texts)))


def _leaves(value: Any, column: str = "") -> Iterator[tuple[str, str | int | float]]:
    """Iteratively deep is as deep as the parser goes (1,024 levels)."""
    if isinstance(value, dict):
        for name, one in value.items():
            yield from _leaves(one, column or name)
    elif isinstance(value, list):
        for one in value:
            yield from _leaves(one, column)
    elif isinstance(value, str) or (isinstance(value, int | float) and not isinstance(value, bool)):
        yield column, value


def _replanted(value: Any, texts: Iterator[str]) -> Any:
    if isinstance(value, dict):
        return {name: _replanted(one, texts) for name, one in value.items()}
    if isinstance(value, list):
        return [_replanted(one, texts) for one in value]
    if isinstance(value, str):
        return next(texts)
    if isinstance(value, int | float) and not isinstance(value, bool):
        text = next(texts)
        return value if text == str(value) else text
    return value


def csv_octets(cells: Sequence[str]) -> bytes:
    """A row without the end of its line."""
    text = io.StringIO()
    csv.writer(text, lineterminator="").writerow(cells)
    return text.getvalue().encode(errors="surrogateescape")


@dataclass(frozen=True, slots=True)
class Source:
    """A file's records. `header` is the line before them, if there is one; `columns` are its names."""

    records: Iterator[Record]
    header: bytes | None = None
    columns: Collection[str] = ()


@contextmanager
def opened(path: Path) -> Iterator[Source]:
    """The records of a file, by its extension: .csv, .ndjson or .jsonl, and lines of text for any other. Raises OSError."""
    suffix = path.suffix.lower()
    if suffix == ".csv":
        with path.open(encoding="utf-8-sig", errors="surrogateescape", newline="") as text:
            yield _csv(text)
        return
    with path.open("rb") as file:
        lines = _lines(file)
        yield Source(map(_tree, lines) if suffix in {".ndjson", ".jsonl"} else map(Line, lines))


def _lines(file: BinaryIO) -> Iterator[bytes]:
    while line := file.readline(LINE_AT_MOST):
        if len(line) == LINE_AT_MOST and not line.endswith(b"\n"):
            while (more := file.readline(LINE_AT_MOST)) and not more.endswith(b"\n"):
                pass
            yield b"***"
        else:
            yield line.rstrip(b"\r\n")


def _tree(line: bytes) -> Record:
    try:
        return Tree(orjson.loads(line))
    except orjson.JSONDecodeError:
        return Line(line)


def _csv(text: TextIO) -> Source:
    reader = csv.reader(text)
    header = next(reader, [])
    return Source(_rows(reader, header), csv_octets(header), header)


def _rows(reader: Iterator[list[str]], header: Sequence[str]) -> Iterator[Record]:
    while True:
        try:
            yield Row(header, next(reader))
        except StopIteration:
            return
        except csv.Error:
            yield Row(header, ["***"])
