"""Carrying out one chunk of a plan: one transaction, in which everything is asked again.

1. chunk     taken, unless it was carried out before
2. people    whose records are in it are held, so that no use is added meanwhile
3. ask       what is still there, what is still due under the policy and the moment of the plan, what a hold keeps
4. dispose   uses end, records go with their last one; or uses are only stored from now on
5. note      what became otherwise than planned, the counts, and the log's entry
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from audit.entry import Act, Action, Actor, Group, Outcome, Reason
from audit.log import AuditLog
from database.columns import moment
from database.transaction import Transaction
from dsar.retention import store
from dsar.retention.due import Clock, Fate
from dsar.retention.frozen import items_of_chunk
from dsar.retention.judging import Judging
from dsar.retention.plan import Item, Plan
from dsar.retention.plan import Outcome as ItemOutcome
from dsar.retention.policies import PolicyBook
from dsar.retention.ports import Leaving, Place, PlacedUse
from dsar.retention.rule import Action as RuleAction


@dataclass(frozen=True, slots=True, kw_only=True)
class Occasion:
    """Who carries it out, in which run by its id, and when in milliseconds since the epoch."""

    actor: Actor
    run: str
    at: int


@dataclass(slots=True)
class Sorted:
    """The items of a chunk by what becomes of them."""

    ended: list[Item] = field(default_factory=list)
    restricted: list[Item] = field(default_factory=list)
    others: dict[ItemOutcome, list[Item]] = field(default_factory=dict)

    def put(self, item: Item, outcome: ItemOutcome) -> None:
        """Take note of an item that is not disposed of."""
        self.others.setdefault(outcome, []).append(item)

    def count(self, outcome: ItemOutcome) -> int:
        """How many there are."""
        return len(self.others.get(outcome, ()))


class Disposal:
    """Carries out chunks, in the caller's transaction."""

    def __init__(self, log: AuditLog, book: PolicyBook, judging: Judging, leaving: Leaving) -> None:
        self._log = log
        self._book = book
        self.uses = judging.uses
        self.leaving = leaving
        self._judging = judging

    def carry_out(self, tx: Transaction, plan: Plan, number: int, clock: Clock, occasion: Occasion) -> int:
        """Carry out a chunk; tells how many items it has, 0 where it was carried out before."""
        if tx.one(store.CHUNK_TO_DO, tenant=plan.tenant, plan=plan.id.bytes, number=number) is None:
            return 0
        items = items_of_chunk(tx, plan, number)
        present = self._present(tx, plan.tenant, items)
        done = self._sort(tx, plan, clock, items, present)
        records = self._dispose(tx, plan.tenant, done, present, occasion.at)
        people = self._leave(tx, plan, done, present, occasion.at)
        self._note(tx, plan, number, done, records, occasion)
        if people:
            tx.run(store.COUNT_PEOPLE, tenant=plan.tenant, id=plan.id.bytes, people=people)
        return len(items)

    def _present(self, tx: Transaction, tenant: int, items: Sequence[Item]) -> Mapping[Place, PlacedUse]:
        """Steps 2 and 3: what is there once nobody can add to it."""
        places = [item.place for item in items]
        seen = self.uses.present(tx, tenant, places)
        self.uses.hold(tx, tenant, {use.subject for use in seen.values()})
        return self.uses.present(tx, tenant, places)

    def _sort(
        self, tx: Transaction, plan: Plan, clock: Clock, items: Sequence[Item], present: Mapping[Place, PlacedUse]
    ) -> Sorted:
        done = Sorted()
        there = [item for item in items if item.place in present]
        for item in items:
            if item.place not in present:
                done.put(item, ItemOutcome.GONE)
        if self._book.in_force(tx, plan.tenant).digest != plan.policy_digest:
            for item in there:
                done.put(item, ItemOutcome.NOT_DUE)
            return done
        uses = [present[item.place] for item in there]
        verdicts = self._judging.verdicts(tx, plan.tenant, clock, uses)
        held = self._judging.held(tx, plan.tenant, uses)
        for item, verdict, kept in zip(there, verdicts, held, strict=True):
            if verdict.fate is not Fate.DUE or verdict.action is not item.action:
                done.put(item, ItemOutcome.NOT_DUE)
            elif kept:
                done.put(item, ItemOutcome.HELD)
            elif item.action is RuleAction.REVIEW and not plan.reviewed:
                done.put(item, ItemOutcome.TO_REVIEW)
            else:
                (done.restricted if item.action is RuleAction.RESTRICT else done.ended).append(item)
        return done

    def _dispose(self, tx: Transaction, tenant: int, done: Sorted, present: Mapping[Place, PlacedUse], at: int) -> int:
        """Step 4; tells how many records went."""
        counted: dict[tuple[str, str, int], int] = {}
        for item in done.ended:
            if item.action is RuleAction.ANONYMISE:
                since = moment(present[item.place].since)
                month = item.kind, item.purpose, since.year * 100 + since.month
                counted[month] = counted.get(month, 0) + 1
        tx.run_each(
            store.ADD_COUNT,
            [
                {"tenant": tenant, "kind": kind, "purpose": purpose, "month": month, "count": count}
                for (kind, purpose, month), count in sorted(counted.items())
            ],
        )
        self.uses.restrict(tx, tenant, [item.place for item in done.restricted], at)
        return self.uses.end(tx, tenant, [item.place for item in done.ended])

    def _leave(self, tx: Transaction, plan: Plan, done: Sorted, present: Mapping[Place, PlacedUse], at: int) -> int:
        people = {present[item.place].subject for item in done.ended if item.action is RuleAction.SHRED}
        return self.leaving.intend(tx, plan.tenant, people, at) if people else 0

    def _note(self, tx: Transaction, plan: Plan, number: int, done: Sorted, records: int, occasion: Occasion) -> None:
        """Step 5."""
        named: dict[str, Any] = {"tenant": plan.tenant, "plan": plan.id.bytes}
        outcomes = [
            {**named, "place": item.position, "outcome": outcome.value}
            for outcome, items in done.others.items()
            for item in items
        ]
        tx.run_each(store.SET_OUTCOME, outcomes)
        tx.run(
            store.END_CHUNK,
            **named,
            number=number,
            at=occasion.at,
            disposed=len(done.ended),
            restricted=len(done.restricted),
            held=done.count(ItemOutcome.HELD),
            not_due=done.count(ItemOutcome.NOT_DUE),
            gone=done.count(ItemOutcome.GONE),
            to_review=done.count(ItemOutcome.TO_REVIEW),
            records=records,
        )
        groups = [*_groups(done)]
        act = Act(Action.RETENTION_DISPOSE, occasion.actor, plan.tenant, occasion.at, occasion.run, groups)
        self._log.append(tx, act)


_REASONS = {
    ItemOutcome.HELD: (Outcome.DENIED, Reason.HELD),
    ItemOutcome.NOT_DUE: (Outcome.DENIED, Reason.NOT_DUE),
    ItemOutcome.TO_REVIEW: (Outcome.DENIED, Reason.TO_REVIEW),
    ItemOutcome.GONE: (Outcome.FAILED, Reason.NOT_FOUND),
}


def _groups(done: Sorted) -> list[Group]:
    """A chunk in the audit log: records by what became of which use of theirs."""
    by_fate: dict[tuple[Outcome, Reason, str, str], list[int]] = {}
    fated = [(Outcome.DONE, Reason.EXPIRED, item) for item in done.ended]
    fated += [(Outcome.DONE, Reason.RESTRICTED, item) for item in done.restricted]
    fated += [(*_REASONS[outcome], item) for outcome, items in done.others.items() for item in items]
    for outcome, reason, item in fated:
        by_fate.setdefault((outcome, reason, item.purpose, item.kind), []).append(item.record)
    return [
        Group(outcome, reason, purpose=purpose, kind=kind, rows=rows)
        for (outcome, reason, purpose, kind), rows in by_fate.items()
    ]
