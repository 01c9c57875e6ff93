"""What officers decide about requests, and their withdrawal: each one transaction, with its entry in the log.

Two persons: who has accepted a request does not approve it, and where the desk accepted by itself, who has asked does not.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from uuid import UUID

from audit.entry import Act, Action, Group, Outcome, Reason
from audit.log import AuditLog
from database.engine import Database
from database.transaction import Transaction
from dsar.desk import reasons, store
from dsar.desk.errors import NotByHandError, SamePersonError
from dsar.desk.moves import Move
from dsar.desk.record import Record
from dsar.desk.regime import Pause
from dsar.desk.requests import RequestDesk
from dsar.ports import SubjectDirectory, Subjects
from dsar.request import By, RequestState
from dsar.right import Right
from work.errors import IdempotencyMismatchError
from work.replay import Replay

Act_ = Callable[[Transaction, Record], Record]


@dataclass(frozen=True, slots=True)
class Case:
    """Which request is decided about, by whom; `replay` where the call may be a repeated one."""

    tenant: int
    request: UUID
    by: By
    replay: Replay | None = None


class Deciding:
    """Every member gives the request as it is then, and raises RequestNotFoundError where there is none, RequestStateError where
    its state does not let this happen. `nudge` is told, after a commit, that there may be something to do."""

    def __init__(
        self,
        database: Database,
        subjects: Subjects,
        log: AuditLog,
        desk: RequestDesk,
        nudge: Callable[[], None],
    ) -> None:
        self._database = database
        self._subjects = subjects
        self._log = log
        self._desk = desk
        self._nudge = nudge

    def acknowledge(self, case: Case) -> Record:
        """Note that the receipt has been confirmed."""
        return self._decide(case, lambda tx, record: self._desk.acknowledge(tx, record, case.by))

    def accept(self, case: Case) -> Record:
        """Accept, and have what comes next begun. Raises NotVerifiedError, NobodyError."""
        return self._decide(case, lambda tx, record: self._desk.accept(tx, record, case.by))

    def deny(self, case: Case, reason: reasons.Denial) -> Record:
        """Deny for a reason; the person gets the letter for it."""

        def act(tx: Transaction, record: Record) -> Record:
            record = replace(record, reasons=(reason.value,))
            return self._desk.moved(tx, record, Move.DENY, case.by, reason=reason.value)

        return self._decide(case, act)

    def extend(self, case: Case, reason: reasons.Extension) -> Record:
        """Extend the time, once and before it is over; the person is told. Raises ExtensionError."""

        def act(tx: Transaction, record: Record) -> Record:
            record = self._desk.clocks.extended(record, case.by.at)
            return self._desk.moved(tx, record, Move.EXTEND, case.by, reason=reason.value)

        return self._decide(case, act)

    def pause(self, case: Case, reason: Pause) -> Record:
        """Ask the person for something and wait for it. Whether the clock stands meanwhile, the regime says."""

        def act(tx: Transaction, record: Record) -> Record:
            record = self._desk.clocks.waiting(record, reason, case.by.at)
            return self._desk.moved(tx, record, Move.PAUSE, case.by, reason=reason.value)

        return self._decide(case, act)

    def go_on(self, case: Case) -> Record:
        """What the desk waited for is there."""

        def act(tx: Transaction, record: Record) -> Record:
            record = self._desk.clocks.running(record, case.by.at)
            return self._desk.moved(tx, record, Move.CONTINUE, case.by)

        return self._decide(case, act)

    def withdraw(self, case: Case) -> Record:
        """The person does not want it any more."""
        return self._decide(case, lambda tx, record: self._desk.moved(tx, record, Move.WITHDRAW, case.by))

    def assign(self, case: Case, assignee: int | None) -> Record:
        """Give the request to the holder of a credential, or to nobody."""

        def act(tx: Transaction, record: Record) -> Record:
            return self._desk.moved(tx, replace(record, assignee=assignee), Move.ASSIGN, case.by)

        return self._decide(case, act)

    def approve(self, case: Case) -> Record:
        """Let what has been prepared be executed.

        Raises:
            SamePersonError: the actor has accepted it, or asked for what the desk accepted by itself; recorded.
        """

        def act(tx: Transaction, record: Record) -> Record:
            first = record.accepted_by or record.asked_by
            if record.state is RequestState.REVIEW and first == case.by.actor.id:
                raise SamePersonError
            return self._desk.approve(tx, record, case.by)

        try:
            return self._decide(case, act)
        except SamePersonError:
            self._database.write(case.tenant, lambda tx: self._refused(tx, case))
            raise

    def complete(self, case: Case, partially: Sequence[reasons.Denial]) -> Record:
        """Note that a request which no job executes is done, or done in part. Raises NotByHandError."""

        def act(tx: Transaction, record: Record) -> Record:
            if self._desk.is_executed_by_job(record.right) or record.right is Right.COMPLAINT:
                raise NotByHandError
            codes = [reason.value for reason in partially]
            self._desk.completed(tx, record.request, case.by.at, partially=codes, by=case.by)
            return self._found(tx, case)

        return self._decide(case, act)

    def settle(self, case: Case, outcome: reasons.Outcome) -> Record:
        """Answer a complaint; the person is told. Raises NotByHandError where it is none."""

        def act(tx: Transaction, record: Record) -> Record:
            if record.right is not Right.COMPLAINT:
                raise NotByHandError
            record = replace(record, reasons=(outcome.value,))
            return self._desk.moved(tx, record, Move.COMPLETE, case.by, reason=outcome.value)

        return self._decide(case, act)

    def _decide(self, case: Case, act: Act_) -> Record:
        def work(tx: Transaction) -> Record:
            return act(tx, self._desk.to_change(tx, case.tenant, case.request))

        def attempt(directory: SubjectDirectory) -> Record:
            return self._database.write(case.tenant, lambda tx: self._once(tx, directory, case, work))

        once = case.replay is None
        decided = self._database.write(case.tenant, work) if once else self._subjects.using(case.tenant, attempt)
        self._nudge()
        return decided

    def _once(
        self, tx: Transaction, directory: SubjectDirectory, case: Case, work: Callable[[Transaction], Record]
    ) -> Record:
        """The answer of the first call where this repeats it. A key belongs to one request: the body does not name it."""
        assert case.replay is not None
        earlier = case.replay.earlier(tx, directory.mac, case.by.at)
        if earlier is not None:
            if earlier != [case.request.hex]:
                raise IdempotencyMismatchError
            return self._found(tx, case)
        decided = work(tx)
        case.replay.keep(tx, directory.mac, [case.request.hex], case.by.at)
        return decided

    def _found(self, tx: Transaction, case: Case) -> Record:
        return Record.of(tx.one(store.REQUEST, tenant=case.tenant, id=case.request.bytes))

    def _refused(self, tx: Transaction, case: Case) -> None:
        ref = self._found(tx, case).request.ref
        group = Group(Outcome.DENIED, Reason.SAME_PERSON, refs=[ref])
        by = case.by
        self._log.append(tx, Act(Action.DSAR_APPROVE, by.actor, case.tenant, by.at, by.call, [group]))
