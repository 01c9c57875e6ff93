"""The uses of all keepers in one order: those of the vault's records, and after them what is kept of people beside records.

    record = keeper << 48 | number      u53, so that it is exact in JSON; keeper 0 has the records under their own numbers

`number` is a keeper's own. A plan goes through the keepers one after the other, and freezes, asks again, disposes of and counts
what each keeps as it does with records.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from database.transaction import Transaction
from dsar.retention.ports import Keeper, Place, PlacedUse, RecordUses

NUMBER_BITS = 48
KEEPERS_AT_MOST = 31


class _Renumbered(NamedTuple):
    """A use under its number among all. `part` is what its place says last, which is not always its ref: two things of one order
    may have one number."""

    record: int
    subject: int
    kind: str
    purpose: str
    ref: str
    since: int
    restricted: bool
    part: str

    @property
    def place(self) -> Place:
        return self.record, self.purpose, self.part


class AllUses:
    """The records' uses and those of `keepers`. A keeper's place among them is in plans: new ones come last."""

    def __init__(self, records: RecordUses, keepers: Sequence[Keeper] = ()) -> None:
        if len(keepers) > KEEPERS_AT_MOST:
            raise ValueError("more keepers than can be numbered")
        self._records = records
        self._keepers = keepers

    @property
    def kinds(self) -> frozenset[str]:
        """What keepers have beside the kinds of values."""
        return frozenset(kind for keeper in self._keepers for kind in keeper.kinds)

    def page(self, tx: Transaction, tenant: int, after: Place, limit: int) -> Sequence[PlacedUse]:
        """The uses that come next after a place."""
        first = after[0] >> NUMBER_BITS
        found: list[PlacedUse] = []
        if first == 0:
            found += self._records.page(tx, tenant, after, limit)
        for place, keeper in enumerate(self._keepers, 1):
            if place >= first and len(found) < limit:
                begin = _own(after) if place == first else (0, "", "")
                found += (_shown(place, use) for use in keeper.page(tx, tenant, begin, limit - len(found)))
        return found

    def present(self, tx: Transaction, tenant: int, places: Sequence[Place]) -> Mapping[Place, PlacedUse]:
        """Those of these uses that are there."""
        parts = _parted(places)
        found: dict[Place, PlacedUse] = dict(self._records.present(tx, tenant, parts.pop(0, [])))
        for place, own in parts.items():
            for use in self._keepers[place - 1].present(tx, tenant, own).values():
                shown = _shown(place, use)
                found[shown.place] = shown
        return found

    def passed(self, tx: Transaction, tenant: int, place: Place) -> tuple[int, int]:
        """How far a place is, and how far one can go: a record is one step, and so is each keeper."""
        records = self._records.last_record(tx, tenant)
        keeper = place[0] >> NUMBER_BITS
        return (min(place[0], records) if keeper == 0 else records + keeper), records + len(self._keepers) + 1

    def last_activity(self, tx: Transaction, tenant: int, subjects: Iterable[int]) -> Mapping[int, int]:
        """When each of these people last got a use of a record: what devices tell by themselves is no activity."""
        return self._records.last_activity(tx, tenant, subjects)

    def hold(self, tx: Transaction, tenant: int, subjects: Iterable[int]) -> None:
        """Keep writers away from these people until the transaction ends."""
        self._records.hold(tx, tenant, subjects)

    def end(self, tx: Transaction, tenant: int, places: Sequence[Place]) -> int:
        """End uses; a record goes with its last one, and what a keeper has goes at once. Tells how many went."""
        parts = _parted(places)
        records = parts.pop(0, [])
        gone = self._records.end(tx, tenant, records) if records else 0
        return gone + sum(self._keepers[place - 1].end(tx, tenant, own) for place, own in parts.items())

    def restrict(self, tx: Transaction, tenant: int, places: Sequence[Place], at: int) -> None:
        """Have uses of records stored and not used any more; no policy has it of what keepers have."""
        self._records.restrict(tx, tenant, [place for place in places if place[0] >> NUMBER_BITS == 0], at)

    def tenants(self, tx: Transaction) -> Mapping[int, int]:
        """The tenants that have ever stored anything, and since when."""
        return self._records.tenants(tx)


def _own(place: Place) -> Place:
    record, purpose, ref = place
    return record & ((1 << NUMBER_BITS) - 1), purpose, ref


def _shown(place: int, use: PlacedUse) -> _Renumbered:
    record = place << NUMBER_BITS | use.record
    return _Renumbered(record, use.subject, use.kind, use.purpose, use.ref, use.since, use.restricted, use.place[2])


def _parted(places: Sequence[Place]) -> dict[int, list[Place]]:
    """Places by their keeper, each under its own numbers."""
    parts: dict[int, list[Place]] = {}
    for place in places:
        parts.setdefault(place[0] >> NUMBER_BITS, []).append(_own(place))
    return parts
