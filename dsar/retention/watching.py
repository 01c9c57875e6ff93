"""What happens by itself: a plan for each tenant every day, warnings of what is amiss, and the end of old plans."""

from collections.abc import Callable, Sequence
from datetime import datetime

from prometheus_client import CollectorRegistry, Gauge

from database.columns import millis, moment
from database.engine import Database
from database.transaction import Transaction
from dsar.retention import store
from dsar.retention.asking import PLAN_KIND
from dsar.retention.policies import PolicyBook
from dsar.retention.ports import Uses
from dsar.retention.reading import NO_POLICY, NOT_PLANNED, NOT_REVIEWED, NOT_STARTED, Alert, alerts_of
from work.timetable import DueJob

ITEMS_KEPT_MS = 30 * 24 * 3600 * 1000
"""How long it can be looked up which uses a plan had frozen."""

ITEMS_AT_ONCE = 5_000
PLANS_AT_ONCE = 20
LOOKED_EVERY_MS = 60_000
CODES = (NO_POLICY, NOT_REVIEWED, NOT_STARTED, NOT_PLANNED)


class RetentionTimetable:
    """Says that a tenant's records are to be looked at: once a day, from `hour` on where the tenant's policy has its days, and
    not on the day on which the tenant began."""

    def __init__(self, book: PolicyBook, uses: Uses, hour: int) -> None:
        self._book = book
        self._uses = uses
        self._hour = hour

    def due(self, tx: Transaction, at: int) -> Sequence[DueJob]:
        """The day's plan of each tenant, to be carried out when it is made."""
        due = []
        for tenant, since in self._uses.tenants(tx).items():
            local = moment(at).astimezone(self._book.in_force(tx, tenant).policy.zone)
            hour = local.replace(minute=0, second=0, microsecond=0, hour=min(self._hour, 23))
            if local.hour >= self._hour and since < millis(hour):
                occurrence = f"day_{local:%Y%m%d}"
                due.append(DueJob(tenant=tenant, kind=PLAN_KIND, occurrence=occurrence, params={"run": 1}))
        return due


class RetentionWatch:
    """Looks for what is amiss with any tenant, at most once a minute; metrics and readiness tell of it."""

    def __init__(
        self,
        database: Database,
        book: PolicyBook,
        uses: Uses,
        now: Callable[[], datetime],
        registry: CollectorRegistry,
    ) -> None:
        self._database = database
        self._book = book
        self._uses = uses
        self._now = now
        self._seen: frozenset[str] = frozenset()
        self._looked_at = 0
        self._gauge = Gauge(
            "moat_retention_alerts",
            "Uses or rules of all tenants with which something is amiss.",
            ("code",),
            registry=registry,
            multiprocess_mode="max",
        )

    def warnings(self) -> Sequence[Callable[[], str | None]]:
        """One for each thing that may be amiss."""
        return [self._warning(code) for code in CODES if code != NOT_PLANNED]

    def look(self) -> frozenset[str]:
        """The codes of what is amiss."""
        at = millis(self._now())
        if at - self._looked_at >= LOOKED_EVERY_MS:
            self._looked_at = at
            alerts = self._database.read(None, lambda tx: self._alerts(tx, at))
            for code in CODES:
                self._gauge.labels(code).set(sum(one.count or 1 for one in alerts if one.code == code))
            self._seen = frozenset(one.code for one in alerts)
        return self._seen

    def _warning(self, code: str) -> Callable[[], str | None]:
        return lambda: f"retention_{code}" if code in self.look() else None

    def _alerts(self, tx: Transaction, at: int) -> list[Alert]:
        tenants = self._uses.tenants(tx)
        return [alert for tenant in tenants for alert in alerts_of(tx, self._book, tenant, at)]


class PlanSweep:
    """Deletes what old plans have frozen, a bounded piece at a time. Their counts and digests stay."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def sweep(self, at: int) -> int:
        """Delete some; tells how many items."""
        before = at - ITEMS_KEPT_MS
        old = self._database.read(None, lambda tx: tx.all(store.OLD_PLANS, before=before, limit=PLANS_AT_ONCE))
        return sum(self._delete(tenant, bytes(plan)) for tenant, plan in old)

    def _delete(self, tenant: int, plan: bytes) -> int:
        def work(tx: Transaction) -> int:
            row = tx.one(store.FIRST_ITEM, tenant=tenant, plan=plan)
            first = 0 if row is None or row[0] is None else int(row[0])
            return tx.run(store.DELETE_ITEMS, tenant=tenant, plan=plan, end=first + ITEMS_AT_ONCE)

        return self._database.write(tenant, work)
