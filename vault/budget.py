"""How many plain values a credential, or the person that it acts for, may see in a day (UTC).

A process takes its allowance in leases from one row per credential and day, in a transaction of its own, and spends them
in memory: the row is touched once in many calls, and a crash loses at most a lease, never more than that is disclosed.

A courier acted for has an allowance of each shift instead, whatever credential acts (`vault.shift_budget`).
"""

import threading
from collections.abc import Mapping
from typing import NamedTuple

from database.engine import Database
from vault import store
from vault.shift_budget import ShiftBudget

LEASE = 1_000
DAY_MS = 86_400_000

DAILY_PLAIN_VALUES: Mapping[str, int] = {"support": 2_000, "risk": 5_000, "privacy_officer": 2_000, "courier": 500}
"""The default allowance by role; a role that is not named here has none to keep to."""


COURIER = "courier"


class _Place(NamedTuple):
    """Whose allowance of which day."""

    tenant: int
    credential: int
    acted: str
    day: int


class Budget:
    """Plain disclosures left to each credential and, apart from it, to each person acted for (`acted`, a fingerprint)."""

    def __init__(self, database: Database, daily: Mapping[str, int] = DAILY_PLAIN_VALUES) -> None:
        self._database = database
        self._daily = daily
        self._lock = threading.Lock()
        self._left: dict[_Place, int] = {}
        self._shifts = ShiftBudget(database)

    def spend(self, tenant: int, credential: int, role: str, count: int, at: int, *, acted: str = "") -> bool:
        """Take `count` values out of today's allowance; False, and nothing taken, when they are more than is left."""
        if role == COURIER and acted and count:
            return self._shifts.spend(tenant, acted, count, at)
        allowance = self._daily.get(role)
        if allowance is None or count == 0:
            return True
        place = _Place(tenant, credential, acted, at // DAY_MS)
        with self._lock:
            if self._left.get(place, 0) < count:
                self._left = {kept: left for kept, left in self._left.items() if kept.day == place.day}
                self._left[place] = self._left.get(place, 0) + self._lease(place, allowance, count)
            if self._left[place] < count:
                return False
            self._left[place] -= count
            return True

    def give_back(self, tenant: int, credential: int, role: str, count: int, at: int, *, acted: str = "") -> None:
        """Return what a call took and did not disclose."""
        if role == COURIER and acted and count:
            self._shifts.give_back(tenant, acted, count, at)
        elif count and role in self._daily:
            with self._lock:
                place = _Place(tenant, credential, acted, at // DAY_MS)
                self._left[place] = self._left.get(place, 0) + count

    def _lease(self, place: _Place, allowance: int, count: int) -> int:
        wanted = max(count, min(LEASE, allowance // 10))
        row = self._database.write(
            place.tenant,
            lambda tx: tx.one(store.LEASE_BUDGET, **place._asdict(), count=wanted),
        )
        leased = row[0] if row else allowance
        return max(0, min(wanted, allowance - (leased - wanted)))
