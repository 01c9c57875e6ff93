"""Traces, as people's requests ask for them."""

from collections.abc import Collection, Iterator, Sequence
from functools import partial

from database.columns import rfc3339
from database.transaction import Transaction
from vault.errors import IntegrityError
from vault.inner_keys.keeping import destroy_key, open_key
from vault.keyring import TenantKeys
from vault.means import Means
from vault.people import opened_by_number
from vault.rights.ports import Counted, Piece, Use
from vault.traces import store
from vault.traces.position import Position
from vault.traces.track import Track, opened

POSITION = "position"
PURPOSE = "delivery"


class TraceHolding:
    """Where a courier was."""

    def __init__(self, means: Means) -> None:
        self._means = means

    def held(self, tx: Transaction, tenant: int, subject: int) -> Sequence[Counted]:
        """The batches of each order."""
        return [Counted(_use(one), one.batches, one.begun_at) for one in _tracks(tx, tenant, subject)]

    def pieces(self, tenant: int, subject: int) -> Iterator[Piece]:
        """The positions of one order after the other."""
        for track in self._means.database.read(tenant, lambda tx: _tracks(tx, tenant, subject)):
            look = partial(self._positions, tenant=tenant, track=track)
            found = self._means.keyring.using(tenant, look)
            yield POSITION, {"ref": track.ref, "positions": [_shown(one) for one in found]}

    def delete(self, tx: Transaction, tenant: int, subject: int, going: Collection[Use]) -> None:
        """Destroy the traces of the orders that are named."""
        for track in _tracks(tx, tenant, subject):
            if _use(track) in going:
                destroy_key(tx, tenant, track.key)

    def _positions(self, keys: TenantKeys, *, tenant: int, track: Track) -> list[Position]:
        def work(tx: Transaction) -> list[Position]:
            at = self._means.at()
            person = opened_by_number(tx, self._means, keys, tenant, [track.courier], at).get(track.courier)
            key = None if person is None else open_key(tx, tenant, person, track.key)
            if key is None:
                return []
            return opened(tenant, track.id, key, tx.all(store.BATCHES, tenant=tenant, track=track.id))

        try:
            return self._means.database.read(tenant, work)
        except IntegrityError:
            self._means.damaged(1)
            return []


def _tracks(tx: Transaction, tenant: int, subject: int) -> list[Track]:
    return [Track(*row) for row in tx.all(store.TRACKS_OF, tenant=tenant, subject=subject)]


def _use(track: Track) -> Use:
    return POSITION, PURPOSE, track.ref


def _shown(one: Position) -> dict[str, float | str]:
    latitude, longitude = one.degrees
    return {"latitude": latitude, "longitude": longitude, "at": rfc3339(one.at)}
