"""Asking for plans and for their runs: each is a job, put there with its entry in one transaction.

A run of very many uses, or of a large part of a kind, begins once a second person has approved it; so does one that disposes of
what a rule says a person must look at first.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from audit.entry import Act, Action, Group, Outcome
from audit.log import AuditLog
from database.engine import Database
from database.transaction import Transaction
from dsar.request import By
from dsar.retention import store
from dsar.retention.due import Fate
from dsar.retention.errors import (
    PlanNotFoundError,
    PlanNotReadyError,
    PlanStaleError,
    PlanUsedError,
    RunUnderWayError,
)
from dsar.retention.frozen import found, tallies_of
from dsar.retention.plan import KEPT_MS, Plan, PlanState, Tally
from dsar.retention.policies import Policies, PolicyBook
from work.desk import JobDesk
from work.replay import Mac, Replay

PLAN_KIND = "retention_plan"
RUN_KIND = "retention_run"


@dataclass(frozen=True, slots=True)
class Threshold:
    """From how many uses on, in all or of one kind as a percentage of all that are kept of it, a run takes two persons. The
    percentage counts from `share_from` uses of the kind on."""

    uses: int = 10_000
    percent: float = 1.0
    share_from: int = 100

    def approvals(self, tallies: Sequence[Tally]) -> int:
        """How many people beside the one who asks must approve a run of a plan with these tallies."""
        kept: dict[str, int] = {}
        due: dict[str, int] = {}
        for one in tallies:
            kept[one.kind] = kept.get(one.kind, 0) + one.uses
            if one.fate == Fate.DUE:
                due[one.kind] = due.get(one.kind, 0) + one.uses
        many = sum(due.values()) > self.uses
        share = any(n > self.share_from and n * 100 > self.percent * kept[kind] for kind, n in due.items())
        return int(many or share)


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """How a run is to go. With `reviewed`, what a person had to look at is disposed of, too. `throttle` is how many uses a second
    it may look at."""

    plan: UUID
    reviewed: bool = False
    throttle: int | None = None


class RunDesk:
    """The use cases behind `POST /v1/retention/plans` and `/runs`."""

    def __init__(
        self,
        database: Database,
        log: AuditLog,
        jobs: JobDesk,
        policies: Policies,
        book: PolicyBook,
        *,
        threshold: Threshold,
    ) -> None:
        self._database = database
        self._log = log
        self._jobs = jobs
        self._policies = policies
        self._book = book
        self._threshold = threshold

    def nudge(self) -> None:
        """There may be a job to begin."""
        self._jobs.nudge()

    def plan(self, tenant: int, by: By, mac: Mac, replay: Replay | None = None) -> UUID:
        """Ask for a plan, which has the id of its job.

        Raises:
            RunUnderWayError: another plan is being made.
            IdempotencyMismatchError: the replay's key was used with another body.
        """

        def work(tx: Transaction) -> UUID:
            earlier = None if replay is None else replay.earlier(tx, mac, by.at)
            if earlier is not None:
                return UUID(str(earlier[0]))
            if self._jobs.under_way(tx, tenant, PLAN_KIND):
                raise RunUnderWayError
            job = self._jobs.submit(tx, tenant, PLAN_KIND, {}, by.at, asked_by=by.actor)
            make_plan(tx, self._policies, tenant, job, by.at)
            self._log.append(tx, Act(Action.RETENTION_PLAN, by.actor, tenant, by.at, by.call))
            if replay is not None:
                replay.keep(tx, mac, [str(job)], by.at)
            return job

        job = self._database.write(tenant, work)
        self.nudge()
        return job

    def run(self, tenant: int, wanted: Wanted, by: By, mac: Mac, replay: Replay | None = None) -> UUID:
        """Ask for a plan to be carried out; gives the job. A plan whose run was cancelled or failed goes on
        where that stopped.

        Raises:
            PlanNotFoundError: there is no such plan.
            PlanNotReadyError: it is not made yet, or was given up.
            PlanStaleError: it is older than seven days, or another policy is in force.
            PlanUsedError: it was carried out.
            RunUnderWayError: a run of the tenant has not ended.
            IdempotencyMismatchError: the replay's key was used with another body.
        """

        def work(tx: Transaction) -> UUID:
            earlier = None if replay is None else replay.earlier(tx, mac, by.at)
            if earlier is not None:
                return UUID(str(earlier[0]))
            plan = self._usable(tx, tenant, wanted.plan, by.at)
            if self._jobs.under_way(tx, tenant, RUN_KIND):
                raise RunUnderWayError
            job = self._submit(tx, plan, wanted, by)
            if replay is not None:
                replay.keep(tx, mac, [str(job)], by.at)
            return job

        job = self._database.write(tenant, work)
        self.nudge()
        return job

    def follow(self, tx: Transaction, tenant: int, number: UUID, by: By) -> UUID | None:
        """Ask for the run of a plan that was just made, in its transaction, unless there is nothing to do or another run has not
        ended."""
        plan = found(tx, tenant, number)
        if not plan.items or self._jobs.under_way(tx, tenant, RUN_KIND):
            return None
        return self._submit(tx, plan, Wanted(plan=number), by)

    def approvals(self, tallies: Sequence[Tally]) -> int:
        """How many approvals a run takes."""
        return self._threshold.approvals(tallies)

    def _usable(self, tx: Transaction, tenant: int, number: UUID, at: int) -> Plan:
        row = tx.one(store.PLAN_TO_CHANGE, tenant=tenant, id=number.bytes)
        if row is None:
            raise PlanNotFoundError
        plan = Plan.of_row(tenant, row)
        if plan.state is PlanState.DONE:
            raise PlanUsedError
        if plan.state not in {PlanState.READY, PlanState.ASKED}:
            raise PlanNotReadyError
        if plan.made_at + KEPT_MS <= at or self._book.in_force(tx, tenant).digest != plan.policy_digest:
            raise PlanStaleError
        return plan

    def _submit(self, tx: Transaction, plan: Plan, wanted: Wanted, by: By) -> UUID:
        tallies = tallies_of(tx, plan)
        approvals = max(self._threshold.approvals(tallies), int(wanted.reviewed))
        params: dict[str, str | int] = {"plan": str(plan.id)}
        params |= {"throttle": wanted.throttle} if wanted.throttle else {}
        job = self._jobs.submit(tx, plan.tenant, RUN_KIND, params, by.at, asked_by=by.actor, approvals=approvals)
        tx.run(store.ASK_RUN, tenant=plan.tenant, id=plan.id.bytes, run=job.bytes, reviewed=wanted.reviewed)
        root = "" if plan.root is None else plan.root.hex()
        asked = [Group(Outcome.DONE, count=plan.items, wording=root or None)]
        self._log.append(tx, Act(Action.RETENTION_RUN, by.actor, plan.tenant, by.at, by.call, asked))
        return job


def make_plan(tx: Transaction, policies: Policies, tenant: int, job: UUID, at: int) -> None:
    """Begin the plan of a job, under the policy in force, for what is due at `at`; unless it was begun."""
    edition = policies.settled(tx, tenant, at)
    row = (tenant, job.bytes, PlanState.LOOKING.value, edition.policy.version, edition.digest, at, at)
    tx.insert(store.INSERT_PLANS, [(*row, 0, "", "", 0, 0, 0, False, 0, 0)])
