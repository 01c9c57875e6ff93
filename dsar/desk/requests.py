"""Moving requests: the one place where a request changes, with its history and its entry in the log, in the caller's transaction.

    1. lock      the request's row
    2. check     that the move is made from its state (`dsar.desk.moves`)
    3. change    the row, its clock, and at the end of the request what stays of it
    4. note      the move in the history and in the log
    5. ask       for the job that comes next, and for the message to the person

Steps of a right are jobs that other parts carry out: `dsar_prepare_<right>` once a request is accepted, `dsar_execute_<right>`
once nothing stands in its way. Both get the request's id. A right without a job for a step goes on without it: without
preparation it is executed at once, and what is executed by no job is completed by an officer.
"""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from audit.entry import Act, Action, ActorKind, Group, Outcome, Reason
from audit.log import AuditLog
from database.transaction import Transaction
from dsar.desk import store
from dsar.desk.clocks import ACKNOWLEDGE, Clocks
from dsar.desk.errors import NobodyError, NotVerifiedError, RequestStateError
from dsar.desk.moves import Move, after
from dsar.desk.record import Record
from dsar.desk.regime import Pause, Regime
from dsar.ports import Assurance
from dsar.request import ENDED, By, Level, Request, RequestState, by_itself
from dsar.right import Right
from work.desk import JobDesk

PREPARE, EXECUTE, MESSAGE = "dsar_prepare_", "dsar_execute_", "dsar_message"

TOLD: Mapping[Move, str] = {
    Move.PAUSE: "request_needs_info",
    Move.EXTEND: "request_extended",
    Move.BREACH: "request_due",
    Move.DENY: "request_denied",
    Move.RESTRICT: "request_restricted",
    Move.COMPLETE: "request_completed",
    Move.COMPLETE_PARTLY: "request_completed_partly",
    Move.EXPIRE: "request_expired",
}
"""Which message a person gets about a move. Of a receipt that is confirmed too late they hear by its confirmation."""

_UNSEEN = frozenset({Move.ASSIGN, Move.ESCALATE, Move.BREACH, Move.RECKON})
"""Moves that do not confirm the receipt. Any other does, if nothing has before."""

_REASONS = {reason.value: reason for reason in Reason}


@dataclass(frozen=True, slots=True)
class Steps:
    """Which rights have a job that prepares them, and which one that executes them."""

    prepared: frozenset[Right] = frozenset()
    executed: frozenset[Right] = frozenset()


class RequestDesk:
    """Moves requests. Nothing here begins or commits a transaction; whoever commits calls `JobDesk.nudge`.

    Every member that takes a `Request` looks its present row up and locks it. RequestStateError is raised where the move is not
    made from its state, RequestNotFoundError where it is gone. `by` is who acts, the service itself where nobody is given.
    """

    def __init__(
        self, log: AuditLog, jobs: JobDesk, regimes: Mapping[str, Regime], steps: Steps, assurance: Assurance
    ) -> None:
        self.clocks = Clocks(regimes)
        self._log = log
        self._jobs = jobs
        self._steps = steps
        self._assurance = assurance

    def find(self, tx: Transaction, tenant: int, request: uuid.UUID) -> Request:
        """A request as it is now, not locked.

        Raises:
            RequestNotFoundError: the tenant has none with this id.
        """
        return Record.of(tx.one(store.REQUEST, tenant=tenant, id=request.bytes)).request

    def of_person(self, tx: Transaction, tenant: int, subject: int, *, before: uuid.UUID, limit: int) -> list[Request]:
        """The requests of the person with this number of the vault, the latest first, older than `before`."""
        rows = tx.all(store.REQUESTS_OF, tenant=tenant, subject=subject, before=before.bytes, limit=limit)
        return [Record.of(row).request for row in rows]

    def needed(self, tx: Transaction, request: Request) -> Level:
        """How surely the requester must be known before the request is accepted."""
        return self._assurance.needed(tx, request)

    def enough(self, tx: Transaction, record: Record) -> bool:
        """Whether the requester is known surely enough, and entitled."""
        return record.level >= self.needed(tx, record.request) and self._assurance.entitled(tx, record.request)

    def verifying(self, tx: Transaction, request: Request, at: int, *, by: By | None = None) -> Request:
        """The requester has been asked to show who they are. Asked again, the desk waits anew."""
        record = self.clocks.waiting(self.locked(tx, request), Pause.IDENTITY, at)
        return self.moved(tx, record, Move.VERIFY, by or by_itself(at)).request

    def verified(self, tx: Transaction, request: Request, level: Level, at: int, *, by: By | None = None) -> Request:
        """The requester has shown who they are, as surely as `level`. Where that suffices the clock runs again, or begins if the
        regime counts from here, and a request that the regime lets the desk accept by itself is accepted. A request that is past
        this is left as it is."""
        record, by = self.locked(tx, request), by or by_itself(at)
        if record.state in ENDED:
            raise RequestStateError
        if record.accepted_by is not None:
            return record.request
        record = replace(record, level=max(record.level, level))
        enough = self.enough(tx, record)
        if enough:
            record = self.clocks.verified(self.clocks.running(record, at), at)
        record = self.moved(tx, record, Move.VERIFY, by)
        return (self.accepted_by_itself(tx, record, at) if enough else record).request

    def prepared(
        self, tx: Transaction, request: Request, needs_approval: bool, at: int, *, by: By | None = None
    ) -> Request:
        """What is to be done is known: a second person looks at it, or it is done. A request that has ended stays so."""
        record, by = self.locked(tx, request), by or by_itself(at)
        if record.state in ENDED:
            return record.request
        if needs_approval:
            return self.moved(tx, record, Move.REVIEW, by).request
        return self._executed(tx, record, Move.EXECUTE, by).request

    def completed(
        self,
        tx: Transaction,
        request: Request,
        at: int,
        *,
        partially: Sequence[str] = (),
        by: By | None = None,
    ) -> Request:
        """It is done; or done but for what the codes of `partially` keep."""
        record = replace(self.locked(tx, request), reasons=tuple(partially))
        move = Move.COMPLETE_PARTLY if partially else Move.COMPLETE
        return self.moved(tx, record, move, by or by_itself(at), reason=next(iter(partially), None)).request

    def held(
        self,
        tx: Transaction,
        request: Request,
        at: int,
        *,
        restricted: bool = False,
        reasons: Sequence[str] = (),
        by: By | None = None,
    ) -> Request:
        """It cannot go on: a hold keeps what it is about, or (`restricted`) a law does, and nothing is done with the data but
        storing it. The clock stands until `resume`. Held again, it stays so."""
        record = replace(self.clocks.standing(self.locked(tx, request), at), reasons=tuple(reasons))
        if record.state is (RequestState.RESTRICTED if restricted else RequestState.ON_HOLD):
            return record.request
        move = Move.RESTRICT if restricted else Move.HOLD
        return self.moved(tx, record, move, by or by_itself(at), reason=next(iter(reasons), None)).request

    def resume(self, tx: Transaction, request: Request, at: int, *, by: By | None = None) -> Request:
        """What kept it is gone: it is executed again."""
        record = replace(self.clocks.running(self.locked(tx, request), at), reasons=())
        return self._executed(tx, record, Move.RESUME, by or by_itself(at)).request

    def locked(self, tx: Transaction, request: Request) -> Record:
        """The present row of a request, locked."""
        return self.to_change(tx, request.tenant, request.id)

    def to_change(self, tx: Transaction, tenant: int, request: uuid.UUID) -> Record:
        """A row, locked."""
        return Record.of(tx.one(store.REQUEST_TO_CHANGE, tenant=tenant, id=request.bytes))

    def accepted_by_itself(self, tx: Transaction, record: Record, at: int) -> Record:
        """A locked request after whatever the regime lets the desk do without an officer, once enough is known of the requester.
        Where nobody is known by the name, nothing is held, and it ends as if something had been done: none is told apart."""
        by = by_itself(at)
        if not self.clocks.of(record).times(record.right).by_itself or not self.enough(tx, record):
            return record
        if record.subject is not None:
            return self.accept(tx, record, by)
        for move in (Move.ACCEPT, Move.EXECUTE, Move.COMPLETE):
            record = self.moved(tx, record, move, by)
        return record

    def acknowledge(self, tx: Transaction, record: Record, by: By) -> Record:
        """Note that the receipt of a locked request has been confirmed."""
        return self.moved(tx, record, Move.ACKNOWLEDGE, by)

    def is_executed_by_job(self, right: Right) -> bool:
        """Whether a job completes requests of a right."""
        return right in self._steps.executed

    def accept(self, tx: Transaction, record: Record, by: By) -> Record:
        """Accept a locked request and ask for what comes next.

        Raises:
            NotVerifiedError: the requester is not known surely enough, or has not shown what entitles them.
            NobodyError: nobody is known by the name that was given.
        """
        after(record.state, Move.ACCEPT)
        if not self.enough(tx, record):
            raise NotVerifiedError
        if record.subject is None and record.right is not Right.COMPLAINT:
            raise NobodyError
        accepted_by = by.actor.id if by.actor.kind is ActorKind.CREDENTIAL else 0
        record = replace(self.clocks.running(record, by.at), accepted_by=accepted_by)
        record = self.moved(tx, record, Move.ACCEPT, by)
        if record.right not in self._steps.prepared:
            return self._executed(tx, record, Move.EXECUTE, by_itself(by.at))
        self._submit(tx, record, PREPARE + record.right.value, by.at)
        return record

    def approve(self, tx: Transaction, record: Record, by: By) -> Record:
        """Let a locked request that waits for a second person be executed."""
        return self._executed(tx, replace(record, approved_by=by.actor.id), Move.APPROVE, by)

    def moved(self, tx: Transaction, record: Record, move: Move, by: By, *, reason: str | None = None) -> Record:
        """Steps 2 to 5 for a locked row, as which `record` stands from now on."""
        record = replace(record, state=after(record.state, move))
        if record.acknowledged_at is None and move not in _UNSEEN:
            record = self.clocks.looked(replace(record, acknowledged_at=by.at))
        if record.state in ENDED:
            record = self.clocks.settled(record, by.at)
            if record.right is not Right.COMPLAINT:
                tx.run(store.DELETE_WORDS, tenant=record.tenant, request=record.id.bytes)
        self.save(tx, record)
        self._note(tx, record, move, by, reason)
        if move in TOLD and reason != ACKNOWLEDGE:
            self.tell(tx, record, TOLD[move], by.at, **({} if reason is None else {"reason": reason}))
        return record

    def save(self, tx: Transaction, record: Record) -> None:
        """Write a locked row as it is now."""
        columns = record.columns
        place = {"tenant": record.tenant, "id": columns["id"]}
        tx.run(store.CHANGE, **place, **{name: columns[name] for name in store.CHANGING})

    def keep(self, tx: Transaction, record: Record, move: str, by: By, reason: str | None = None) -> None:
        """Add to the history of a request."""
        last = tx.one(store.LAST_MOVE, tenant=record.tenant, request=record.id.bytes)
        number = 1 if last is None else int(last[0]) + 1
        actor = (by.actor.kind.value, by.actor.id, by.actor.role)
        row = (record.tenant, record.id.bytes, number, by.at, move, record.state.value, reason, *actor)
        tx.insert(store.INSERT_MOVES, [row])

    def _note(self, tx: Transaction, record: Record, move: Move, by: By, reason: str | None) -> None:
        self.keep(tx, record, move.value, by, reason)
        known = _REASONS.get(reason or "")
        group = Group(Outcome.DONE, known, kind=record.right.value, refs=[record.request.ref])
        self._log.append(tx, Act(Action(f"dsar.{move}"), by.actor, record.tenant, by.at, by.call, [group]))

    def tell(self, tx: Transaction, record: Record, template: str, at: int, **params: Any) -> None:
        """Have a message sent to the person, once this is committed."""
        self._submit(tx, record, MESSAGE, at, template=template, **params)

    def _executed(self, tx: Transaction, record: Record, move: Move, by: By) -> Record:
        record = self.moved(tx, record, move, by)
        if record.right in self._steps.executed:
            self._submit(tx, record, EXECUTE + record.right.value, by.at)
        return record

    def _submit(self, tx: Transaction, record: Record, kind: str, at: int, **params: Any) -> None:
        self._jobs.submit(tx, record.tenant, kind, {"request": record.id.hex, **params}, at)
