"""Reporting a breach: an officer names the people and the facts; a second person approves; then a job tells each of them.

Nobody is told before the approval, and everybody who was named and is known is told once. Who was named and is not known is only
counted: the officer knows the list.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from uuid import UUID

from audit.entry import Act, Action, Group, Outcome, Reason
from audit.event_id import uuid7
from audit.log import AuditLog
from database.engine import Database
from database.transaction import Row, Transaction
from dsar.alerts import store
from dsar.alerts.breach import Advice, Breach, Cause, Facts, Harm, Measure
from dsar.alerts.errors import BreachNotFoundError, NobodyConcernedError
from dsar.ports import SubjectDirectory, Subjects
from dsar.request import By, ref_of
from work.desk import JobDesk
from work.replay import Replay

KIND = "breach_tell"
APPROVALS = 1
LAST = b"\xff" * 16


@dataclass(frozen=True, slots=True)
class Reported:
    """What became of a report: how many people it concerns, and how many of those named are not known."""

    id: UUID
    job: UUID
    people: int
    unknown: int


class Breaches:
    """The use cases of officers, and of a person who looks at what concerns them."""

    def __init__(self, database: Database, subjects: Subjects, log: AuditLog, jobs: JobDesk) -> None:
        self._database = database
        self._subjects = subjects
        self._log = log
        self._jobs = jobs

    def report(
        self, tenant: int, facts: Facts, platform_ids: Sequence[str], by: By, replay: Replay | None = None
    ) -> Reported:
        """Take a report; nobody is told before another person has approved its job. Durable when this returns.

        Raises:
            NobodyConcernedError: none of these people is known.
            IdempotencyMismatchError: the replay's key was used with another body.
        """
        named = list(dict.fromkeys(platform_ids))

        def attempt(directory: SubjectDirectory) -> Reported | None:
            def work(tx: Transaction) -> Reported | None:
                earlier = None if replay is None else replay.earlier(tx, directory.mac, by.at)
                if earlier is not None:
                    return Reported(UUID(hex=str(earlier[0])), UUID(hex=str(earlier[1])), *map(int, earlier[2:]))
                numbers = directory.numbers(tx, named)
                reported = self._reported(tx, tenant, facts, numbers.values(), len(named) - len(numbers), by)
                if reported is not None and replay is not None:
                    kept: list[int | str] = [reported.id.hex, reported.job.hex, reported.people, reported.unknown]
                    replay.keep(tx, directory.mac, kept, by.at)
                return reported

            return self._database.write(tenant, work)

        reported = self._subjects.using(tenant, attempt)
        if reported is None:
            raise NobodyConcernedError
        return reported

    def get(self, tenant: int, breach: UUID, by: By) -> Breach:
        """How far the telling is. Raises BreachNotFoundError."""

        def work(tx: Transaction) -> Breach | None:
            row = tx.one(store.BREACH, tenant=tenant, id=breach.bytes)
            fate = Group(Outcome.FAILED, Reason.NOT_FOUND) if row is None else _named(breach)
            self._log.append(tx, Act(Action.BREACH_READ, by.actor, tenant, by.at, by.call, [fate]))
            return None if row is None else self._with_figures(tx, tenant, row)

        found = self._database.write(tenant, work)
        if found is None:
            raise BreachNotFoundError
        return found

    def page(self, tenant: int, by: By, *, before: UUID | None, limit: int) -> list[Breach]:
        """Breaches, the latest first."""

        def work(tx: Transaction) -> list[Breach]:
            last = LAST if before is None else before.bytes
            rows = tx.all(store.BREACHES, tenant=tenant, before=last, limit=limit)
            done = [Group(Outcome.DONE, count=len(rows))]
            self._log.append(tx, Act(Action.BREACH_READ, by.actor, tenant, by.at, by.call, done))
            return [self._with_figures(tx, tenant, row) for row in rows]

        return self._database.write(tenant, work)

    def of_person(self, tenant: int, subject: int, *, limit: int = 20) -> list[tuple[UUID, Facts, int]]:
        """What concerns a person and was told to them, for that person: id, facts, and when it was reported."""
        rows = self._database.read(
            tenant, lambda tx: tx.all(store.BREACHES_OF, tenant=tenant, subject=subject, limit=limit)
        )
        return [(UUID(bytes=bytes(row[0])), facts_of(row), int(row[7])) for row in rows]

    def _reported(
        self, tx: Transaction, tenant: int, facts: Facts, numbers: Iterable[int], unknown: int, by: By
    ) -> Reported | None:
        people = sorted(set(numbers))
        if not people:
            fate = Group(Outcome.FAILED, Reason.NOT_FOUND)
            self._log.append(tx, Act(Action.BREACH_REPORT, by.actor, tenant, by.at, by.call, [fate]))
            return None
        id_ = uuid7(by.at)
        job = self._jobs.submit(tx, tenant, KIND, {"breach": id_.hex}, by.at, asked_by=by.actor, approvals=APPROVALS)
        tx.insert(store.INSERT_BREACHES, [(tenant, id_.bytes, *_columns(facts), by.at, job.bytes)])
        tx.insert(store.INSERT_CONCERNED, [(tenant, id_.bytes, one, None, None) for one in people])
        done = [_named(id_), Group(Outcome.DONE, count=len(people))]
        self._log.append(tx, Act(Action.BREACH_REPORT, by.actor, tenant, by.at, by.call, done))
        return Reported(id_, job, len(people), unknown)

    def _with_figures(self, tx: Transaction, tenant: int, row: Row) -> Breach:
        people, reached, told = tx.one(store.FIGURES, tenant=tenant, breach=bytes(row[0])) or (0, 0, 0)
        return Breach(
            UUID(bytes=bytes(row[0])),
            facts_of(row),
            int(row[7]),
            UUID(bytes=bytes(row[8])),
            int(people),
            int(reached),
            int(told) - int(reached),
        )


def facts_of(row: Row) -> Facts:
    """The facts of a row of a breach."""
    return Facts(
        kinds=tuple(row[1].split()),
        cause=Cause(row[2]),
        harms=tuple(map(Harm, row[3].split())),
        measures=tuple(map(Measure, row[4].split())),
        advice=tuple(map(Advice, row[5].split())),
        happened_at=int(row[6]),
    )


def _columns(facts: Facts) -> tuple[str, str, str, str, str, int]:
    listed = (facts.kinds, (facts.cause,), facts.harms, facts.measures, facts.advice)
    kinds, cause, harms, measures, advice = (" ".join(one) for one in listed)
    return kinds, cause, harms, measures, advice, facts.happened_at


def _named(breach: UUID) -> Group:
    """One breach, by its id."""
    return Group(Outcome.DONE, refs=[ref_of(breach)])
