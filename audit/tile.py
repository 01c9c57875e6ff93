"""The log as files: tiles of hashes and bundles of entries, laid out as c2sp.org/tlog-tiles says.

    tile/<L>/<N>            256 hashes of 32 octets: the nodes (8·L, 256·N + i) of the tree, i = 0 … 255
    tile/<L>/<N>.p/<W>      the first W of them, 1 ≤ W ≤ 255, where there are no more yet
    tile/entries/<N>[.p/<W>] the entries of the tile of level 0 with the same N and W, each as
                            uint16 big-endian length | octets
    L                       0 … 63 in decimal
    N                       in groups of three digits, all but the last with an x in front: 1234067 is x001/x234/067

A hash of level L + 1 exists once its tile of level L is full, so that a log of s entries has ⌊s / 256^L⌋ hashes of level L. Paths
have one spelling each; parsing refuses every other.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from mmap import mmap
from struct import Struct

from audit.errors import MalformedError
from audit.merkle import HASH_BYTES, Node, root_of

HEIGHT = 8
WIDTH = 1 << HEIGHT
LEVELS = 64
ENTRY_BYTES_AT_MOST = 65_535
TILES_KEPT = 1_024

_LENGTH = Struct(">H")
_PATH = re.compile(r"tile/(entries|0|[1-9][0-9]?)/((?:x[0-9]{3}/)*)([0-9]{3})(?:\.p/([1-9][0-9]{0,2}))?", re.ASCII)

ReadTile = Callable[["TilePath"], bytes]
"""Gives the octets of a tile of exactly the width asked for. Raises MalformedError or OSError where there is none."""


@dataclass(frozen=True, slots=True)
class TilePath:
    """Where a tile or bundle lies: its level (None for entries), number, and how many hashes or entries it holds.

    Raises:
        ValueError: the layout has no such tile.
    """

    level: int | None
    number: int
    width: int = WIDTH

    def __post_init__(self) -> None:
        if self.number < 0 or not 1 <= self.width <= WIDTH or not 0 <= (self.level or 0) < LEVELS:
            raise ValueError("the layout has no such tile")

    def __str__(self) -> str:
        groups = f"{self.number % 1000:03d}"
        rest = self.number // 1000
        while rest:
            groups = f"x{rest % 1000:03d}/{groups}"
            rest //= 1000
        partial = "" if self.width == WIDTH else f".p/{self.width}"
        return f"tile/{'entries' if self.level is None else self.level}/{groups}{partial}"

    @property
    def full(self) -> "TilePath":
        """The same tile once it is full."""
        return TilePath(self.level, self.number)

    @classmethod
    def parse(cls, path: str) -> "TilePath":
        """Read a path.

        Raises:
            MalformedError: it is none of the layout, or not in its one spelling.
        """
        found = _PATH.fullmatch(path)
        if found is None:
            raise MalformedError("not a path of the layout")
        level = None if found[1] == "entries" else int(found[1])
        number = int(found[2].replace("x", "").replace("/", "") + found[3])
        try:
            tile = cls(level, number, int(found[4]) if found[4] else WIDTH)
        except ValueError:
            raise MalformedError("not a path of the layout") from None
        if str(tile) != path:
            raise MalformedError("not the path's one spelling")
        return tile


def hashes_at(level: int, size: int) -> int:
    """How many hashes of a level a log of `size` entries has."""
    return size >> HEIGHT * level


def width_at(level: int | None, number: int, size: int) -> int:
    """How many hashes or entries that tile holds in a log of `size` entries: 0 … 256."""
    return max(0, min(WIDTH, hashes_at(level or 0, size) - number * WIDTH))


def tiles_between(old: int, size: int) -> Iterator[TilePath]:
    """The hash tiles that a log has at `size` entries and did not have, or not that wide, at `old`."""
    level = 0
    while hashes_at(level, size):
        if hashes_at(level, size) > hashes_at(level, old):
            last = (hashes_at(level, size) - 1) // WIDTH
            for number in range(hashes_at(level, old) // WIDTH, last + 1):
                yield TilePath(level, number, width_at(level, number, size))
        level += 1


def bundles_between(old: int, size: int) -> Iterator[TilePath]:
    """The same for bundles of entries."""
    return (TilePath(None, tile.number, tile.width) for tile in tiles_between(old, size) if tile.level == 0)


def encode_bundle(entries: Sequence[bytes]) -> bytes:
    """The octets of a bundle.

    Raises:
        ValueError: an entry is longer than 65,535 octets.
    """
    if max(map(len, entries), default=0) > ENTRY_BYTES_AT_MOST:
        raise ValueError("an entry is longer than a bundle can say")
    pack = _LENGTH.pack
    return b"".join([pack(len(entry)) + entry for entry in entries])


def decode_bundle(octets: bytes, width: int) -> list[bytes]:
    """The entries of a bundle that must hold exactly `width`.

    Raises:
        MalformedError: it does not.
    """
    return [octets[start:end] for start, end in places_in_bundle(octets, width)]


def places_in_bundle(octets: bytes | mmap, width: int) -> list[tuple[int, int]]:
    """Where each entry of a bundle begins and ends, which must hold exactly `width` of them.

    Raises:
        MalformedError: it does not.
    """
    places: list[tuple[int, int]] = []
    place, size, head = 0, len(octets), _LENGTH.size
    read = _LENGTH.unpack_from
    while place + head <= size and len(places) < width:
        start = place + head
        place = start + read(octets, place)[0]
        places.append((start, place))
    if place != size or len(places) != width:
        raise MalformedError("the bundle does not hold the entries that its path says")
    return places


def decode_tile(octets: bytes, width: int) -> list[bytes]:
    """The hashes of a tile that must hold exactly `width`.

    Raises:
        MalformedError: it does not.
    """
    if len(octets) != width * HASH_BYTES:
        raise MalformedError("the tile does not hold the hashes that its path says")
    return [octets[place : place + HASH_BYTES] for place in range(0, len(octets), HASH_BYTES)]


def cut(octets: bytes, path: TilePath, width: int) -> bytes:
    """The narrower tile or bundle of `width` that the octets at `path` begin with.

    Raises:
        MalformedError: they hold less, or are not what their path says.
    """
    if width > path.width:
        raise MalformedError("the tile is narrower")
    if path.level is not None:
        return b"".join(decode_tile(octets, path.width)[:width])
    return encode_bundle(decode_bundle(octets, path.width)[:width])


def nodes_of(size: int, read: ReadTile) -> Node:
    """The nodes of the tree of `size` entries, computed from its tiles; the latest 1,024 tiles that were read are kept.

    What is not checked: that the tiles are those of a checkpoint. Compute the tree's root from the same nodes for that.
    """

    @lru_cache(TILES_KEPT)
    def hashes(level: int, number: int) -> list[bytes]:
        width = width_at(level, number, size)
        if width == 0:
            raise MalformedError("the tree has no such node")
        return decode_tile(read(TilePath(level, number, width)), width)

    def node(level: int, index: int) -> bytes:
        tile_level, within = divmod(level, HEIGHT)
        first = index << within
        number, place = divmod(first, WIDTH)
        found = hashes(tile_level, number)[place : place + (1 << within)]
        if len(found) != 1 << within:
            raise MalformedError("the tree has no such node")
        return root_of(found)

    return node
