"""Looking through uses in order, and ending them: a record goes with its last use.

Whoever ends uses first holds the people whose records they are (`hold`), as every writer does, so that no use is added to a
record that goes at the same moment: the writer either is done before, and what it added is seen, or comes after and makes a new
record.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from database.transaction import Row, Transaction
from vault.identifier import KIND_BY_CODE
from vault.uses import store

Place = tuple[int, str, str]
"""The number of a record, a purpose and a ref: what names a use within its tenant, and by which uses are in order."""


class Use(NamedTuple):
    """Why a record of a person is kept, since when in milliseconds since the epoch, and whether it may only be stored."""

    record: int
    subject: int
    kind: str
    purpose: str
    ref: str
    since: int
    restricted: bool

    @property
    def place(self) -> Place:
        """What names it."""
        return self.record, self.purpose, self.ref


class RecordUses:
    """The uses of all records, in the caller's transaction."""

    def page(self, tx: Transaction, tenant: int, after: Place, limit: int) -> Sequence[Use]:
        """The uses that come next after a place."""
        record, purpose, ref = after
        rows = tx.all(store.PAGE, tenant=tenant, record=record, purpose=purpose, ref=ref, limit=limit)
        return [_use(row) for row in rows]

    def present(self, tx: Transaction, tenant: int, places: Sequence[Place]) -> Mapping[Place, Use]:
        """Those of these uses that are there."""
        return {use.place: use for use in map(_use, tx.all(store.PRESENT, rows=places, tenant=tenant))}

    def last_record(self, tx: Transaction, tenant: int) -> int:
        """The highest number of a record that has a use; 0 where there is none."""
        row = tx.one(store.LAST_RECORD, tenant=tenant)
        return 0 if row is None else int(row[0])

    def last_activity(self, tx: Transaction, tenant: int, subjects: Iterable[int]) -> Mapping[int, int]:
        """When each of these people last got a use."""
        return dict(tx.all(store.LAST_ACTIVITY, rows=[(one,) for one in sorted(set(subjects))], tenant=tenant))

    def hold(self, tx: Transaction, tenant: int, subjects: Iterable[int]) -> None:
        """Keep writers away from these people until the transaction ends."""
        tx.all(store.HOLD_PEOPLE, rows=[(one,) for one in sorted(set(subjects))], tenant=tenant)

    def end(self, tx: Transaction, tenant: int, places: Sequence[Place]) -> int:
        """End uses, with the field of a profile that was written for one; records without any other go. Tells how many went."""
        uses = [{"tenant": tenant, "record": record, "purpose": purpose, "ref": ref} for record, purpose, ref in places]
        tx.run_each(store.END_USE, uses)
        fields = [{"tenant": tenant, "record": row, "purpose": purpose} for row, purpose, ref in places if not ref]
        tx.run_each(store.END_FIELD, fields)
        records = dict.fromkeys(record for record, _, _ in places)
        return tx.run_each(store.DELETE_UNUSED, [{"tenant": tenant, "record": record} for record in records])

    def restrict(self, tx: Transaction, tenant: int, places: Sequence[Place], at: int) -> None:
        """Have uses stored and not used any more."""
        uses = [
            {"tenant": tenant, "record": record, "purpose": purpose, "ref": ref, "at": at}
            for record, purpose, ref in places
        ]
        tx.run_each(store.RESTRICT_USE, uses)
        records = dict.fromkeys(record for record, _, _ in places)
        tx.run_each(store.MARK_RESTRICTED, [{"tenant": tenant, "record": record} for record in records])

    def tenants(self, tx: Transaction) -> Mapping[int, int]:
        """The tenants that have ever stored anything, and since when, in a transaction of the system's scope."""
        return dict(tx.all(store.TENANTS))


def _use(row: Row) -> Use:
    record, subject, code, purpose, ref, since, restricted_at = row
    return Use(record, subject, KIND_BY_CODE[code].name, purpose, ref, since, restricted_at is not None)
