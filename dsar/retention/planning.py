"""Making a plan: looking at every use in the order of records, freezing those that are due, counting all, and hashing.

    1. look      a page of uses: judged, holds asked for, in a reading transaction
    2. freeze    those that are due are put into the plan, all are counted, and the plan's place moves on, in one transaction that
                 has no effect if the place has moved on already
    3. seal      the digests of the chunks, and from them the root

Memory holds one page, however many there are. A crash repeats a page at most.
"""

from collections.abc import Callable, Sequence
from datetime import datetime
from functools import partial
from typing import Any, NamedTuple
from uuid import UUID

from audit.entry import Act, Action, Group, Outcome
from audit.log import AuditLog
from database.columns import millis
from database.engine import Database
from database.transaction import Transaction
from dsar.request import by_itself
from dsar.retention import store
from dsar.retention.asking import PLAN_KIND, RunDesk, make_plan
from dsar.retention.due import Clock, Fate, Verdict, kept_until
from dsar.retention.frozen import items_of_chunk
from dsar.retention.judging import Judging
from dsar.retention.plan import CHUNK_ITEMS, HELD, Plan, PlanState, chunk_digest, plan_root
from dsar.retention.policies import Policies
from dsar.retention.ports import Place, PlacedUse
from work.job import Job, Progress
from work.pace import considerate

PAGE = 2_000
PAGES_A_STEP = 10
CHUNKS_A_STEP = 40
RESTS_FOR = 1.5
"""Times as long as a page took: beside others planning takes two fifths of the time."""


class _Looked(NamedTuple):
    """A page of uses, how each stands, and which of those that are due a hold keeps."""

    uses: Sequence[PlacedUse]
    verdicts: Sequence[Verdict]
    held: frozenset[Place]


class Planning:
    """The task of jobs of the kind `retention_plan`. `run` among the parameters has the plan carried out when it is made."""

    kind = PLAN_KIND

    def __init__(
        self,
        database: Database,
        log: AuditLog,
        policies: Policies,
        judging: Judging,
        desk: RunDesk,
        now: Callable[[], datetime],
    ) -> None:
        self._database = database
        self._log = log
        self._policies = policies
        self._judging = judging
        self._uses = judging.uses
        self._desk = desk
        self._now = now

    def step(self, job: Job, number: int) -> Progress:  # noqa: ARG002 - the plan itself says where it is
        """Look at the next pages, or seal the next chunks."""
        plan = self._plan(job.tenant, job.id)
        if plan.state is PlanState.LOOKING:
            plan = self._look_on(plan)
        elif plan.state is PlanState.SEALING:
            plan = self._seal_on(plan, job)
        finished = plan.state not in {PlanState.LOOKING, PlanState.SEALING}
        done, total = self._database.read(job.tenant, lambda tx: self._uses.passed(tx, job.tenant, plan.cursor))
        return Progress(total if finished else min(done, total - 1), total, finished=finished)

    def abandon(self, job: Job) -> None:
        """What was frozen is of no use; it goes with other old plans."""
        for was in (PlanState.LOOKING, PlanState.SEALING):
            self._move(job.tenant, job.id, was, PlanState.GIVEN_UP)

    def _move(self, tenant: int, plan: UUID, was: PlanState, state: PlanState) -> None:
        self._database.write(
            tenant,
            lambda tx: tx.run(store.SET_STATE, tenant=tenant, id=plan.bytes, was=was.value, state=state.value),
        )

    def _plan(self, tenant: int, job: UUID) -> Plan:
        """The plan of the job, made now where nobody has asked for it in particular."""
        row = self._database.read(tenant, lambda tx: tx.one(store.PLAN, tenant=tenant, id=job.bytes))
        if row is None:
            at = millis(self._now())
            self._database.write(tenant, lambda tx: make_plan(tx, self._policies, tenant, job, at))
            row = self._database.read(tenant, lambda tx: tx.one(store.PLAN, tenant=tenant, id=job.bytes))
        assert row is not None
        return Plan.of_row(tenant, row)

    def _look_on(self, plan: Plan) -> Plan:
        clock = Clock(self._policies.edition(plan.tenant, plan.policy).policy, plan.as_of)
        for _ in range(PAGES_A_STEP):
            looked = self._database.read(plan.tenant, partial(self._look, plan=plan, clock=clock))
            if not looked.uses:
                break
            with considerate(self._database, rests_for=RESTS_FOR):
                self._database.write(plan.tenant, partial(_freeze, plan=plan, clock=clock, looked=looked))
            plan = self._plan(plan.tenant, plan.id)
        if len(looked.uses) < PAGE:
            self._move(plan.tenant, plan.id, PlanState.LOOKING, PlanState.SEALING)
            plan = self._plan(plan.tenant, plan.id)
        return plan

    def _look(self, tx: Transaction, plan: Plan, clock: Clock) -> _Looked:
        uses = self._uses.page(tx, plan.tenant, plan.cursor, PAGE)
        verdicts = self._judging.verdicts(tx, plan.tenant, clock, uses)
        due = [use for use, verdict in zip(uses, verdicts, strict=True) if verdict.fate is Fate.DUE]
        held = self._judging.held(tx, plan.tenant, due)
        return _Looked(uses, verdicts, frozenset(use.place for use, kept in zip(due, held, strict=True) if kept))

    def _seal_on(self, plan: Plan, job: Job) -> Plan:
        last = -(-plan.items // CHUNK_ITEMS)
        for _ in range(CHUNKS_A_STEP // 10):
            end = min(plan.chunks + 10, last)
            if plan.chunks < end:
                with considerate(self._database, rests_for=RESTS_FOR):
                    self._database.write(plan.tenant, partial(_seal, plan=plan, end=end))
                plan = self._plan(plan.tenant, plan.id)
        if plan.chunks == last:
            self._database.write(plan.tenant, lambda tx: self._conclude(tx, plan, job))
            self._desk.nudge()
            plan = self._plan(plan.tenant, plan.id)
        return plan

    def _conclude(self, tx: Transaction, plan: Plan, job: Job) -> None:
        """Write the root, once, and ask for the run where the job is to."""
        row = tx.one(store.PLAN_TO_CHANGE, tenant=plan.tenant, id=plan.id.bytes)
        found = None if row is None else Plan.of_row(plan.tenant, row)
        if found is None or found.state is not PlanState.SEALING:
            return
        at = millis(self._now())
        digests = tx.stream(store.DIGESTS, tenant=plan.tenant, plan=plan.id.bytes)
        root = plan_root(found, (bytes(digest) for (digest,) in digests))
        tx.run(store.SET_ROOT, tenant=plan.tenant, id=plan.id.bytes, root=root)
        planned = [Group(Outcome.DONE, count=found.items, wording=root.hex())]
        by = by_itself(at)
        self._log.append(tx, Act(Action.RETENTION_PLANNED, job.asked_by, plan.tenant, at, by.call, planned))
        if job.params.get("run"):
            self._desk.follow(tx, plan.tenant, plan.id, by)


def _freeze(tx: Transaction, plan: Plan, clock: Clock, looked: _Looked) -> None:
    """Step 2."""
    due = [
        (use, verdict.rule.id, verdict.action.value)
        for use, verdict in zip(looked.uses, looked.verdicts, strict=True)
        if verdict.rule is not None and verdict.action is not None and use.place not in looked.held
    ]
    record, purpose, ref = looked.uses[-1].place
    was_record, was_purpose, was_ref = plan.cursor
    moved = tx.run(
        store.MOVE_PLAN,
        tenant=plan.tenant,
        id=plan.id.bytes,
        record=record,
        purpose=purpose,
        ref=ref,
        seen=len(looked.uses),
        items=len(due),
        was_record=was_record,
        was_purpose=was_purpose,
        was_ref=was_ref,
    )
    if not moved:
        return
    items = [
        (plan.tenant, plan.id.bytes, position, *use.place, rule, use.kind, action)
        for position, (use, rule, action) in enumerate(due, plan.items)
    ]
    tx.put(store.INSERT_ITEMS, items)
    tx.run_each(store.ADD_TALLY, _tallied(plan, clock, looked))


def _tallied(plan: Plan, clock: Clock, looked: _Looked) -> list[dict[str, Any]]:
    """The uses of a page, counted by how they stand."""
    alike: dict[tuple[str, str, str, str, str], list[Verdict]] = {}
    for use, verdict in zip(looked.uses, looked.verdicts, strict=True):
        rule = "" if verdict.rule is None else verdict.rule.id
        action = "" if verdict.action is None else verdict.action.value
        fate = HELD if use.place in looked.held else verdict.fate.value
        alike.setdefault((rule, use.kind, use.purpose, fate, action), []).append(verdict)
    return [
        {"tenant": plan.tenant, "plan": plan.id.bytes, **_named(place), **_counted(verdicts, clock)}
        for place, verdicts in sorted(alike.items())
    ]


def _named(place: tuple[str, str, str, str, str]) -> dict[str, str]:
    return dict(zip(("rule", "kind", "purpose", "fate", "action"), place, strict=True))


def _counted(verdicts: Sequence[Verdict], clock: Clock) -> dict[str, int | None]:
    """How many they are, and when the first and the last of them ends: the ends come in the order of the starts."""
    ordered = sorted((one for one in verdicts if one.start is not None), key=lambda one: one.start or 0)
    zone = clock.policy.zone
    ends = [kept_until(one, zone) for one in (ordered[:1] + ordered[-1:])]
    return {"count": len(verdicts), "first": ends[0] if ends else None, "last": ends[-1] if ends else None}


def _seal(tx: Transaction, plan: Plan, end: int) -> None:
    """Digest the chunks up to `end`, unless that has been done."""
    if not tx.run(store.COUNT_CHUNKS, tenant=plan.tenant, id=plan.id.bytes, was=plan.chunks, chunks=end):
        return
    chunks = []
    for number in range(plan.chunks, end):
        items = items_of_chunk(tx, plan, number)
        chunks.append((plan.tenant, plan.id.bytes, number, len(items), chunk_digest(items), *(0,) * 7))
    tx.put(store.INSERT_CHUNKS, chunks)
