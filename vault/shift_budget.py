"""How many plain values a courier may be shown in a shift, through whatever credentials and in whatever process.

A shift begins with the first plain value after the one before is over, and lasts twelve hours: the platform need not say when its
couriers come and go, and nobody gets another allowance by saying it. One row for each courier, taken from in leases as in
`vault.budget`: the row's own update decides which shift it is, so that processes whose clocks differ a little agree on it.
"""

import threading
from typing import NamedTuple

from database.engine import Database
from vault import store

SHIFT_MS = 12 * 3_600_000
VALUES_IN_A_SHIFT = 300
"""The default allowance: more addresses than anybody brings orders to."""


class _Lease(NamedTuple):
    """What is left of what was taken out of a shift's allowance, and when the shift is over."""

    left: int
    over_at: int


NOTHING = _Lease(0, 0)


class ShiftBudget:
    """Plain values left to each courier, named by a fingerprint."""

    def __init__(self, database: Database, allowance: int = VALUES_IN_A_SHIFT) -> None:
        self._database = database
        self._allowance = allowance
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
        wanted = max(count, self._allowance // 10)
        row = self._database.write(
            tenant,
            lambda tx: tx.one(store.LEASE_SHIFT, tenant=tenant, acted=acted, count=wanted, at=at, over=at - SHIFT_MS),
        )
        leased, began_at = row or (self._allowance + wanted, at)
        granted = max(0, min(wanted, self._allowance - (leased - wanted)))
        over_at = began_at + SHIFT_MS
        return _Lease(granted + (lease.left if lease.over_at == over_at else 0), over_at)
