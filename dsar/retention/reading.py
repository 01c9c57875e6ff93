"""Looking at plans, at runs, and at what is amiss."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from database.columns import millis, moment
from database.engine import Database
from database.transaction import Transaction
from dsar.retention import store
from dsar.retention.asking import RunDesk
from dsar.retention.due import Fate
from dsar.retention.errors import RunNotFoundError
from dsar.retention.frozen import Sums, found, items_between, sums_of, tallies_of
from dsar.retention.plan import Item, Plan, Tally
from dsar.retention.policies import Edition, PolicyBook
from work.desk import JobDesk
from work.job import Job

REVIEWED_WITHIN_DAYS = 365
PLANNED_WITHIN_MS = 48 * 3600 * 1000
_LAST = b"\xff" * 16


@dataclass(frozen=True, slots=True)
class Report:
    """A plan with its tallies, the policy that it rests on, what became of it, and how many approvals its run takes."""

    plan: Plan
    edition: Edition
    tallies: Sequence[Tally]
    sums: Sums
    approvals: int
    run: Job | None


@dataclass(frozen=True, slots=True)
class Alert:
    """Something amiss: what is stored and has no rule, a rule that nobody who knows the law has looked at for a year, uses whose
    event does not come, or that nobody has looked at the tenant's records at all."""

    code: str
    rule: str | None = None
    kind: str | None = None
    purpose: str | None = None
    count: int | None = None
    reviewed: date | None = None


NO_POLICY, NOT_REVIEWED, NOT_STARTED, NOT_PLANNED = "no_policy", "not_reviewed", "clock_not_started", "not_planned"


class Reading:
    """The use cases that only look."""

    def __init__(
        self, database: Database, book: PolicyBook, desk: RunDesk, jobs: JobDesk, now: Callable[[], datetime]
    ) -> None:
        self._database = database
        self._book = book
        self._desk = desk
        self._jobs = jobs
        self._now = now

    def report(self, tenant: int, number: UUID) -> Report:
        """A plan. Raises PlanNotFoundError."""
        return self._database.read(tenant, lambda tx: self._report(tx, found(tx, tenant, number)))

    def run(self, tenant: int, job: UUID) -> Report:
        """The plan that a run carries out. Raises RunNotFoundError."""

        def work(tx: Transaction) -> Report:
            row = tx.one(store.PLAN_OF_RUN, tenant=tenant, run=job.bytes)
            if row is None:
                raise RunNotFoundError
            return self._report(tx, Plan.of_row(tenant, row))

        return self._database.read(tenant, work)

    def plans(self, tenant: int, *, before: UUID | None, limit: int, run: bool) -> list[Report]:
        """Plans, the latest first; with `run` those that are carried out."""
        statement = store.RUNS if run else store.PLANS
        last = _LAST if before is None else before.bytes

        def work(tx: Transaction) -> list[Report]:
            rows = tx.all(statement, tenant=tenant, before=last, limit=limit)
            return [self._report(tx, Plan.of_row(tenant, row)) for row in rows]

        return self._database.read(tenant, work)

    def items(self, tenant: int, number: UUID, *, after: int, limit: int) -> list[Item]:
        """The frozen uses of a plan, in order. Raises PlanNotFoundError."""

        return self._database.read(
            tenant, lambda tx: items_between(tx, found(tx, tenant, number), after, after + limit)
        )

    def counts(self, tenant: int) -> list[tuple[str, str, int, int]]:
        """What remains of what was anonymised: kind, purpose, month as 202611, and how many."""
        return [
            (kind, purpose, month, count)
            for kind, purpose, month, count in self._database.read(
                tenant, lambda tx: tx.all(store.COUNTS, tenant=tenant)
            )
        ]

    def alerts(self, tenant: int) -> list[Alert]:
        """What is amiss, as far as the latest plan has seen it."""
        at = millis(self._now())
        return self._database.read(tenant, lambda tx: alerts_of(tx, self._book, tenant, at))

    def _report(self, tx: Transaction, plan: Plan) -> Report:
        tallies = tallies_of(tx, plan)
        edition = self._book.version(tx, plan.tenant, plan.policy)
        run = None if plan.run is None else self._jobs.get(plan.tenant, plan.run)
        return Report(plan, edition, tallies, sums_of(tx, plan), self._desk.approvals(tallies), run)


def alerts_of(tx: Transaction, book: PolicyBook, tenant: int, at: int) -> list[Alert]:
    """What is amiss of a tenant at `at`."""
    today = moment(at).date()
    alerts = [
        Alert(NOT_REVIEWED, rule.id, reviewed=rule.reviewed)
        for rule in book.in_force(tx, tenant).policy.rules
        if (today - rule.reviewed).days > REVIEWED_WITHIN_DAYS
    ]
    row = tx.one(store.LATEST_PLAN, tenant=tenant)
    latest = None if row is None else Plan.of_row(tenant, row)
    if latest is None or latest.as_of + PLANNED_WITHIN_MS < at:
        alerts.append(Alert(NOT_PLANNED))
    codes = {Fate.NO_POLICY.value: NO_POLICY, Fate.LATE.value: NOT_STARTED}
    tallies = [] if latest is None else tallies_of(tx, latest)
    alerts += [
        Alert(codes[one.fate], one.rule or None, one.kind, one.purpose, one.uses)
        for one in tallies
        if one.fate in codes
    ]
    return alerts
