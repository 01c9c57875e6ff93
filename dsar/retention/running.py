"""Carrying out a plan: chunk by chunk, then looking again whether what was disposed of is gone, then the evidence in the log.

Each chunk is one short transaction that asks everything again (`dsar.retention.disposal`); between two of them everybody else has
their turn. A crash repeats nothing, a pause loses nothing, and a run that was cancelled goes on when it is asked for again. The
keys of people of whom nothing is left are destroyed between chunks, for that is no part of a transaction.
"""

from collections.abc import Callable
from datetime import datetime
from functools import partial
from uuid import UUID

from audit.entry import Act, Action, Actor, Group, Outcome, Reason
from audit.log import AuditLog
from database.columns import millis
from database.engine import Database
from database.transaction import Transaction
from dsar.retention import store
from dsar.retention.asking import RUN_KIND
from dsar.retention.disposal import Disposal, Occasion
from dsar.retention.due import Clock
from dsar.retention.frozen import Sums, found, items_of_chunk, sums_of
from dsar.retention.plan import Item, Plan, PlanState
from dsar.retention.plan import Outcome as ItemOutcome
from dsar.retention.policies import Policies
from dsar.retention.rule import Action as RuleAction
from work.desk import JobDesk
from work.job import Job, Progress
from work.pace import considerate, wait_after

CHUNKS_A_STEP = 20
RESTS_FOR = 1.5
"""Times as long as a chunk took: beside others a run takes two fifths of the time, in short pieces."""


class Running:
    """The task of jobs of the kind `retention_run`. `throttle` among the parameters is how many uses a second it may look at."""

    kind = RUN_KIND

    def __init__(
        self,
        database: Database,
        log: AuditLog,
        jobs: JobDesk,
        policies: Policies,
        disposal: Disposal,
        now: Callable[[], datetime],
    ) -> None:
        self._database = database
        self._log = log
        self._jobs = jobs
        self._policies = policies
        self._disposal = disposal
        self._now = now

    def step(self, job: Job, number: int) -> Progress:  # noqa: ARG002 - the chunks themselves say where it is
        """Carry out the next chunks, or look again at those that were, or end the run.

        Raises:
            PlanNotFoundError: there is no such plan.
        """
        tenant = job.tenant
        plan = self._database.read(tenant, lambda tx: found(tx, tenant, UUID(job.params["plan"])))
        looked_at = 0 if plan.state is PlanState.DONE else self._dispose(job, plan)
        while self._disposal.leaving.finish(tenant):
            pass
        finished = not looked_at and not self._verify(job, plan)
        if finished:
            self._conclude(job, plan)
        sums = self._database.read(tenant, lambda tx: sums_of(tx, plan))
        total = max(2 * sums.chunks, 1)
        done = total if finished else sums.done + sums.verified
        return Progress(done, total, finished=finished, wait_seconds=wait_after(job, looked_at))

    def abandon(self, job: Job) -> None:
        """Nothing to clear away: each chunk is carried out or is not, and a plan goes on when its run is asked for again."""

    def _dispose(self, job: Job, plan: Plan) -> int:
        """Carry out the next chunks; tells how many items they had."""
        clock = Clock(self._policies.edition(plan.tenant, plan.policy).policy, plan.as_of)
        items = 0
        for _ in range(CHUNKS_A_STEP):
            row = self._database.read(
                plan.tenant, lambda tx: tx.one(store.NEXT_CHUNK, tenant=plan.tenant, plan=plan.id.bytes)
            )
            if row is None:
                break
            occasion = Occasion(actor=job.asked_by, run=str(job.id), at=millis(self._now()))
            with considerate(self._database, rests_for=RESTS_FOR):
                items += self._database.write(
                    plan.tenant,
                    partial(self._disposal.carry_out, plan=plan, number=int(row[0]), clock=clock, occasion=occasion),
                )
        return items

    def _verify(self, job: Job, plan: Plan) -> bool:
        """Look again at the next chunks that were carried out; whether there were any."""
        looked = False
        for _ in range(CHUNKS_A_STEP):
            row = self._database.read(
                job.tenant, lambda tx: tx.one(store.NEXT_UNVERIFIED, tenant=plan.tenant, plan=plan.id.bytes)
            )
            if row is None:
                break
            looked = True
            number, done_at = int(row[0]), int(row[1])
            residue = self._database.read(job.tenant, partial(self._residue, plan=plan, number=number, done_at=done_at))
            at = millis(self._now())
            self._database.write(job.tenant, partial(_verified, plan=plan, number=number, residue=residue, at=at))
        return looked

    def _residue(self, tx: Transaction, plan: Plan, number: int, done_at: int) -> int:
        """How many uses of a chunk are still as they were although they were disposed of. What was noted anew since is none."""
        disposed = [item for item in items_of_chunk(tx, plan, number) if _disposed(item, plan)]
        present = self._disposal.uses.present(tx, plan.tenant, [item.place for item in disposed])
        return sum(
            present[item.place].since <= done_at
            and not (item.action is RuleAction.RESTRICT and present[item.place].restricted)
            for item in disposed
            if item.place in present
        )

    def _conclude(self, job: Job, plan: Plan) -> None:
        """End the plan, once, with the evidence."""
        approvals = self._jobs.approvals(job.tenant, job.id)

        def work(tx: Transaction) -> None:
            at = millis(self._now())
            if not tx.run(store.END_PLAN, tenant=plan.tenant, id=plan.id.bytes, at=at):
                return
            ended = found(tx, plan.tenant, plan.id)
            groups = _evidence(ended, sums_of(tx, ended))
            approver: Actor | None = approvals[0].by if approvals else None
            act = Act(Action.RETENTION_DONE, job.asked_by, plan.tenant, at, str(job.id), groups, approver=approver)
            self._log.append(tx, act)

        self._database.write(job.tenant, work)


def _disposed(item: Item, plan: Plan) -> bool:
    return item.outcome is ItemOutcome.PLANNED and (item.action is not RuleAction.REVIEW or plan.reviewed)


def _verified(tx: Transaction, plan: Plan, number: int, residue: int, at: int) -> None:
    if tx.run(store.VERIFY_CHUNK, tenant=plan.tenant, plan=plan.id.bytes, number=number, at=at) and residue:
        tx.run(store.COUNT_RESIDUE, tenant=plan.tenant, id=plan.id.bytes, residue=residue)


def _evidence(plan: Plan, sums: Sums) -> list[Group]:
    """What the log keeps of a run: counts, under the root of the plan."""
    root = None if plan.root is None else plan.root.hex()
    counted = (
        (Outcome.DONE, Reason.EXPIRED, sums.disposed),
        (Outcome.DONE, Reason.RESTRICTED, sums.restricted),
        (Outcome.DENIED, Reason.HELD, sums.held),
        (Outcome.DENIED, Reason.NOT_DUE, sums.not_due),
        (Outcome.DENIED, Reason.TO_REVIEW, sums.to_review),
        (Outcome.FAILED, Reason.NOT_FOUND, sums.gone),
        (Outcome.FAILED, Reason.INTEGRITY, plan.residue),
    )
    groups = [Group(outcome, reason, count=count, wording=root) for outcome, reason, count in counted if count]
    return groups or [Group(Outcome.DONE, count=0, wording=root)]
