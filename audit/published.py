"""What a host has published, read from its files: checkpoints, tiles, proofs, and who is named by which entry."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, NamedTuple

import orjson

from audit.access_log import SubjectIndex, subjects_of
from audit.checkpoint import Checkpoint, Note
from audit.directory import Bundle, LogDirectory, LogFiles
from audit.entry import SubjectRef
from audit.errors import AuditError, MalformedError
from audit.merkle import Node, consistency_proof, inclusion_proof, tree_root
from audit.proof import EntryProof
from audit.tile import WIDTH, TilePath, nodes_of, width_at

OCTETS_READ_AT_MOST = 64 << 20
"""How much of the log one page of an access log reads."""

BUNDLES_KEPT = 8
_NOTES_KEPT = 32


class NotPublishedError(AuditError):
    """Nothing of the kind is published on this host."""


class Consistency(NamedTuple):
    """That a log of `size` entries begins with what it was at `old`."""

    old: int
    size: int
    old_root: bytes
    root: bytes
    hashes: list[bytes]


class Place(NamedTuple):
    """A log and a leaf of it."""

    log: int
    leaf: int


class Access(NamedTuple):
    """An entry that names a person, and how many of its items are theirs."""

    place: Place
    fields: dict[str, Any]
    items: int


class AccessPage(NamedTuple):
    """Entries of a page, and where to go on after."""

    entries: list[Access]
    next: Place | None


@dataclass(frozen=True, slots=True)
class PublishedLog:
    """One log at its published checkpoint, whose octets are `note`."""

    number: int
    files: LogFiles
    checkpoint: Checkpoint
    note: bytes

    def proof(self, index: int) -> tuple[bytes, EntryProof]:
        """An entry and the proof that it is in the log: a few file reads, however long the log is.

        Raises:
            NotPublishedError: the checkpoint does not cover it.
        """
        if index >= self.checkpoint.size:
            raise NotPublishedError
        hashes = inclusion_proof(index, self.checkpoint.size, self._nodes())
        return self.entry(index), EntryProof(index, tuple(hashes), self.note)

    def entry(self, index: int) -> bytes:
        """The octets of an entry.

        Raises:
            NotPublishedError: the checkpoint does not cover it.
        """
        return self._bundle(index // WIDTH)[index % WIDTH]

    def entry_among(self, index: int, bundles: dict[tuple[int, int], Bundle]) -> bytes:
        """The octets of an entry, for a caller who reads many: each bundle is read once and kept in `bundles`, the last few of
        them.

        Raises:
            NotPublishedError: the checkpoint does not cover it.
        """
        place = self.number, index // WIDTH
        if place not in bundles:
            if len(bundles) >= BUNDLES_KEPT:
                del bundles[next(iter(bundles))]
            bundles[place] = self._bundle(index // WIDTH)
        return bundles[place][index % WIDTH]

    def consistency(self, old: int, size: int) -> Consistency:
        """The proof from one size to another.

        Raises:
            NotPublishedError: the checkpoint does not cover them, or they are in the wrong order.
        """
        if not 0 <= old <= size <= self.checkpoint.size:
            raise NotPublishedError
        node = self._nodes()
        return Consistency(old, size, tree_root(old, node), tree_root(size, node), consistency_proof(old, size, node))

    def _nodes(self) -> Node:
        return nodes_of(self.checkpoint.size, self.files.read)

    def _bundle(self, number: int) -> Bundle:
        width = width_at(None, number, self.checkpoint.size)
        if width == 0:
            raise NotPublishedError
        return self.files.bundle(TilePath(None, number, width))


class PublishedLogs:
    """The logs of a directory, as other processes may be extending them."""

    def __init__(self, directory: LogDirectory) -> None:
        self._directory = directory

    def log(self, number: int | None = None) -> PublishedLog:
        """A log, the newest by default.

        Raises:
            NotPublishedError: there is none, or nothing of it is published yet.
        """
        number = self._directory.latest() if number is None else number
        files = None if number is None else self._directory.files(number)
        note = None if files is None else files.checkpoint()
        if number is None or files is None or note is None:
            raise NotPublishedError
        return _published(number, files, note)

    def tile(self, number: int | None, path: str) -> bytes:
        """The octets of a tile or bundle.

        Raises:
            NotPublishedError: it is no path of the layout, or the log has no such tile.
        """
        log = self.log(number)
        try:
            tile = TilePath.parse(path)
            if tile.width > width_at(tile.level, tile.number, log.checkpoint.size):
                raise NotPublishedError
            return log.files.read(tile)
        except (MalformedError, FileNotFoundError):
            raise NotPublishedError from None

    def accesses(
        self, refs: Sequence[SubjectRef], tenant: int, *, after: Place | None, newest_first: bool, limit: int
    ) -> AccessPage:
        """Entries of the tenant that name one of these pseudonyms, from all logs. A page can be shorter than `limit`."""
        logs = {log.number: log for log in self._all()}
        places = [
            Place(log.number, index)
            for log in logs.values()
            for index in SubjectIndex(log.files).find(refs)
            if index < log.checkpoint.size
        ]
        places.sort(reverse=newest_first)
        if after is not None:
            places = [place for place in places if (place < after if newest_first else place > after)]
        found: list[Access] = []
        bundles: dict[tuple[int, int], Bundle] = {}
        read = 0
        for number, place in enumerate(places, 1):
            entry = logs[place.log].entry_among(place.leaf, bundles)
            read += len(entry)
            fields = orjson.loads(entry)
            items = sum(ref in refs for ref in subjects_of(fields))
            if items and fields["tenant"] == tenant:
                found.append(Access(place, fields, items))
            if (len(found) == limit or read > OCTETS_READ_AT_MOST) and number < len(places):
                return AccessPage(found, place)
        return AccessPage(found, None)

    def _all(self) -> list[PublishedLog]:
        numbers = range(1, (self._directory.latest() or 0) + 1)
        found = [(number, self._directory.files(number)) for number in numbers]
        notes = [(number, files, files.checkpoint()) for number, files in found]
        return [_published(number, files, note) for number, files, note in notes if note is not None]


def _published(number: int, files: LogFiles, note: bytes) -> PublishedLog:
    return PublishedLog(number, files, _said(note), note)


@lru_cache(maxsize=_NOTES_KEPT)
def _said(note: bytes) -> Checkpoint:
    """What a note says; every look at the log reads the same ones until the next is published."""
    return Checkpoint.parse(Note.parse(note).text)
