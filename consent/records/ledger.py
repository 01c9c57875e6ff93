"""Writing consent events: the one place where a person's consents change.

    1. lock      the epochs of the people, in the order of their numbers
    2. read      their standings
    3. add       events, each of which the next one sees
    4. write     events, standings and epochs; tell the other processes; tell who follows changes
    5. log       one act for each kind of thing that happened

All of it is in the caller's transaction. An event's instant is later than that of the person's event before it, whatever the
clocks of two hosts say.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from uuid import UUID

from audit.entry import Act, Action, Group, Outcome, Reason, SubjectRef
from audit.event_id import uuid7
from audit.log import AuditLog
from consent.ports import ConsentChange, ConsentListener, Subject
from consent.records import store
from consent.records.caller import Caller
from consent.records.judgement import Accepted, Fault, Submission
from consent.records.presentation import Presentation
from consent.records.standing import GRANTS, Event, ExpressedBy, Held, Standing, State
from database.transaction import Transaction

ACTIONS: Mapping[State, Action] = {
    State.GIVEN: Action.CONSENT_GIVE,
    State.RENEWED: Action.CONSENT_GIVE,
    State.REFUSED: Action.CONSENT_REFUSE,
    State.DEFERRED: Action.CONSENT_DEFER,
    State.WITHDRAWN: Action.CONSENT_WITHDRAW,
    State.EXPIRED: Action.CONSENT_EXPIRE,
    State.INVALIDATED: Action.CONSENT_INVALIDATE,
}

_NO_PROOF = Accepted(None, None, None, frozenset())


@dataclass(frozen=True, slots=True)
class _Written:
    """An event with what stands in its row beside it."""

    subject: Subject
    event: Event
    submission: Submission | None
    accepted: Accepted


@dataclass(slots=True)
class _Fates:
    """What the log says of one kind of thing: events by purpose and wording shown, and refusals by purpose and reason."""

    done: dict[tuple[str, str | None], list[tuple[SubjectRef | None, int]]] = field(default_factory=dict)
    denied: dict[tuple[Reason, str | None], list[SubjectRef | None]] = field(default_factory=dict)


class Ledger:
    """What is being added in one transaction at one time. `instant` is in microseconds since the epoch; `expected` is about how
    many events there will be, whose numbers are taken at once."""

    def __init__(
        self,
        tx: Transaction,
        caller: Caller,
        subjects: Iterable[Subject],
        instant: int,
        *,
        children: frozenset[int] = frozenset(),
        expected: int = 1,
    ) -> None:
        self.tenant = caller.tenant
        self._tx = tx
        self._caller = caller
        self._instant = instant
        self._children = children
        self._numbers = iter(tx.reserve(store.EVENTS, expected))
        self._written: list[_Written] = []
        self._fates: dict[Action, _Fates] = {}
        self._acts: dict[Action, UUID] = {}
        self.held = _locked(tx, caller.tenant, sorted({subject.number for subject in subjects}))

    def is_child(self, subject: Subject, stated: bool | None) -> bool:
        """Whether the person is known to be under 14. The birth date in the vault outweighs what a caller states, and what a
        caller states outweighs what was stated before."""
        if subject.number in self._children:
            return True
        return self.held[subject.number].child if stated is None else stated

    def add(
        self,
        subject: Subject,
        submission: Submission,
        accepted: Accepted,
        *,
        child: bool,
    ) -> Event:
        """Record what was accepted. Consents that a child has given itself fall when it becomes known as one."""
        held = self.held[subject.number]
        if child and not held.child:
            for purpose, standing in held.standings.items():
                if standing.state in GRANTS and standing.expressed_by is ExpressedBy.SELF:
                    self._append(subject, State.INVALIDATED, purpose, None, _NO_PROOF, child=child)
        before = self.held[subject.number].standings.get(submission.purpose)
        state = submission.state
        if state is State.GIVEN and before is not None and before.grants(self._instant // 1000):
            state = State.RENEWED
        return self._append(subject, state, submission.purpose, submission, accepted, child=child)

    def end(self, subject: Subject, purpose: str, state: State) -> Event:
        """Record an end that nobody expressed."""
        return self._append(subject, state, purpose, None, _NO_PROOF, child=self.held[subject.number].child)

    def refuse(self, submission: Submission, fault: Fault, subject: Subject | None, *, known: bool) -> None:
        """Note for the log that a submission was not recorded. A purpose that is not `known` is the caller's own word, and
        stays out."""
        fates = self._fates.setdefault(ACTIONS[submission.state], _Fates())
        reason = Reason(fault.value) if fault.value in _REASONS else Reason.INVALID
        place = reason, submission.purpose if known else None
        fates.denied.setdefault(place, []).append(None if subject is None else subject.ref)

    def write(self, log: AuditLog, listeners: Sequence[ConsentListener]) -> None:
        """Steps 4 and 5."""
        tenant, tx = self._caller.tenant, self._tx
        tx.insert(store.INSERT_EVENTS, [self._row(one) for one in self._written])
        changed = {(one.subject.number, one.event.purpose) for one in self._written}
        tx.run(
            store.PUT_STANDINGS,
            rows=[
                (tenant, number, purpose, *store.standing_columns(self.held[number].standings[purpose]))
                for number, purpose in sorted(changed)
            ],
        )
        people = sorted({number for number, _ in changed})
        moved = [(number, self.held[number]) for number in people]
        tx.run(
            store.MOVE_EPOCHS,
            rows=[(tenant, number, held.epoch, held.instant, int(held.child)) for number, held in moved],
        )
        for number in people:
            store.tell(tx, tenant, number)
        changes = [_change(one) for one in self._written]
        for listener in listeners:
            listener.changed(tx, tenant, changes, self._instant // 1000)
        for action, fates in self._fates.items():
            act = Act(
                action, self._caller.actor, tenant, self._instant // 1000, self._caller.request, list(_groups(fates))
            )
            log.append(tx, act, self._act(action))

    def _append(
        self,
        subject: Subject,
        state: State,
        purpose: str,
        submission: Submission | None,
        accepted: Accepted,
        *,
        child: bool,
    ) -> Event:
        held = self.held[subject.number]
        number = next(self._numbers, None) or self._tx.reserve(store.EVENTS, 1)[0]
        event = Event(
            id=number,
            epoch=held.epoch + 1,
            purpose=purpose,
            state=state,
            instant=max(self._instant, held.instant + 1),
            stated_at=accepted.stated_at,
            notice_version=None if accepted.seen is None else accepted.seen.version,
            recipients=accepted.recipients,
            expressed_by=ExpressedBy.SYSTEM if submission is None else submission.expressed_by,
            valid_until=accepted.valid_until,
            child=child,
        )
        self.held[subject.number] = held.after(event)
        self._written.append(_Written(subject, event, submission, accepted))
        fates = self._fates.setdefault(ACTIONS[state], _Fates())
        wording = None if accepted.seen is None or accepted.seen.wording is None else accepted.seen.wording.hex()
        fates.done.setdefault((purpose, wording), []).append((subject.ref, event.id))
        return event

    def _act(self, action: Action) -> UUID:
        return self._acts.setdefault(action, uuid7(self._instant // 1000))

    def _row(self, written: _Written) -> tuple[object, ...]:
        """The event's columns in the order of the insertion."""
        event, said, seen = written.event, written.submission, written.accepted.seen
        evidence = None if said is None else said.evidence
        guardian = (None, None) if said is None else (said.guardian_evidence, said.guardian_digest)
        kind, digest = guardian if evidence is None else (evidence.kind, evidence.digest)
        return (
            event.id,
            self._caller.tenant,
            written.subject.number,
            event.epoch,
            event.purpose,
            event.state.value,
            event.instant,
            event.stated_at,
            event.notice_version,
            None if seen is None else seen.locale,
            None if seen is None else seen.wording,
            None if said is None else said.presentation_digest,
            "" if seen is None else " ".join(sorted({event.purpose, *seen.shown})),
            _channel(said),
            "system" if said is None else said.method,
            event.expressed_by.value,
            kind,
            digest,
            " ".join(sorted(event.recipients)),
            event.valid_until,
            event.child,
            self._caller.actor.id,
            self._act(ACTIONS[event.state]).bytes,
        )


def _channel(said: Submission | None) -> str | None:
    """Where it was said: as stated, or where the notices were shown."""
    if said is None or said.channel is not None:
        return None if said is None else said.channel
    return said.presentation.channel if isinstance(said.presentation, Presentation) else None


_REASONS = frozenset(reason.value for reason in Reason)


def _locked(tx: Transaction, tenant: int, numbers: Sequence[int]) -> dict[int, Held]:
    """Steps 1 and 2."""
    if not numbers:
        return {}
    tx.insert(store.MAKE_EPOCHS, [(tenant, number, 0, 0, False) for number in numbers])
    asked = [(number,) for number in numbers]
    locked = tx.all(store.EPOCHS_TO_MOVE, rows=asked, tenant=tenant)
    standings: dict[int, dict[str, Standing]] = {number: {} for number in numbers}
    for row in tx.all(store.STANDINGS, rows=asked, tenant=tenant):
        standings[row[0]][row[1]] = store.standing_of(row[2:])
    return {number: Held(epoch, instant, bool(child), standings[number]) for number, epoch, instant, child in locked}


def _change(written: _Written) -> ConsentChange:
    event = written.event
    return ConsentChange(
        event.id,
        written.subject.number,
        event.purpose,
        event.state.value,
        event.epoch,
        event.instant // 1000,
        event.notice_version,
    )


def _groups(fates: _Fates) -> Iterable[Group]:
    for (purpose, wording), done in fates.done.items():
        named = [(ref, row) for ref, row in done if ref is not None]
        if named:
            refs, rows = [ref for ref, _ in named], [row for _, row in named]
            yield Group(Outcome.DONE, purpose=purpose, subjects=refs, rows=rows, wording=wording)
        if len(named) < len(done):
            unnamed = [row for ref, row in done if ref is None]
            yield Group(Outcome.DONE, purpose=purpose, rows=unnamed, wording=wording)
    for (reason, known), people in fates.denied.items():
        refs = [ref for ref in people if ref is not None]
        if refs:
            yield Group(Outcome.DENIED, reason, purpose=known, subjects=refs)
        if len(people) > len(refs):
            yield Group(Outcome.DENIED, reason, purpose=known, count=len(people) - len(refs))
