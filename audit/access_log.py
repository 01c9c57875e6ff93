"""Which entries name a person: an index from pseudonyms to log indexes, built by the publisher beside the log's files.

It is made of segments, each a file that never changes, for a range of the log:

    subjects/<from>-<to>-<n>   n little-endian u64, sorted: the first 8 octets of pseudonyms
                               n little-endian u64, in the same order: the index of an entry that names it

Segments of about one size are merged eight at a time, so that there are few of them and each pair is written a few times. Eight
octets are no identity: whoever looks up reads the entries and keeps those that name the whole pseudonym. Everything here follows
from the log's bundles. Nothing is synced: a segment that a loss of power left shorter than its name says is built anew.
"""

import base64
import os
import re
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from mmap import ACCESS_READ, mmap
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import orjson

from audit.directory import LogFiles
from audit.entry import SubjectRef
from audit.tile import WIDTH, TilePath, decode_bundle, width_at

DIRECTORY = "subjects"
MERGE_AT = 8
SMALLEST_TIER = 512
LARGEST = 4_194_304
"""Pairs from which a segment is merged no more, which bounds memory."""

AT_ONCE = 4_096

_NAME = re.compile(r"([0-9]{15})-([0-9]{15})-([0-9]+)", re.ASCII)
_PAIR_BYTES = 16

_SUBJECTS = b'"subjects":['
_BEHALF = b'"behalf":{'
_LISTED_BYTES = len('"AAAAAAAAAAAAAAAAAAAAAA",')

Pairs = tuple[np.ndarray[Any, np.dtype[np.uint64]], np.ndarray[Any, np.dtype[np.uint64]]]


class Segment(NamedTuple):
    """A segment's range of the log, and how many pairs it has."""

    first: int
    end: int
    pairs: int

    @property
    def name(self) -> str:
        return f"{self.first:015d}-{self.end:015d}-{self.pairs}"


class SubjectIndex:
    """The index of one log. One process extends it; any reads it."""

    def __init__(self, files: LogFiles) -> None:
        self._files = files
        self._root = files.root / DIRECTORY

    def covers(self) -> int:
        """How many entries of the log are in the index."""
        return max((segment.end for segment in self._segments()), default=0)

    def extend(self, size: int, latest: Sequence[bytes] = ()) -> None:
        """Take in the entries up to `size`, which must be in the log's files; the last of them may be given beside.

        Raises:
            OSError: a bundle cannot be read, or the disk does not take a segment.
        """
        while (first := self.covers()) < size:
            if first == size - len(latest):
                end = size
                entries: Iterator[tuple[int, bytes]] = enumerate(latest, first)
            else:
                end = min(size, first + AT_ONCE)
                entries = self._entries(first, end)
            self._write(first, end, _pairs(entries))
            self._merge()

    def find(self, refs: Sequence[SubjectRef]) -> list[int]:
        """The indexes of entries that may name one of the pseudonyms, in order. Check each: eight octets are no identity."""
        keys = _keys(",".join(f'"{ref}"' for ref in refs).encode())
        while True:
            with suppress(FileNotFoundError):  # merged while it was read: the next listing knows where it went
                return sorted({index for segment in self._segments() for index in self._find_in(segment, keys)})

    def _find_in(self, segment: Segment, keys: np.ndarray[Any, np.dtype[np.uint64]]) -> list[int]:
        if segment.pairs == 0:
            return []
        prefixes, indexes = self._load(segment)
        starts, ends = np.searchsorted(prefixes, keys, "left"), np.searchsorted(prefixes, keys, "right")
        return [int(index) for start, end in zip(starts, ends, strict=True) for index in indexes[start:end]]

    def _entries(self, first: int, end: int) -> Iterator[tuple[int, bytes]]:
        for number in range(first // WIDTH, -(-end // WIDTH)):
            width = width_at(None, number, end)
            bundle = decode_bundle(self._files.read(TilePath(None, number, width)), width)
            for index, entry in enumerate(bundle, number * WIDTH):
                if index >= first:
                    yield index, entry

    def _segments(self) -> list[Segment]:
        """The segments that cover the log from its beginning without a gap, the widest where they overlap."""
        found = []
        with suppress(FileNotFoundError):
            for path in self._root.iterdir():
                named = _NAME.fullmatch(path.name)
                segment = Segment(*map(int, named.groups())) if named else None
                with suppress(FileNotFoundError):
                    if segment is not None and path.stat().st_size == _PAIR_BYTES * segment.pairs:
                        found.append(segment)
        chosen: list[Segment] = []
        for segment in sorted(found, key=lambda one: (one.first, -one.end)):
            if segment.first == (chosen[-1].end if chosen else 0):
                chosen.append(segment)
        return chosen

    def _merge(self) -> None:
        segments = self._segments()
        tier = SMALLEST_TIER
        while tier <= LARGEST:
            run: list[Segment] = []
            for segment in reversed(segments):
                if segment.pairs >= tier:
                    break
                run.insert(0, segment)
            if len(run) >= MERGE_AT:
                loaded = [self._load(segment) for segment in run if segment.pairs]
                prefixes = np.concatenate([pairs[0] for pairs in loaded]) if loaded else np.empty(0, np.uint64)
                indexes = np.concatenate([pairs[1] for pairs in loaded]) if loaded else np.empty(0, np.uint64)
                self._write(run[0].first, run[-1].end, (prefixes, indexes))
                for segment in run:
                    (self._root / segment.name).unlink(missing_ok=True)
                segments = self._segments()
            tier *= MERGE_AT

    def _write(self, first: int, end: int, pairs: Pairs) -> None:
        order = np.argsort(pairs[0], kind="stable")
        octets = pairs[0][order].astype("<u8").tobytes() + pairs[1][order].astype("<u8").tobytes()
        self._root.mkdir(mode=0o700, exist_ok=True)
        segment = self._root / Segment(first, end, len(order)).name
        beside = segment.with_name(f".{segment.name}.{os.getpid()}")
        beside.write_bytes(octets)
        beside.rename(segment)

    def _load(self, segment: Segment) -> Pairs:
        path: Path = self._root / segment.name
        count = segment.pairs
        with path.open("rb") as file:
            mapped = np.frombuffer(mmap(file.fileno(), 0, access=ACCESS_READ), "<u8", 2 * count)
        return mapped[:count], mapped[count:]


def subjects_of(fields: dict[str, Any]) -> list[SubjectRef]:
    """Every pseudonym that an entry names: the people it is about, and whom it was done for."""
    named = list(fields.get("subjects", ()))
    if (behalf := fields.get("behalf", {}).get("subject")) is not None:
        named.append(behalf)
    return named


def _pairs(entries: Iterable[tuple[int, bytes]]) -> Pairs:
    """The pairs of these entries, sorted, each once."""
    listed: list[bytes] = []
    indexes: list[int] = []
    counts: list[int] = []
    for index, entry in entries:
        named = _listed(entry)
        if named:
            listed.append(named)
            indexes.append(index)
            counts.append(-(-len(named) // _LISTED_BYTES))
    keys = _keys(b",".join(listed))
    repeated = np.repeat(np.array(indexes, np.uint64), counts)
    order = np.lexsort((repeated, keys))
    keys, repeated = keys[order], repeated[order]
    first = np.ones(len(keys), np.bool_)
    first[1:] = (keys[1:] != keys[:-1]) | (repeated[1:] != repeated[:-1])
    return keys[first], repeated[first]


def _listed(entry: bytes) -> bytes:
    """The pseudonyms that an entry names, as its canonical bytes list them: each in quotes, with commas between.

    No text of an entry holds a quote, so that its keys are found without reading it whole.
    """
    if _BEHALF in entry:
        return b",".join([b'"%s"' % ref.encode() for ref in subjects_of(orjson.loads(entry))])
    place = entry.find(_SUBJECTS)
    return b"" if place < 0 else entry[place + len(_SUBJECTS) : entry.index(b"]", place)]


def _keys(listed: bytes) -> np.ndarray[Any, np.dtype[np.uint64]]:
    """The first 8 octets of each pseudonym of a list: of its first 12 characters, which hold 9.

    Raises:
        ValueError: it is no list of pseudonyms.
    """
    rows = np.frombuffer(listed + b",", np.uint8) if listed else np.empty(0, np.uint8)
    characters = np.ascontiguousarray(rows.reshape(-1, _LISTED_BYTES)[:, 1:13])
    octets = np.frombuffer(base64.urlsafe_b64decode(characters.tobytes()), np.uint8).reshape(-1, 9)
    return np.ascontiguousarray(octets[:, :8]).view(">u8").reshape(-1).astype(np.uint64)
