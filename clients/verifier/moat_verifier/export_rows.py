"""The rows of an export against the log: derived again from its entries, or each found in its tree."""

import io
import re
import zipfile
import zlib
from dataclasses import dataclass, field

from moat_verifier.archive import ZipSource
from moat_verifier.checkpoint import Checkpoint
from moat_verifier.entries import Fields, canonical_fields
from moat_verifier.errors import TamperedError
from moat_verifier.log import walk
from moat_verifier.manifest import Manifest
from moat_verifier.merkle import leaf_hash
from moat_verifier.note import NOTE_BYTES_AT_MOST
from moat_verifier.proof import Proof
from moat_verifier.rows import LINE_BYTES_AT_MOST, csv_header, csv_line, ndjson_line, parse_line
from moat_verifier.source import Within
from moat_verifier.tiles import WIDTH
from moat_verifier.tree import Tree

NDJSON = "entries.ndjson"
CSV = "entries.csv"

_BUFFER_BYTES = 1024 * 1024
_PROOF = re.compile(r"proofs/(0|[1-9][0-9]{0,18})\.tlog-proof")
_DAMAGED = (zipfile.BadZipFile, zlib.error, EOFError, OSError, NotImplementedError, RuntimeError)


@dataclass(slots=True)
class Rows:
    """How much was checked: entries of the log, acts, and for an `inclusion` export the numbers of the tiles with a row."""

    entries: int
    acts: int
    leaf_tiles: set[int] = field(default_factory=set)


class _Text:
    """A member that is read along with what it should say."""

    def __init__(self, archive: ZipSource, name: str) -> None:
        self._name = name
        if name not in archive.members:
            raise TamperedError(name, "is missing")
        try:
            self._file = io.BufferedReader(archive.stream(name), _BUFFER_BYTES)  # type: ignore[type-var]  # ZipExtFile reads raw
        except _DAMAGED:
            raise TamperedError(name, "cannot be unpacked") from None

    def __enter__(self) -> "_Text":
        return self

    def __exit__(self, *_: object) -> None:
        self._file.close()

    def line(self) -> bytes:
        """The next line, or nothing at the end."""
        try:
            line = self._file.readline(LINE_BYTES_AT_MOST + 1)
        except _DAMAGED:
            raise TamperedError(self._name, "cannot be unpacked") from None
        if len(line) > LINE_BYTES_AT_MOST:
            raise TamperedError(self._name, "holds a line that is longer than a row can be")
        return line

    def says(self, expected: bytes, *, index: int | None) -> None:
        """That the text goes on with these bytes.

        Raises:
            TamperedError: it does not.
        """
        try:
            found = self._file.read(len(expected))
        except _DAMAGED:
            raise TamperedError(self._name, "cannot be unpacked") from None
        if found != expected:
            raise TamperedError(self._name, "does not say what the log and the filter give", index=index)

    def ends(self) -> None:
        """That the text is at its end.

        Raises:
            TamperedError: it goes on.
        """
        if self.line():
            raise TamperedError(self._name, "goes on after its last row")


class _Seen:
    """What every row has to pass: the table, its offline proof if there is one, and the count."""

    def __init__(self, archive: ZipSource, manifest: Manifest, checkpoint: Checkpoint) -> None:
        self._archive = archive
        self._manifest = manifest
        self._checkpoint = checkpoint
        self._proofs = {int(found[1]) for name in archive.members if (found := _PROOF.fullmatch(name))}
        self._table = None if manifest.columns is None else _Text(archive, CSV)
        if self._table is not None:
            self._table.says(csv_header(manifest.columns or ()), index=None)
        self.rows = 0

    def take(self, index: int, entry: bytes, fields: Fields) -> None:
        self.rows += 1
        if self._table is not None:
            self._table.says(csv_line(index, entry, fields, self._manifest.columns or ()), index=index)
        if index in self._proofs:
            self._proofs.remove(index)
            where = f"proofs/{index}.tlog-proof"
            proof = Proof.parse(self._archive.read(where, limit=NOTE_BYTES_AT_MOST) or b"", where=where)
            if proof.index != index or proof.checkpoint.raw != self._checkpoint.raw:
                raise TamperedError(where, "is of another entry or checkpoint", index=index)
            proof.check(entry, where=where)

    def end(self) -> None:
        """That no row is missing, of the table either.

        Raises:
            TamperedError: one is.
        """
        if self._table is not None:
            self._table.ends()
        if self._proofs:
            raise TamperedError(f"proofs/{min(self._proofs)}.tlog-proof", "is of an entry that is not a row")
        if self.rows != self._manifest.rows:
            raise TamperedError("manifest.json", "states another number of rows")


def complete_rows(archive: ZipSource, manifest: Manifest, tree: Tree, checkpoint: Checkpoint) -> Rows:
    """Check the whole range, filter it again, and compare every row with what the export says.

    Raises:
        TamperedError: at the first entry, act or row that does not hold.
    """
    seen = _Seen(archive, manifest, checkpoint)
    with _Text(archive, NDJSON) as lines:

        def see(index: int, entry: bytes, fields: Fields) -> None:
            if manifest.filter.takes(fields):
                lines.says(ndjson_line(index, entry), index=index)
                seen.take(index, entry, fields)

        counted = walk(Within(archive, "log/"), tree, manifest.indexes, opaque=False, see=see)
        lines.ends()
    seen.end()
    return Rows(counted.entries, counted.acts)


def inclusion_rows(archive: ZipSource, manifest: Manifest, tree: Tree, checkpoint: Checkpoint) -> Rows:
    """Check that every row is in the tree at its index, in the range, and one that the filter takes.

    Raises:
        TamperedError: at the first row that does not hold.
    """
    seen = _Seen(archive, manifest, checkpoint)
    acts: set[str] = set()
    leaf_tiles: set[int] = set()
    last = -1
    with _Text(archive, NDJSON) as lines:
        while line := lines.line():
            index, entry = parse_line(line)
            if index <= last or index not in manifest.indexes:
                raise TamperedError(NDJSON, "has a row out of order or of the range", index=index)
            if leaf_hash(entry) != tree.hashes(0, index // WIDTH)[index % WIDTH]:
                raise TamperedError(NDJSON, "has a row that is not in the log at its index", index=index)
            fields = canonical_fields(entry, index=index)
            if not manifest.filter.takes(fields):
                raise TamperedError(NDJSON, "has a row that the filter does not take", index=index)
            seen.take(index, entry, fields)
            acts.add(str(fields.get("act")))
            leaf_tiles.add(index // WIDTH)
            last = index
    seen.end()
    return Rows(seen.rows, len(acts), leaf_tiles)
