"""Reading what a plan has frozen, what it counted, and what became of it, in the caller's transaction."""

from dataclasses import dataclass
from uuid import UUID

from database.transaction import Transaction
from dsar.retention import store
from dsar.retention.errors import PlanNotFoundError
from dsar.retention.plan import CHUNK_ITEMS, Item, Plan, Tally, item_of


@dataclass(frozen=True, slots=True)
class Sums:
    """What became of a plan: chunks, those carried out and those looked at again; of its uses how many were disposed of, are only
    stored now, are held, not due any more, gone already, to be looked at by a person, or not reached yet; and how many records
    went."""

    chunks: int
    done: int
    verified: int
    items: int
    disposed: int
    restricted: int
    held: int
    not_due: int
    gone: int
    to_review: int
    records: int
    waiting: int

    @property
    def adds_up(self) -> bool:
        """Whether every use of the plan is accounted for."""
        fates = self.disposed + self.restricted + self.held + self.not_due + self.gone + self.to_review + self.waiting
        return fates == self.items


def found(tx: Transaction, tenant: int, number: UUID) -> Plan:
    """A plan. Raises PlanNotFoundError."""
    row = tx.one(store.PLAN, tenant=tenant, id=number.bytes)
    if row is None:
        raise PlanNotFoundError
    return Plan.of_row(tenant, row)


def items_between(tx: Transaction, plan: Plan, first: int, end: int) -> list[Item]:
    """The items of these places, in order."""
    rows = tx.all(store.ITEMS, tenant=plan.tenant, plan=plan.id.bytes, first=first, end=end)
    return [item_of(row) for row in rows]


def items_of_chunk(tx: Transaction, plan: Plan, number: int) -> list[Item]:
    """The items of a chunk, in order."""
    return items_between(tx, plan, number * CHUNK_ITEMS, (number + 1) * CHUNK_ITEMS)


def tallies_of(tx: Transaction, plan: Plan) -> list[Tally]:
    """What the plan counted."""
    return [Tally(*row) for row in tx.all(store.TALLIES, tenant=plan.tenant, plan=plan.id.bytes)]


def sums_of(tx: Transaction, plan: Plan) -> Sums:
    """What became of a plan so far."""
    row = tx.one(store.SUMS, tenant=plan.tenant, plan=plan.id.bytes)
    return Sums(*map(int, row or (0,) * 12))
