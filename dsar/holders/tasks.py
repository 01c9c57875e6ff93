"""The tasks of holders as officers see them: looking at them, having dead ones tried again, calling open ones back."""

from collections.abc import Mapping
from uuid import UUID, uuid4

from audit.entry import Act as LogAct
from audit.entry import Action, Group, Outcome
from audit.log import AuditLog
from database.engine import Database
from database.transaction import Transaction
from dsar.holders import store
from dsar.holders.book import DAY_MS
from dsar.holders.errors import HolderNotFoundError, TaskNotFoundError, TaskStateError
from dsar.holders.processor import Missing, Processor
from dsar.holders.task import OPEN, Task, TaskState
from dsar.request import By

CANCELLED = "cancelled"
KEPT_MS = 3 * 366 * DAY_MS


class TaskDesk:
    """The use cases around tasks. `processors` are the systems beside this one by tenant and name."""

    def __init__(self, database: Database, log: AuditLog, processors: Mapping[tuple[int, str], Processor]) -> None:
        self._database = database
        self._log = log
        self._processors = processors

    def page(self, tenant: int, request: UUID, *, after: int, limit: int) -> list[Task]:
        """What holders were asked for a request, in order; nothing for one that nobody knows."""
        rows = self._database.read(
            tenant,
            lambda tx: tx.all(store.TASKS_OF_REQUEST, tenant=tenant, request=request.bytes, after=after, limit=limit),
        )
        return [store.task_of(row) for row in rows]

    def dead(self, tenant: int, *, after: int, limit: int) -> list[Task]:
        """What was given up and waits for somebody to see to it."""
        rows = self._database.read(tenant, lambda tx: tx.all(store.DEAD_TASKS, tenant=tenant, after=after, limit=limit))
        return [store.task_of(row) for row in rows]

    def replay(self, tenant: int, number: int, by: By) -> Task:
        """Have a dead task tried again, within as much time as it had: under the id that the system knows, unless it was called
        back there. Whoever asked for it goes on by asking again.

        Raises:
            TaskNotFoundError: there is none of this number.
            TaskStateError: it is not dead.
        """

        def work(tx: Transaction) -> Task:
            task = _found(tx, tenant, number)
            if task.state is not TaskState.DEAD:
                raise TaskStateError
            outside = task.outside
            if outside is not None and task.error == CANCELLED:
                outside = uuid4()
            days = None if task.deadline_at is None else (task.deadline_at - task.created_at) // DAY_MS
            tx.run(
                store.BEGIN_AGAIN,
                tenant=tenant,
                id=number,
                outside=None if outside is None else outside.bytes,
                at=by.at,
                deadline_at=None if days is None else by.at + days * DAY_MS,
            )
            self._record(tx, task, Action.HOLDER_REPLAY, by)
            return _found(tx, tenant, number)

        return self._database.write(tenant, work)

    def cancel(self, tenant: int, number: int, by: By) -> Task:
        """Call an open task back: from the system that has it first, if it is still pending there.

        Raises:
            TaskNotFoundError: there is none of this number.
            TaskStateError: it has ended.
            ProcessorError: the system did not let go of it.
        """
        row = self._database.read(tenant, lambda tx: tx.one(store.TASK, tenant=tenant, id=number))
        if row is None:
            raise TaskNotFoundError
        task = store.task_of(row)
        if task.state not in OPEN:
            raise TaskStateError
        processor = self._processors.get((tenant, task.holder))
        if task.state is TaskState.ACCEPTED and task.outside is not None and processor is not None:
            processor.cancel(task.outside)

        def work(tx: Transaction) -> Task:
            if _found(tx, tenant, number).state not in OPEN:
                raise TaskStateError
            tx.run(
                store.END,
                tenant=tenant,
                id=number,
                state=TaskState.CANCELLED.value,
                error=CANCELLED,
                status=task.status,
                method=None,
                count=task.count,
                evidence=None,
                at=by.at,
            )
            self._record(tx, task, Action.HOLDER_CANCEL, by)
            return _found(tx, tenant, number)

        return self._database.write(tenant, work)

    def forget(self, at: int) -> None:
        """Delete what ended three years ago: for so long the records of what was done about data are kept (PIPL 56)."""
        self._database.write(None, lambda tx: tx.run(store.FORGET, before=at - KEPT_MS))

    def check(self, tenant: int, name: str) -> Missing:
        """Ask a system what it can do, and tell what is declared and missing there.

        Raises:
            HolderNotFoundError: none of this name is declared.
            ProcessorError: it gives no good answer.
        """
        processor = self._processors.get((tenant, name))
        if processor is None:
            raise HolderNotFoundError
        return processor.missing()

    def _record(self, tx: Transaction, task: Task, action: Action, by: By) -> None:
        group = Group(Outcome.DONE, kind=task.act.value, rows=[task.id])
        self._log.append(tx, LogAct(action, by.actor, task.tenant, by.at, by.call, [group]))


class DeadWarning:
    """Makes the service say that tasks of holders were given up."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def __call__(self) -> str | None:
        """`holder_tasks_dead` while there are any."""
        return None if self._database.read(None, lambda tx: tx.one(store.ANY_DEAD)) is None else "holder_tasks_dead"


def _found(tx: Transaction, tenant: int, number: int) -> Task:
    row = tx.one(store.TASK_TO_CHANGE, tenant=tenant, id=number)
    if row is None:
        raise TaskNotFoundError
    return store.task_of(row)
