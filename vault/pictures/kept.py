"""Pictures as retention looks at them and ends them: each is a use of the kind `file`, of the customer, since it was stored."""

from collections.abc import Mapping, Sequence

from database.transaction import Transaction
from vault.inner_keys.keeping import destroy_key
from vault.pictures import store
from vault.pictures.picture import FILE
from vault.usable import PURPOSE
from vault.uses.kept import KeptThing, Place, by_place


class PictureUses:
    """The stored pictures, in the caller's transaction."""

    kinds = frozenset({FILE})

    def page(self, tx: Transaction, tenant: int, after: Place, limit: int) -> Sequence[KeptThing]:
        """Those that come next after a place."""
        rows = tx.all(store.PICTURES_KEPT, tenant=tenant, after=after[0], limit=limit)
        return list(by_place(rows, FILE, PURPOSE).values())

    def present(self, tx: Transaction, tenant: int, places: Sequence[Place]) -> Mapping[Place, KeptThing]:
        """Those of these that are there."""
        found = by_place(tx.all(store.PICTURES_PRESENT, rows=_numbers(places), tenant=tenant), FILE, PURPOSE)
        return {place: found[place] for place in places if place in found}

    def end(self, tx: Transaction, tenant: int, places: Sequence[Place]) -> int:
        """Destroy the keys of these, and with them the pictures; tells how many there were."""
        keys = tx.all(store.KEYS_OF_PICTURES, rows=_numbers(places), tenant=tenant)
        for (key,) in keys:
            destroy_key(tx, tenant, key)
        return len(keys)


def _numbers(places: Sequence[Place]) -> list[tuple[int]]:
    return [(number,) for number in sorted({number for number, _, _ in places})]
