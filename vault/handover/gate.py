"""What the orders of a call are at this moment, and which table holds: read in the transaction of the answer itself.

Nothing of it is cached but tables by their versions, which never change. A process that has not heard of a newer table, a
reassignment or a freeze reads it here.
"""

import threading
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from audit.entry import SubjectRef
from database.transaction import Transaction
from vault.fingerprint import subject_fingerprint
from vault.handover import store
from vault.handover.stage import UNASSIGNED
from vault.handover.table import COURIER, HandoverTable
from vault.handover.table_text import read_table, shipped_table
from vault.keyring import TenantKeys
from vault.policy import View
from vault.subject import SubjectDirectory, SubjectRow, SubjectState

_SUBJECT_COLUMNS = len(SubjectRow._fields)


class OrderNow(NamedTuple):
    """An order as one who asks sees it: `alias` is empty where it is not anonymous, `customer` None where nobody was named."""

    stage: str
    since: int
    alias: str
    customer: int | None


NO_ORDER = OrderNow(UNASSIGNED, 0, "", None)

WORDS_OF_PEOPLE = frozenset({"name", "note"})
"""What says who an anonymous customer is, or may say so: its courier never sees it in plain."""


@dataclass(frozen=True, slots=True)
class Standing:
    """What one who is judged by orders may see now. `role` is None for those who are not; a courier has the orders that are
    theirs and no others, anybody else has them as they are."""

    role: str | None = None
    table: HandoverTable = field(default_factory=shipped_table)
    orders: Mapping[str, OrderNow] = field(default_factory=dict)
    frozen: bool = False
    ref: SubjectRef | None = None
    stored: frozenset[tuple[int, str]] | None = None
    """Which records were stored for which orders, where that was asked along; None where it was not."""

    def stage(self, ref: str) -> str | None:
        """The stage of an order, as far as one who asks has it."""
        order = self.orders.get(ref)
        return None if order is None else order.stage

    def customer(self, ref: str) -> int | None:
        """Whose order it is, where the platform named somebody."""
        order = self.orders.get(ref)
        return None if order is None else order.customer

    def alias(self, ref: str) -> str:
        """What stands for the customer of an anonymous order to those who are judged by orders; empty for everybody else."""
        order = self.orders.get(ref)
        return order.alias if order is not None else ""

    def shows(self, ref: str, kind: str, view: View, at: int) -> bool:
        """Whether the table lets a value of an order be shown in a view at `at`."""
        if self.role is None:
            return True
        order = self.orders.get(ref, NO_ORDER)
        if view is View.PLAIN and kind in WORDS_OF_PEOPLE and self.role == COURIER and order.alias:
            return False
        return self.table.shows(order.stage, order.since, self.role, kind, view, at)


NOBODY = Standing()


class Tables:
    """The tables of all tenants, read once for each version."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._read: dict[int, HandoverTable] = {}

    def of(self, tx: Transaction, tenant: int, version: int) -> HandoverTable:
        """A version of a tenant's table; 0 is the shipped one."""
        if version == 0:
            return shipped_table()
        known = self._read.get(tenant)
        if known is not None and known.version == version:
            return known
        row = tx.one(store.TABLE, tenant=tenant, version=version)
        if row is None:
            raise LookupError("a version of a table that there is not")
        table = read_table(row[1], version=version)
        with self._lock:
            self._read[tenant] = table
        return table

    def present(self, tx: Transaction, tenant: int) -> HandoverTable:
        """The tenant's table that is in force."""
        row = tx.one(store.TABLE_VERSION, tenant=tenant)
        return self.of(tx, tenant, row[0] if row and row[0] else 0)


class Wanted(NamedTuple):
    """A record that is wanted for an order."""

    record: int
    ref: str


Asked = Callable[[], Standing]
"""Gives a standing that was asked for, once the statement after it has been answered."""


class Gate:
    """Reads standings."""

    def __init__(self, subjects: SubjectDirectory, tables: Tables) -> None:
        self._subjects = subjects
        self._tables = tables

    def of_courier(
        self, tx: Transaction, keys: TenantKeys, tenant: int, courier: str, wanted: Collection[Wanted], at: int
    ) -> Asked:
        """What a courier has: the orders that records are `wanted` for and that are theirs. Of a single record all of it is one
        statement, which travels with the one after it. What is returned raises IntegrityError where the courier's row does not
        open."""
        refs = {one.ref for one in wanted if one.ref}
        single = next(iter(wanted)) if len(wanted) == 1 else Wanted(0, next(iter(refs)) if len(refs) == 1 else "")
        fingerprint = subject_fingerprint(keys.subject_index, tenant=tenant, subject=courier)
        asked = tx.later(store.COURIER_AT_ORDER, tenant=tenant, fingerprint=fingerprint, **single._asdict())

        def standing() -> Standing:
            found = asked()
            if found is None:
                return Standing(COURIER)
            row = SubjectRow(*found[:_SUBJECT_COLUMNS])
            freeze, version, proved, ref, *order = found[_SUBJECT_COLUMNS:]
            orders = {} if ref is None else {ref: OrderNow(*order)}
            if len(refs) > 1:
                rows = tx.all(store.ORDERS_OF, rows=[(ref,) for ref in sorted(refs)], tenant=tenant)
                orders = {ref: OrderNow(*order) for ref, *order, assigned in rows if assigned == row.number}
            frozen = freeze is not None or row.state != SubjectState.ACTIVE
            opened = self._subjects.opened(keys, tenant, row, at)
            stored = frozenset([single] if proved else []) if single.record else None
            return Standing(COURIER, self._tables.of(tx, tenant, version), orders, frozen, opened.ref, stored)

        return standing

    def of_role(self, tx: Transaction, tenant: int, role: str, refs: Collection[str]) -> Standing:
        """What one of a role has who is nobody in particular: the orders among `refs` as they are."""
        rows = tx.all(store.ORDERS_OF, rows=[(ref,) for ref in sorted(refs)], tenant=tenant)
        orders = {ref: OrderNow(*order) for ref, *order, _ in rows}
        return Standing(role, self._tables.present(tx, tenant), orders)
