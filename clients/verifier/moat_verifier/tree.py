"""A log's hash tiles against its checkpoint, from the root down.

    1. the root      is the tree hash over the right edge: the partial tiles of all levels
    2. a full tile   hashes to its hash in the level above
    3. so every hash of a tile that has been read is bound to the root, and a changed tile is named itself

Constant memory: of each level, its partial tile and one full one are held. What is read again is checked again.
"""

from collections.abc import Iterable

from moat_verifier.checkpoint import Checkpoint
from moat_verifier.errors import TamperedError
from moat_verifier.merkle import EMPTY_ROOT, HASH_BYTES, tree_hash
from moat_verifier.source import Source
from moat_verifier.tiles import WIDTH, Tile, hashes_at, level_tiles, levels, tile_at

Hashes = list[bytes]


def read_tile(source: Source, tile: Tile) -> Hashes:
    """The hashes of a tile; of a partial one that is gone, those of the full one that came after it.

    Raises:
        TamperedError: it is missing or has another length.
    """
    expected = tile.width * HASH_BYTES
    raw = source.read(tile.path, limit=expected)
    if raw is None and tile.width < WIDTH:
        raw = (source.read(tile.full_path, limit=WIDTH * HASH_BYTES) or b"")[:expected] or None
    if raw is None:
        raise TamperedError(tile.path, "is missing", index=_first_entry(tile))
    if len(raw) != expected:
        raise TamperedError(tile.path, "has another length than its width", index=_first_entry(tile))
    return [raw[at : at + HASH_BYTES] for at in range(0, expected, HASH_BYTES)]


class Tree:
    """The tiles of a log at one checkpoint. What it hands out is bound to the checkpoint's root.

    Raises:
        TamperedError: on making it, that the right edge does not hash to the root.
    """

    def __init__(self, source: Source, checkpoint: Checkpoint) -> None:
        self._source = source
        self.size = checkpoint.size
        self._held: dict[int, tuple[int, Hashes]] = {}
        self._edge: dict[int, Hashes] = {}
        if self._right_edge() != checkpoint.root:
            raise TamperedError("tile", "the tiles do not hash to the root of the checkpoint")

    def _right_edge(self) -> bytes:
        edge: Hashes = []
        for level in range(levels(self.size)):
            count = hashes_at(self.size, level)
            if count % WIDTH:
                self._edge[level] = read_tile(self._source, tile_at(self.size, level, count // WIDTH))
                edge = [tree_hash(self._edge[level] + edge)]
        return edge[0] if edge else EMPTY_ROOT

    def hashes(self, level: int, number: int) -> Hashes:
        """The hashes of a tile.

        Raises:
            TamperedError: the tile is missing or does not hash to what the level above says.
        """
        tile = tile_at(self.size, level, number)
        if tile.width < WIDTH:
            return self._edge[level]
        held = self._held.get(level)
        if held is not None and held[0] == number:
            return held[1]
        hashes = read_tile(self._source, tile)
        if tree_hash(hashes) != self.hashes(level + 1, number // WIDTH)[number % WIDTH]:
            raise TamperedError(tile.path, "does not hash to its hash in the level above", index=_first_entry(tile))
        self._held[level] = (number, hashes)
        return hashes

    def check(self, leaf_tiles: Iterable[int] = ()) -> int:
        """Check every tile of level 1 and above, and those of level 0 with the numbers given. How many tiles it was.

        Raises:
            TamperedError: at the first that does not hold, from the top.
        """
        checked = 0
        for level in range(levels(self.size) - 1, 0, -1):
            for tile in level_tiles(self.size, level):
                self.hashes(level, tile.number)
                checked += 1
        for number in leaf_tiles:
            self.hashes(0, number)
            checked += 1
        return checked

    def root_at(self, size: int) -> bytes:
        """Root of the tree of the log's first `size` entries.

        Raises:
            TamperedError: a tile on the way is missing or does not hold.
        """
        edge: Hashes = []
        for level in range(levels(size)):
            count = hashes_at(size, level)
            if count % WIDTH:
                edge = [tree_hash(self.hashes(level, count // WIDTH)[: count % WIDTH] + edge)]
        return edge[0] if edge else EMPTY_ROOT


def _first_entry(tile: Tile) -> int:
    level = 0 if tile.level is None else tile.level
    return tile.first << (8 * level)
