"""The right edge of a growing tree: as many hashes of each level as its last, unfilled tile holds.

That is all it takes to append and to name the root: at most 255 hashes for each 256-fold of the log.
"""

from collections.abc import Iterator, Sequence

from audit.merkle import EMPTY_ROOT, fold, perfect_subtrees, root_of
from audit.tile import WIDTH, ReadTile, TilePath, decode_tile, hashes_at, width_at


class GrowingTree:
    """A tree to which leaves are appended. Copying it is cheap; it knows nothing of files."""

    def __init__(self) -> None:
        self.size = 0
        self._edge: list[list[bytes]] = []

    @classmethod
    def read(cls, size: int, read: ReadTile) -> "GrowingTree":
        """The tree of `size` leaves, from its unfilled tiles. What is not checked: their root.

        Raises:
            MalformedError: a tile is not as wide as it must be.
            OSError: a tile cannot be read.
        """
        tree = cls()
        tree.size = size
        level = 0
        while count := hashes_at(level, size):
            number = count // WIDTH
            width = width_at(level, number, size)
            tree._edge.append(decode_tile(read(TilePath(level, number, width)), width) if width else [])
            level += 1
        return tree

    def append(self, leaves: Sequence[bytes]) -> Iterator[tuple[TilePath, bytes]]:
        """Grow by leaf hashes, and give each tile that is new or wider with its octets. Consume it whole."""
        before, self.size = self.size, self.size + len(leaves)
        more = list(leaves)
        level = 0
        while more:
            if level == len(self._edge):
                self._edge.append([])
            row = self._edge[level] + more
            first = hashes_at(level, before) // WIDTH
            filled = len(row) // WIDTH
            more = []
            for number in range(filled):
                hashes = row[number * WIDTH : (number + 1) * WIDTH]
                more.append(root_of(hashes))
                yield TilePath(level, first + number), b"".join(hashes)
            self._edge[level] = row[filled * WIDTH :]
            if self._edge[level]:
                yield TilePath(level, first + filled, len(self._edge[level])), b"".join(self._edge[level])
            level += 1

    def last_leaves(self) -> list[bytes]:
        """The leaf hashes of the last, unfilled tile."""
        return list(self._edge[0]) if self._edge else []

    def root(self) -> bytes:
        """The root of the whole tree."""
        subtrees = [
            root_of(hashes[index << level : (index + 1) << level])
            for hashes in reversed(self._edge)
            for level, index in perfect_subtrees(0, len(hashes))
        ]
        return fold(subtrees) if subtrees else EMPTY_ROOT
