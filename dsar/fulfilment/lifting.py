"""Ending a restriction that a person asked for: every holder uses the data again, the vault last.

The person is told before (GDPR 18(3)): the message is asked for in the transaction that asks for the job.
"""

from collections.abc import Callable
from datetime import datetime
from uuid import UUID

from audit.entry import Act as LogAct
from audit.entry import Action, Group, Outcome
from audit.log import AuditLog
from database.columns import millis
from database.engine import Database
from database.transaction import Transaction
from dsar.desk.requests import RequestDesk
from dsar.fulfilment.asking import SOONEST_SECONDS
from dsar.fulfilment.errors import NotFulfillableError
from dsar.holders.errors import HolderAwayError, HolderRefusedError
from dsar.holders.holder import Act, Errand, Holders, Person
from dsar.request import By, RequestState
from dsar.right import Right
from work.desk import JobDesk
from work.job import LONGEST_WAIT_SECONDS, Job, Progress

LIFT_KIND = "dsar_lift_restriction"
LIFTED = "restriction_lifted"

_IN_FORCE = frozenset({RequestState.COMPLETED, RequestState.PARTIALLY_DENIED})


class LiftDesk:
    """The use case behind `POST /v1/requests/{request}/lift`."""

    def __init__(self, database: Database, log: AuditLog, desk: RequestDesk, jobs: JobDesk) -> None:
        self._database = database
        self._log = log
        self._desk = desk
        self._jobs = jobs

    def lift(self, tenant: int, request: UUID, by: By) -> UUID:
        """Tell the person, and ask for the end of what the request restricted; gives the job.

        Raises:
            RequestNotFoundError: there is no such request.
            NotFulfillableError: it restricted nothing.
        """

        def work(tx: Transaction) -> UUID:
            record = self._desk.to_change(tx, tenant, request)
            if record.right is not Right.RESTRICTION or record.state not in _IN_FORCE or record.subject is None:
                raise NotFulfillableError
            self._desk.tell(tx, record, LIFTED, by.at)
            group = Group(Outcome.DONE, refs=[record.request.ref])
            self._log.append(tx, LogAct(Action.RESTRICTION_LIFT, by.actor, tenant, by.at, by.call, [group]))
            return self._jobs.submit(tx, tenant, LIFT_KIND, {"request": request.hex}, by.at, asked_by=by.actor)

        job = self._database.write(tenant, work)
        self._jobs.nudge()
        return job


class LiftTask:
    """The task of jobs of the kind `dsar_lift_restriction`."""

    kind = LIFT_KIND

    def __init__(self, database: Database, desk: RequestDesk, holders: Holders, now: Callable[[], datetime]) -> None:
        self._database = database
        self._desk = desk
        self._holders = holders
        self._now = now

    def step(self, job: Job, number: int) -> Progress:
        """Ask those who restrict; asked again, they have done it."""
        id_ = UUID(job.params["request"])
        request = self._database.read(job.tenant, lambda tx: self._desk.find(tx, job.tenant, id_))
        if request.subject is None:
            return Progress(number + 1, number + 1, finished=True)
        person, errand = Person(job.tenant, request.subject), Errand(request=id_, key=Act.RELEASE.value)
        again: list[int] = []
        for holder in self._holders.of(job.tenant):
            if Act.RELEASE not in holder.acts:
                continue
            try:
                holder.restrict(person, errand, on=False)
            except HolderAwayError as away:
                again.append(away.again_at)
            except HolderRefusedError:
                continue  # it says so in the log of what holders were asked; nobody uses less because of it
        if not again:
            return Progress(number + 1, number + 1, finished=True)
        wait = min(max((min(again) - millis(self._now())) / 1_000, SOONEST_SECONDS), LONGEST_WAIT_SECONDS)
        return Progress(number, number + 1, finished=False, wait_seconds=wait)

    def abandon(self, job: Job) -> None:
        """What was released stays so."""
