"""Jobs that are due: packages say which, and each occurrence becomes one job, however many processes ask."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Protocol

from database.engine import Database
from database.transaction import Transaction
from work import store
from work.desk import JobDesk
from work.job import Params


@dataclass(frozen=True, slots=True, kw_only=True)
class DueJob:
    """A job that is due. `occurrence` names this time of it among those of its tenant and kind for ever: the version of the key
    that is too old, or the day of a daily run. It is a code, and no personal data."""

    tenant: int
    kind: str
    occurrence: str
    params: Params
    approvals: int = 0


class Timetable(Protocol):
    """Says which jobs are due. What was due and was asked for may be named again, and is not asked for again."""

    def due(self, tx: Transaction, at: int) -> Sequence[DueJob]:
        """What is due at `at` (milliseconds since the epoch), by a reading transaction of the system's scope."""


class Timetables:
    """Asks for what is due. `failed` is told of a timetable that cannot say; the others are asked all the same."""

    def __init__(
        self,
        database: Database,
        desk: JobDesk,
        timetables: Sequence[Timetable],
        *,
        failed: Callable[[BaseException], None],
    ) -> None:
        self._database = database
        self._desk = desk
        self._timetables = timetables
        self._failed = failed

    def ask(self, at: int) -> int:
        """Submit what is due and was not submitted yet; tells how many jobs that were."""
        submitted = 0
        for timetable in self._timetables:
            try:
                for due in self._database.read(None, partial(timetable.due, at=at)):
                    submitted += self._database.write(due.tenant, partial(self._submit, due=due, at=at))
            except Exception as error:  # one package's trouble must not keep another's jobs from being asked for
                self._failed(error)
        if submitted:
            self._desk.nudge()
        return submitted

    def _submit(self, tx: Transaction, *, due: DueJob, at: int) -> bool:
        """Where two processes get here at once, the second meets the key of the first, and finds its row when it runs again."""
        place = {"tenant": due.tenant, "kind": due.kind, "occurrence": due.occurrence}
        if tx.one(store.DUE_JOB, **place) is not None:
            return False
        job = self._desk.submit(tx, due.tenant, due.kind, due.params, at, approvals=due.approvals)
        tx.insert(store.INSERT_DUE, [(due.tenant, due.kind, due.occurrence, job.bytes)])
        return True
