"""A track as it is stored, and its batches opened."""

from collections.abc import Iterable
from typing import NamedTuple

from database.transaction import Row, Transaction
from vault.envelope import open_sealed, seal
from vault.errors import IntegrityError
from vault.keys import DataKey
from vault.traces import store
from vault.traces.position import Position, packed, unpacked

BATCH_KIND = 0x0301


class Track(NamedTuple):
    """The trace of a courier with an order. Times are in milliseconds since the epoch."""

    id: int
    ref: str
    courier: int
    key: int
    batches: int
    begun_at: int
    last_at: int
    expires_at: int


def add(tx: Transaction, tenant: int, track: Track, key: DataKey, positions: Iterable[Position]) -> None:
    """Store the next batch of a track."""
    number = track.batches + 1
    sealed = seal(key, packed(positions), tenant=tenant, subject=track.id, row=number, kind=BATCH_KIND)
    tx.insert(store.INSERT_BATCHES, [(tenant, track.id, number, sealed)])


def opened(tenant: int, track: int, key: DataKey, rows: Iterable[Row]) -> list[Position]:
    """The positions of batches, in the order of the rows.

    Raises:
        IntegrityError: one does not open, or has no positions in it.
    """
    found: list[Position] = []
    for number, sealed in rows:
        octets = open_sealed(key, bytes(sealed), tenant=tenant, subject=track, row=number, kind=BATCH_KIND)
        try:
            found += unpacked(octets)
        except ValueError:
            raise IntegrityError from None
    return found
