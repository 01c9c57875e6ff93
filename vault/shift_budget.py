"""How many plain values a courier may be shown in a shift, through whatever credentials and in whatever process.

A shift begins with the first plain value after the one before is over, and lasts as long as the tenant's rules say
(`vault.shifts`): the platform need not say when its couriers come and go, and nobody gets another allowance by saying it. One
row for each courier, taken from in leases as in `vault.budget`: the row's own update decides which shift it is, so that
processes whose clocks differ a little agree on it.
"""

import threading
from typing import NamedTuple

from database.engine import Database
from database.transaction import Transaction
from vault.shifts import store
from vault.shifts.rules import ShiftRules, read_rules, shipped_rules


class _Lease(NamedTuple):
    """What is left of what was taken out of a shift's allowance, and when the shift is over."""

    left: int
    over_at: int


NOTHING = _Lease(0, 0)


class ShiftBudget:
    """Plain values left to each courier, named by a fingerprint. Rules are read with each lease: another process's hold from then
    on, but for what is leased already."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._lock = threading.Lock()
        self._leases: dict[tuple[int, str], _Lease] = {}

    def spend(self, tenant: int, acted: str, count: int, at: int) -> bool:
        """Take `count` values out of the present shift's allowance; False, and nothing taken, when they are more than is left."""
        place = tenant, acted
        with self._lock:
            lease = self._present(place, at)
            if lease.left < count:
                lease = self._more(place, lease, count, at)
            if lease.left < count:
                self._leases[place] = lease
                return False
            self._leases[place] = lease._replace(left=lease.left - count)
            return True

    def give_back(self, tenant: int, acted: str, count: int, at: int) -> None:
        """Return what a call took and did not disclose; of a shift that is over nothing comes back."""
        place = tenant, acted
        with self._lock:
            lease = self._present(place, at)
            if lease is not NOTHING:
                self._leases[place] = lease._replace(left=lease.left + count)

    def _present(self, place: tuple[int, str], at: int) -> _Lease:
        lease = self._leases.get(place, NOTHING)
        return lease if at < lease.over_at else NOTHING

    def _more(self, place: tuple[int, str], lease: _Lease, count: int, at: int) -> _Lease:
        """The lease with more in it, as far as the allowance goes; that of another shift replaces it."""
        self._leases = {kept: one for kept, one in self._leases.items() if at < one.over_at}
        tenant, acted = place

        def take(tx: Transaction) -> tuple[ShiftRules, int, int, int]:
            rules = _rules(tx, tenant)
            wanted = max(count, rules.values // 10)
            over = at - rules.lasts
            row = tx.one(store.LEASE_SHIFT, tenant=tenant, acted=acted, count=wanted, at=at, over=over)
            return rules, wanted, *(row or (rules.values + wanted, at))

        rules, wanted, leased, began_at = self._database.write(tenant, take)
        granted = max(0, min(wanted, rules.values - (leased - wanted)))
        over_at = began_at + rules.lasts
        return _Lease(granted + (lease.left if lease.over_at == over_at else 0), over_at)


def _rules(tx: Transaction, tenant: int) -> ShiftRules:
    row = tx.one(store.LATEST_RULES, tenant=tenant)
    return shipped_rules() if row is None else read_rules(row[1])
