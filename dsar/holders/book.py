"""The book of what holders were asked: each change of a task is one transaction, with its entry in the log where it is an end or
something leaves."""

import secrets
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from typing import Any
from uuid import uuid4

from audit.entry import Act as LogAct
from audit.entry import Action, Actor, ActorKind, Group, Outcome, SubjectRef
from audit.log import AuditLog
from database.columns import millis
from database.engine import Database
from database.transaction import Transaction
from dsar.holders import store
from dsar.holders.errors import ProcessorAwayError, ProcessorError
from dsar.holders.holder import Act, Errand
from dsar.holders.task import OPEN, Task, TaskState
from work.backoff import ATTEMPTS_AT_MOST, delay_ms

DAY_MS = 86_400_000
DEADLINE = "deadline"


class Book:
    """Opens tasks and notes what comes of them. Notes about a task that has ended meanwhile change nothing."""

    def __init__(self, database: Database, log: AuditLog, now: Callable[[], datetime]) -> None:
        self._database = database
        self._log = log
        self._now = now

    def at(self) -> int:
        """Now, in milliseconds since the epoch."""
        return millis(self._now())

    def opened(self, tenant: int, errand: Errand, holder: str, act: Act, *, answer_days: int | None) -> Task:
        """The task of an errand, made where there is none; with `answer_days` it is for a system beside this one, which gets a
        random id (UUID version 4) for it."""
        at = self.at()
        place: dict[str, Any] = {
            "tenant": tenant,
            "request": errand.request.bytes,
            "holder": holder,
            "act": act.value,
            "key": errand.key,
        }
        outside, deadline = (None, None) if answer_days is None else (uuid4().bytes, at + answer_days * DAY_MS)

        def work(tx: Transaction) -> Task:
            row = tx.one(store.TASK_OF_ERRAND, **place)
            if row is None:
                made = (*place.values(), outside, TaskState.ASKED.value, 0, at, deadline, 0, at)
                tx.insert(store.INSERT_TASKS, [made])
                row = tx.one(store.TASK_OF_ERRAND, **place)
            assert row is not None
            return store.task_of(row)

        found = self._database.read(tenant, lambda tx: tx.one(store.TASK_OF_ERRAND, **place))
        return self._database.write(tenant, work) if found is None else store.task_of(found)

    def counted(self, task: Task, count: int) -> Task:
        """Note how many values a task is about."""
        self._database.write(
            task.tenant, lambda tx: tx.run(store.SET_COUNT, tenant=task.tenant, id=task.id, count=count)
        )
        return replace(task, count=count)

    def leaving(self, task: Task, ref: SubjectRef) -> None:
        """Note that what a system knows the person by is about to leave."""
        group = Group(Outcome.DONE, kind=task.act.value, subjects=[ref], rows=[task.id])
        self._database.write(task.tenant, lambda tx: self._append(tx, task, Action.HOLDER_ASK, group))

    def accepted(self, task: Task, status: int) -> Task:
        """Note that a system has the task in its hands."""
        at = self.at()
        self._database.write(
            task.tenant, lambda tx: tx.run(store.ACCEPT, tenant=task.tenant, id=task.id, status=status, next_at=at)
        )
        return replace(task, state=TaskState.ACCEPTED, attempts=0, next_at=at, status=status, error=None)

    def waiting(self, task: Task, next_at: int) -> Task:
        """Note when a system that is at work is asked again; past its deadline the task is given up."""
        return self._put_off(task, next_at=next_at, error=None, status=task.status, attempts=0)

    def failed(self, task: Task, error: ProcessorError) -> Task:
        """Note a failure: the task is tried again later from the state it is given in, or given up where that is no use or was
        tried often enough."""
        attempts = task.attempts + 1
        if not isinstance(error, ProcessorAwayError) or attempts >= ATTEMPTS_AT_MOST:
            return self.ended(task, TaskState.DEAD, error=error.code, status=error.status)
        wait = delay_ms(attempts, secrets.randbelow, asked_ms=error.asked_ms)
        return self._put_off(task, next_at=self.at() + wait, error=error.code, status=error.status, attempts=attempts)

    def completed(self, task: Task, *, method: str, count: int, evidence: bytes | None, at: int | None = None) -> Task:
        """Note that a task is done, at `at` or now; gives it as whoever was first has noted it."""
        done = replace(task, method=method, count=count, evidence=evidence)
        return self.ended(done, TaskState.COMPLETED, status=task.status, at=at)

    def reopened(self, task: Task) -> None:
        """Have a completed task done anew: a system has lost what it had answered."""
        self._database.write(task.tenant, lambda tx: tx.run(store.REOPEN, tenant=task.tenant, id=task.id, at=self.at()))

    def ended(
        self,
        task: Task,
        state: TaskState,
        *,
        error: str | None = None,
        status: int | None = None,
        at: int | None = None,
    ) -> Task:
        """Note the end of a task; gives it as it is then."""
        ended_at = self.at() if at is None else at
        outcome = Outcome.DONE if state is TaskState.COMPLETED else Outcome.FAILED

        def work(tx: Transaction) -> Task:
            changed = tx.run(
                store.END,
                tenant=task.tenant,
                id=task.id,
                state=state.value,
                status=status,
                error=error,
                method=task.method,
                count=task.count,
                evidence=task.evidence,
                at=ended_at,
            )
            if changed:
                self._append(tx, task, Action.HOLDER_ANSWER, Group(outcome, kind=task.act.value, rows=[task.id]))
            row = tx.one(store.TASK_TO_CHANGE, tenant=task.tenant, id=task.id)
            assert row is not None
            return store.task_of(row)

        return self._database.write(task.tenant, work)

    def _put_off(self, task: Task, *, next_at: int, error: str | None, status: int | None, attempts: int) -> Task:
        if task.deadline_at is not None and self.at() >= task.deadline_at:
            return self.ended(task, TaskState.DEAD, error=DEADLINE, status=status)

        def work(tx: Transaction) -> None:
            tx.run(
                store.PUT_OFF,
                tenant=task.tenant,
                id=task.id,
                state=task.state.value,
                attempts=attempts,
                next_at=next_at,
                status=status,
                error=error,
            )

        assert task.state in OPEN
        self._database.write(task.tenant, work)
        return replace(task, attempts=attempts, next_at=next_at, status=status, error=error)

    def _append(self, tx: Transaction, task: Task, action: Action, group: Group) -> None:
        at = self.at()
        self._log.append(tx, LogAct(action, Actor(ActorKind.SYSTEM), task.tenant, at, str(task.request), [group]))
