"""Positions, exact and coarse, and their octets.

A batch of positions is, format 1 and big-endian,

    u8 0x01 | for each: i32 latitude × 10^7 | i32 longitude × 10^7 | u64 time, ms | u16 accuracy in metres, 65535 for unknown

and is sealed by the key of its track as `vault.envelope` draws it, with the number of the track for the subject, the number of
the batch for the row and 0x0301 for the kind.

Coarse, a position is the cell of a grid of a hundredth of a degree: 1,113 metres from south to north and at most as many from
west to east (1,113 × the cosine of the latitude: 954 in Shanghai, 853 in Beijing). Its time is cut to five minutes.
"""

from collections.abc import Iterable, Iterator, Sequence
from struct import Struct
from typing import NamedTuple

VERSION = 0x01
UNKNOWN_ACCURACY = 65_535
CELL_DEGREES = 0.01
CELL_METRES = 1_113
COARSE_MS = 300_000

_ONE = Struct(">iiQH")
_SCALE = 10_000_000
_PER_CELL = 100_000
"""Of the stored units, ten millionths of a degree."""


class Position(NamedTuple):
    """Where somebody was: degrees in ten millionths, milliseconds since the epoch, and metres of accuracy."""

    latitude: int
    longitude: int
    at: int
    accuracy: int = UNKNOWN_ACCURACY

    @classmethod
    def of(cls, latitude: float, longitude: float, at: int, accuracy: float | None) -> "Position":
        """Of degrees within their bounds, and metres."""
        known = UNKNOWN_ACCURACY if accuracy is None else min(round(accuracy), UNKNOWN_ACCURACY - 1)
        return cls(round(latitude * _SCALE), round(longitude * _SCALE), at, known)

    @property
    def degrees(self) -> tuple[float, float]:
        """Latitude and longitude."""
        return self.latitude / _SCALE, self.longitude / _SCALE


class Cell(NamedTuple):
    """The south-western corner of a cell in hundredths of a degree, and the beginning of five minutes."""

    south: int
    west: int
    at: int

    @property
    def degrees(self) -> tuple[float, float]:
        """Latitude and longitude of the corner."""
        return self.south / 100, self.west / 100


def packed(positions: Iterable[Position]) -> bytes:
    """A batch as octets."""
    return bytes((VERSION,)) + b"".join(_ONE.pack(*one) for one in positions)


def unpacked(octets: bytes) -> list[Position]:
    """The positions of a batch.

    Raises:
        ValueError: these are not the octets of one.
    """
    if not octets or octets[0] != VERSION or (len(octets) - 1) % _ONE.size:
        raise ValueError("no batch of positions")
    return [Position(*values) for values in _ONE.iter_unpack(octets[1:])]


def cells(positions: Sequence[Position]) -> Iterator[Cell]:
    """The cells gone through, in the order of the positions; staying in one is told once for each five minutes."""
    last: Cell | None = None
    for one in positions:
        cell = Cell(one.latitude // _PER_CELL, one.longitude // _PER_CELL, one.at - one.at % COARSE_MS)
        if cell != last:
            yield cell
        last = cell
