"""Disclosure as durable jobs.

    dsar_prepare_<right>    every holder has said what it holds; whoever asks for somebody else is looked at by a second person
    dsar_execute_<right>    the package is made, in one step; then the person is told, or the parts go to the receiver one by one
    dsar_make_again         the same for a request that was completed before

Nothing readable is kept between steps. What a step has done shows in the package's row, so that a repeated one finds it done.
"""

from collections.abc import Callable
from datetime import datetime
from uuid import UUID

from database.columns import millis
from database.engine import Database
from database.transaction import Transaction
from dsar.disclosure.collecting import INVENTORY, held
from dsar.disclosure.keeping import AGAIN
from dsar.disclosure.making import Maker
from dsar.disclosure.ports import Desk
from dsar.disclosure.stored import PackageState, Stored
from dsar.disclosure.telling import Telling
from dsar.disclosure.transfer import Transfer, parts_of
from dsar.holders.errors import HolderAwayError
from dsar.holders.holder import Errand, Holders, Person
from dsar.request import RequestState
from dsar.right import Requester, Right
from work.job import LONGEST_WAIT_SECONDS, Job, Progress

PREPARE, EXECUTE = "dsar_prepare_", "dsar_execute_"


class PrepareTask:
    """Makes sure that every holder answers for the person, before anything is made."""

    def __init__(
        self, right: Right, database: Database, now: Callable[[], datetime], *, desk: Desk, holders: Holders
    ) -> None:
        self.kind = PREPARE + right.value
        self._database = database
        self._now = now
        self._desk = desk
        self._holders = holders

    def step(self, job: Job, number: int) -> Progress:  # noqa: ARG002 - what has been done shows in the request
        """Ask everybody, and go on.

        Raises:
            HolderRefusedError: a holder will not answer.
        """
        request = self._database.read(job.tenant, lambda tx: self._desk.find(tx, job.tenant, _request_of(job)))
        at = millis(self._now())
        if request.subject is not None and request.state is RequestState.ACCEPTED:
            try:
                person = Person(job.tenant, request.subject)
                held(self._holders.of(job.tenant), person, Errand(request=request.id, key=INVENTORY))
            except HolderAwayError as away:
                return Progress(0, 1, finished=False, wait_seconds=_wait(away, at))
            self._database.write(job.tenant, lambda tx: self._go_on(tx, job.tenant, request.id, at))
        return Progress(1, 1, finished=True)

    def abandon(self, job: Job) -> None:
        """There is nothing to remove."""

    def _go_on(self, tx: Transaction, tenant: int, request: UUID, at: int) -> None:
        """Once: a request that has gone on is not accepted any more."""
        found = self._desk.find(tx, tenant, request)
        if found.state is RequestState.ACCEPTED:
            self._desk.prepared(tx, found, found.requester is not Requester.SELF, at)


class ExecuteTask:
    """Makes the package, and sees that whom it is for can have it."""

    def __init__(
        self, kind: str, now: Callable[[], datetime], *, maker: Maker, telling: Telling, transfer: Transfer
    ) -> None:
        self.kind = kind
        self._now = now
        self._maker = maker
        self._telling = telling
        self._transfer = transfer

    def step(self, job: Job, number: int) -> Progress:  # noqa: ARG002 - what comes next shows in the row and in the progress
        """Make the package, or go on with it.

        Raises:
            HolderRefusedError: a holder will not answer.
            LogBehindError: the log does not publish now.
            ReceiverAwayError: the receiver does not answer now.
            ReceiverRefusedError: it does not take what is sent.
            OSError: the disk does not take the package, or the message did not leave.
        """
        try:
            package = self._maker.make(job.tenant, _request_of(job), again=job.kind == AGAIN)
        except HolderAwayError as away:
            return Progress(0, 1, finished=False, wait_seconds=_wait(away, millis(self._now())))
        if package is None or package.state is PackageState.TRANSFERRED:
            return Progress(1, 1, finished=True)
        steps = 2 if package.receiver is None else parts_of(package) + 2
        if job.done > 0:
            self._go_on(package, job.done - 1)
        return Progress(job.done + 1, steps, finished=job.done + 1 == steps)

    def _go_on(self, package: Stored, number: int) -> None:
        """Do what follows the making: tell the person, or send a part, and at last say that all are there."""
        if package.receiver is None:
            self._telling.tell(package)
        elif number < parts_of(package):
            self._transfer.send(package, number)
        else:
            self._transfer.finish(package)

    def abandon(self, job: Job) -> None:
        """What was begun has no use without its row, and the sweep takes it when that ends."""


def _request_of(job: Job) -> UUID:
    return UUID(job.params["request"])


def _wait(away: HolderAwayError, at: int) -> float:
    return min(max((away.again_at - at) / 1000, 1.0), LONGEST_WAIT_SECONDS)
