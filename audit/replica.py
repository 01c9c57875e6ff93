"""A log's files, kept up to date from the numbered entries, of which they are a pure function.

Any host can build them anew; what it builds counts only if its root is that of a signed checkpoint.
"""

from collections.abc import Iterator, Sequence
from itertools import chain

from audit.checkpoint import Checkpoint
from audit.directory import LogFiles
from audit.errors import MalformedError, ProofError, RefusedError
from audit.merkle import check_consistency, consistency_proof, leaf_hashes
from audit.store import NUMBERED
from audit.tile import WIDTH, TilePath, decode_bundle, encode_bundle, nodes_of
from audit.tree import GrowingTree
from database.engine import Database

AT_ONCE = 2_048


class Replica:
    """The files of one log, its tree, and the entries of its last bundle. After any error it must be opened anew."""

    def __init__(self, files: LogFiles, tree: GrowingTree | None = None, tail: Sequence[bytes] = ()) -> None:
        self.files = files
        self.tree = tree or GrowingTree()
        self._tail = list(tail)

    @classmethod
    def open(cls, files: LogFiles, checkpoint: Checkpoint, numbered: "NumberedEntries") -> "Replica":
        """The log as it was at `checkpoint`: from its files where they are whole, otherwise from the numbered entries.

        Raises:
            RefusedError: the numbered entries are not those that the checkpoint was signed for.
            PathOccupiedError: a file has other bytes than the numbered entries give it.
        """
        replica = cls._from_files(files, checkpoint)
        if replica is None:
            replica = cls(files)
            replica.grow_to(checkpoint.size, numbered)
            if replica.tree.root() != checkpoint.root:
                raise RefusedError(
                    f"the first {checkpoint.size} numbered entries do not have the root of the checkpoint that was signed for "
                    "them: the database was changed. Restore it, or continue in a new log by moat audit restart"
                )
        return replica

    @classmethod
    def _from_files(cls, files: LogFiles, checkpoint: Checkpoint) -> "Replica | None":
        size = checkpoint.size
        number, width = divmod(size, WIDTH)
        try:
            tree = GrowingTree.read(size, files.read)
            tail = decode_bundle(files.read(TilePath(None, number, width)), width) if width else []
            if tree.root() != checkpoint.root or leaf_hashes(tail) != tree.last_leaves():
                return None
        except (MalformedError, FileNotFoundError):
            return None
        return cls(files, tree, tail)

    def grow(self, entries: Sequence[bytes], leaves: Sequence[bytes] | None = None) -> None:
        """Append entries, their tiles and bundles durable when this returns. `leaves` are their hashes, where they are known.

        Raises:
            PathOccupiedError: a file was written before with other bytes.
            OSError: the disk does not take them.
        """
        bundles = list(self._bundles(entries))
        tiles = list(self.tree.append(leaf_hashes(entries) if leaves is None else leaves))
        self.files.write(chain(bundles, tiles))

    def grow_to(self, size: int, numbered: "NumberedEntries") -> None:
        """Append the numbered entries up to `size`.

        Raises:
            RefusedError: one of them is missing.
        """
        while self.tree.size < size:
            self.grow(numbered.read(self.tree.size, min(AT_ONCE, size - self.tree.size)))

    def consistency(self, old: int) -> list[bytes]:
        """The proof that the log begins with what it was at `old` entries."""
        return consistency_proof(old, self.tree.size, nodes_of(self.tree.size, self.files.read))

    def begins_with(self, older: Checkpoint) -> bool:
        """Whether the log, proved by its root, begins with what another checkpoint says."""
        try:
            check_consistency(
                old=older.size,
                old_root=older.root,
                size=self.tree.size,
                root=self.tree.root(),
                proof=self.consistency(older.size),
            )
        except ProofError:
            return False
        return True

    def _bundles(self, entries: Sequence[bytes]) -> Iterator[tuple[TilePath, bytes]]:
        first = self.tree.size // WIDTH
        row = [*self._tail, *entries]
        for start in range(0, len(row), WIDTH):
            bundle = row[start : start + WIDTH]
            yield TilePath(None, first + start // WIDTH, len(bundle)), encode_bundle(bundle)
        self._tail = row[len(row) // WIDTH * WIDTH :]


class NumberedEntries:
    """The entries of one log in the database, by index."""

    def __init__(self, database: Database, log: int) -> None:
        self._database = database
        self._log = log

    def read(self, first: int, count: int) -> list[bytes]:
        """The entries `first` … `first + count - 1`.

        Raises:
            RefusedError: one of them is missing.
        """
        rows = self._database.read(None, lambda tx: tx.all(NUMBERED, log=self._log, first=first, limit=count))
        if [row[0] for row in rows] != list(range(first, first + count)) or any(row[1] is None for row in rows):
            raise RefusedError(
                f"numbered entries between {first} and {first + count - 1} are missing: rows were deleted from the database. "
                "Restore it, or continue in a new log by moat audit restart"
            )
        return [bytes(body) for _, body in rows]
