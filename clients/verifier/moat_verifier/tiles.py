"""Where a tiled log keeps its hashes and entries (C2SP tlog-tiles).

    tile/<level>/<number>[.p/<width>]     `width` hashes of 32 bytes; 256 without the suffix
    tile/entries/<number>[.p/<width>]     as many entries, each with its length before it, u16 big-endian

The number is written in groups of three digits, all but the last with an `x` before them: 1234067 is x001/x234/067.
"""

from collections.abc import Iterator
from dataclasses import dataclass

WIDTH = 256


@dataclass(frozen=True, slots=True)
class Tile:
    """One tile of a level, or one bundle of entries where `level` is None."""

    level: int | None
    number: int
    width: int

    @property
    def full_path(self) -> str:
        """Its path once it is full."""
        groups = [f"{self.number % 1000:03d}"]
        rest = self.number // 1000
        while rest:
            groups.insert(0, f"x{rest % 1000:03d}")
            rest //= 1000
        level = "entries" if self.level is None else str(self.level)
        return f"tile/{level}/{'/'.join(groups)}"

    @property
    def path(self) -> str:
        """Its path at its width."""
        return self.full_path if self.width == WIDTH else f"{self.full_path}.p/{self.width}"

    @property
    def first(self) -> int:
        """Index of its first hash within the level."""
        return self.number * WIDTH


def levels(size: int) -> int:
    """How many levels of tiles a log of `size` entries has."""
    count = 0
    while size >> (8 * count):
        count += 1
    return count


def hashes_at(size: int, level: int) -> int:
    """How many hashes a level has."""
    return size >> (8 * level)


def tile_at(size: int, level: int, number: int) -> Tile:
    """The tile with that number, as wide as a log of `size` entries has it."""
    return Tile(level, number, min(WIDTH, hashes_at(size, level) - number * WIDTH))


def bundle_at(size: int, number: int) -> Tile:
    """The bundle with that number, as wide as a log of `size` entries has it."""
    return Tile(None, number, min(WIDTH, size - number * WIDTH))


def level_tiles(size: int, level: int) -> Iterator[Tile]:
    """The tiles of a level in order."""
    for number in range(-(-hashes_at(size, level) // WIDTH)):
        yield tile_at(size, level, number)


def numbers(start: int, end: int) -> range:
    """Numbers of the level 0 tiles and bundles that touch the indexes [start, end)."""
    return range(start // WIDTH, -(-end // WIDTH)) if end > start else range(0)
