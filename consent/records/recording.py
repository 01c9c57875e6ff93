"""Recording what people have said: consents, refusals, deferrals and withdrawals, one by one or in batches.

    1. read      presentations and their signatures; no database
    2. replay    a repeated Idempotency-Key gets the answer of the first call
    3. judge     each item by itself, and then by the person that it is about
    4. write     through the ledger, which knows how events follow each other
    5. log       within the same transaction

A withdrawal needs nothing but the person and the purpose. It works for people whose data is frozen, repeats harmlessly, and is
in force when this returns.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from audit.entry import Reason
from audit.log import AuditLog
from consent.catalogue import Edition
from consent.errors import AtomicConsentsError
from consent.ports import ConsentListener, Editions, Subject, SubjectDirectory, Subjects
from consent.records import store
from consent.records.caller import Caller, micros
from consent.records.judgement import Accepted, Fault, Submission, WordingOf, judged, seen_in
from consent.records.ledger import Ledger
from consent.records.standing import Standing, State
from database.engine import Database
from database.transaction import Transaction
from work.replay import Replay


@dataclass(frozen=True, slots=True)
class Recorded:
    """What became of one item. `event` is the consent event that now decides; `changed` is False where it was there before.
    `valid_until` is in milliseconds since the epoch."""

    event: int
    state: State
    epoch: int
    notice_version: int | None
    valid_until: int | None
    changed: bool


Answer = Recorded | Fault

_OF_REASON = {Reason.ERASED: Fault.SUBJECT_ERASED, Reason.INVALID: Fault.SUBJECT_IS_PERSONAL}


class Recording:
    """The use case behind `POST /v1/consents`."""

    def __init__(
        self,
        database: Database,
        subjects: Subjects,
        editions: Editions,
        log: AuditLog,
        now: Callable[[], datetime],
        listeners: Sequence[ConsentListener] = (),
    ) -> None:
        self._database = database
        self._subjects = subjects
        self._editions = editions
        self._log = log
        self._now = now
        self._listeners = listeners

    def record(
        self, caller: Caller, items: Sequence[Submission], *, atomic: bool = False, replay: Replay | None = None
    ) -> list[Answer]:
        """What became of each item, in order; durable when this returns.

        Raises:
            AtomicConsentsError: `atomic`, and an item failed. Nothing was recorded; the refusals are in the log.
            IdempotencyMismatchError: the replay's key was used with another body.
        """

        def attempt(directory: SubjectDirectory) -> list[Answer]:
            def work(tx: Transaction) -> list[Answer]:
                instant = micros(self._now())
                earlier = None if replay is None else replay.earlier(tx, directory.mac, instant // 1000)
                if earlier is not None:
                    return _answered_again(tx, caller.tenant, earlier)
                answers = self._record(tx, directory, caller, items, instant, atomic=atomic)
                if replay is not None:
                    replay.keep(tx, directory.mac, [_outcome(answer) for answer in answers], instant // 1000)
                return answers

            return self._database.write(caller.tenant, work)

        self._editions.settle(caller.tenant, micros(self._now()) // 1000)
        try:
            answers = self._subjects.using(caller.tenant, attempt)
        except AtomicConsentsError as error:
            errors = error.errors
            self._database.write(caller.tenant, lambda tx: self._refuse_all(tx, caller, items, errors))
            raise
        for listener in self._listeners:
            listener.committed()
        return answers

    def _record(
        self,
        tx: Transaction,
        directory: SubjectDirectory,
        caller: Caller,
        items: Sequence[Submission],
        instant: int,
        *,
        atomic: bool,
    ) -> list[Answer]:
        edition = self._editions.in_force(tx, caller.tenant)
        at = instant // 1000
        people = directory.find_or_make(tx, sorted({item.subject for item in items}), at)
        known = [person for person in people.values() if not isinstance(person, Reason)]
        children = directory.children(tx, [person.number for person in known], at)
        ledger = Ledger(tx, caller, known, instant, children=children, expected=len(items))
        wordings = _wordings(tx, caller.tenant, edition, items)
        answers: list[Answer] = []
        for item in items:
            person = people[item.subject]
            answer = self._one(ledger, edition, item, person, wordings, at)
            if isinstance(answer, Fault):
                subject = None if isinstance(person, Reason) else person
                ledger.refuse(item, answer, subject, known=edition.catalogue.knows(item.purpose))
            answers.append(answer)
        if atomic and (errors := [(n, one.value) for n, one in enumerate(answers) if isinstance(one, Fault)]):
            raise AtomicConsentsError(errors)
        ledger.write(self._log, self._listeners)
        return answers

    def _one(
        self,
        ledger: Ledger,
        edition: Edition,
        item: Submission,
        person: Subject | Reason,
        wordings: WordingOf,
        at: int,
    ) -> Answer:
        if isinstance(person, Reason):
            return _OF_REASON.get(person, Fault.INTEGRITY)
        if person.frozen and item.state is State.GIVEN:
            return Fault.FROZEN
        child = ledger.is_child(person, item.child)
        held = ledger.held[person.number]
        verdict = judged(edition, held, item, wordings, at, tenant=ledger.tenant, child=child)
        if isinstance(verdict, Fault):
            return verdict
        standing = held.standings.get(item.purpose)
        if standing is not None and _adds_nothing(item, verdict, standing):
            return _recorded(standing, changed=False)
        event = ledger.add(person, item, verdict, child=child)
        return Recorded(event.id, event.state, event.epoch, event.notice_version, event.valid_until, changed=True)

    def _refuse_all(
        self, tx: Transaction, caller: Caller, items: Sequence[Submission], errors: Sequence[tuple[int, str]]
    ) -> None:
        edition = self._editions.in_force(tx, caller.tenant)
        ledger = Ledger(tx, caller, (), micros(self._now()), expected=0)
        for place, fault in errors:
            item = items[place]
            ledger.refuse(item, Fault(fault), None, known=edition.catalogue.knows(item.purpose))
        ledger.write(self._log, ())


def _adds_nothing(item: Submission, accepted: Accepted, standing: Standing) -> bool:
    """Whether the person stands so already, or the item tells of something that later words have overtaken."""
    if accepted.stated_at is not None and accepted.stated_at <= standing.moment:
        return True
    return item.state is State.WITHDRAWN and standing.state is State.WITHDRAWN


def _recorded(standing: Standing, *, changed: bool) -> Recorded:
    return Recorded(
        standing.event, standing.state, standing.epoch, standing.notice_version, standing.valid_until, changed
    )


def _wordings(tx: Transaction, tenant: int, edition: Edition, items: Sequence[Submission]) -> WordingOf:
    seen = {(item.purpose, one.version) for item in items if (one := seen_in(edition, item)) is not None}
    rows = tx.all(store.NOTICE_TEXTS, rows=sorted(seen), tenant=tenant)
    return {(purpose, version, locale): bytes.fromhex(digest) for purpose, version, locale, digest in rows}


def _outcome(answer: Answer) -> int | str:
    """An answer as a replay keeps it: the event's number, negative where it was there before, or the code of the refusal."""
    if isinstance(answer, Fault):
        return answer.value
    return answer.event if answer.changed else -answer.event


def _answered_again(tx: Transaction, tenant: int, earlier: Sequence[int | str]) -> list[Answer]:
    """The first call's answer, rebuilt from its events."""
    numbers = sorted({abs(one) for one in earlier if isinstance(one, int)})
    rows = tx.all(store.EVENTS_BY_ID, rows=[(number,) for number in numbers], tenant=tenant)
    events = {event.id: event for event in map(store.event_of, rows)}
    answers: list[Answer] = []
    for one in earlier:
        if isinstance(one, str):
            answers.append(Fault(one))
        else:
            event = events[abs(one)]
            answers.append(
                Recorded(event.id, event.state, event.epoch, event.notice_version, event.valid_until, changed=one > 0)
            )
    return answers
