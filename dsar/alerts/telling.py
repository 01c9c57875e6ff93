"""The job that tells people of a breach, once another person has approved it: a bounded batch in each step.

Messages leave outside any transaction; then one transaction notes who was told. A process that dies between the two tells at most
one batch twice, and nobody is left out. Whoever has no address is noted as told all the same: they read it in their privacy
centre, which shows it from then on.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from audit.entry import Act, Action, Actor, ActorKind, Group, Outcome, Reason, SubjectRef
from audit.event_id import uuid7
from audit.log import AuditLog
from database.columns import millis
from database.engine import Database
from database.transaction import Transaction
from dsar.alerts import store
from dsar.alerts.breach import Facts
from dsar.alerts.errors import BreachNotFoundError
from dsar.alerts.ports import Languages, Offices
from dsar.alerts.reporting import KIND, facts_of
from dsar.alerts.words import facts_told
from dsar.disclosure.words import DEFAULT, nearest
from dsar.ports import Messenger, SubjectDirectory, Subjects
from work.job import Job, Progress

TEMPLATE = "breach"
AT_ONCE = 20
PAUSE_SECONDS = 1.0


class _Batch(NamedTuple):
    """The next people with their languages, and how many there are and were."""

    facts: Facts
    people: Sequence[tuple[int, str]]
    total: int
    told: int


class _Told(NamedTuple):
    subject: int
    channel: str | None


class BreachTask:
    """Carries the telling out."""

    kind = KIND

    def __init__(
        self,
        database: Database,
        subjects: Subjects,
        messenger: Messenger,
        *,
        languages: Languages,
        offices: Offices,
        log: AuditLog,
        now: Callable[[], datetime],
    ) -> None:
        self._database = database
        self._subjects = subjects
        self._messenger = messenger
        self._languages = languages
        self._offices = offices
        self._log = log
        self._now = now

    def step(self, job: Job, number: int) -> Progress:  # noqa: ARG002 - who was told stands in the table, whatever the number
        """Tell the next batch.

        Raises:
            OSError: none of the messages left.
            BreachNotFoundError: the breach is gone.
        """
        breach = UUID(hex=job.params["breach"])
        batch = self._database.read(job.tenant, lambda tx: self._next(tx, job.tenant, breach))
        told = self._send(job.tenant, breach, batch)
        if told:
            self._note(job.tenant, breach, told)
        done = batch.told + len(told)
        left = batch.total - done
        return Progress(done, batch.total, finished=left == 0, wait_seconds=PAUSE_SECONDS if left else 0.0)

    def abandon(self, job: Job) -> None:
        """Nothing: who was told was told, and who was not is not."""

    def _next(self, tx: Transaction, tenant: int, breach: UUID) -> _Batch:
        row = tx.one(store.BREACH, tenant=tenant, id=breach.bytes)
        if row is None:
            raise BreachNotFoundError
        people = [int(one[0]) for one in tx.all(store.TO_TELL, tenant=tenant, breach=breach.bytes, limit=AT_ONCE)]
        spoken: Mapping[int, str] = self._languages.spoken(tx, tenant, people) if people else {}
        total, _, told = tx.one(store.FIGURES, tenant=tenant, breach=breach.bytes) or (0, 0, 0)
        return _Batch(facts_of(row), [(one, nearest(spoken.get(one, DEFAULT))) for one in people], total, told)

    def _send(self, tenant: int, breach: UUID, batch: _Batch) -> list[_Told]:
        told: list[_Told] = []
        failed = None
        contact = self._offices.contact(tenant)
        for subject, locale in batch.people:
            values = {**facts_told(batch.facts, locale), "contact": contact, "breach": str(breach)}
            try:
                channel = self._messenger.send(tenant, subject, template=TEMPLATE, locale=locale, values=values)
            except OSError as error:  # the others are told; this one is among the next
                failed = error
                continue
            told.append(_Told(subject, channel))
        if failed is not None and not told:
            raise failed
        return told

    def _note(self, tenant: int, breach: UUID, told: Sequence[_Told]) -> None:
        def attempt(directory: SubjectDirectory) -> None:
            def work(tx: Transaction) -> None:
                at = millis(self._now())
                people = directory.by_number(tx, [one.subject for one in told], at)
                for one in told:
                    place: dict[str, Any] = {"tenant": tenant, "breach": breach.bytes, "subject": one.subject}
                    tx.run(store.TELL, **place, at=at, channel=one.channel)
                refs = {one.subject: ref for one in told if (ref := people[one.subject].ref) is not None}
                groups = [group for reached in (True, False) for group in _groups(told, refs, reached=reached)]
                groups = groups or [Group(Outcome.DONE, count=len(told))]
                act = Act(Action.BREACH_TELL, Actor(ActorKind.SYSTEM), tenant, at, str(uuid7(at)), groups)
                self._log.append(tx, act)

            self._database.write(tenant, work)

        self._subjects.using(tenant, attempt)


def _groups(told: Sequence[_Told], refs: Mapping[int, SubjectRef], *, reached: bool) -> list[Group]:
    """Those who were reached, or could not be, as the log names them."""
    named = [refs[one.subject] for one in told if (one.channel is not None) is reached and one.subject in refs]
    if not named:
        return []
    return [Group(Outcome.DONE if reached else Outcome.FAILED, None if reached else Reason.NOT_FOUND, subjects=named)]
