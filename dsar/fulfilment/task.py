"""The jobs `dsar_execute_<right>` of the lesser rights: whatever is to be done, and then the end of the request, once.

A deed is what a right asks for. It may be begun again after a crash, by this process or another, and then does nothing twice.
What is to happen with the end of the request happens in its transaction, which locks the request: of two workers one ends it.

Next of kin have the rights to see, copy, correct and delete (PIPL art. 49). What else they ask for is not done.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol
from uuid import UUID

from database.columns import millis
from database.engine import Database
from database.transaction import Transaction
from dsar.desk import store as desk_store
from dsar.desk.reasons import Denial
from dsar.desk.record import Record
from dsar.desk.requests import EXECUTE, RequestDesk
from dsar.holders.holder import Person
from dsar.request import Request, RequestState
from dsar.right import Requester, Right
from work.desk import JobDesk
from work.job import Job, Progress

OF_KIN = frozenset({Right.ACCESS, Right.PORTABILITY, Right.RECTIFICATION, Right.ERASURE, Right.COMPLAINT})
"""What next of kin may ask for."""


@dataclass(frozen=True, slots=True)
class Asked:
    """A request that is being carried out, with what the deeds need of it."""

    request: Request
    purposes: tuple[str, ...]
    at: int

    @property
    def person(self) -> Person:
        """Whom it is about."""
        assert self.request.subject is not None
        return Person(self.request.tenant, self.request.subject)


@dataclass(frozen=True, slots=True)
class Done:
    """What a deed came to. With `wait_seconds` it is not over: the rest is asked for again after them. `partially` are codes of
    what is not done and never will be, and `settle` is done with the end of the request."""

    wait_seconds: float | None = None
    partially: Sequence[str] = ()
    settle: Callable[[Transaction], object] = lambda _: None


class Deed(Protocol):
    """What a right asks for."""

    right: Right

    def do(self, asked: Asked) -> Done:
        """Do it, or as much as can be done now."""


class RightTask:
    """The task of one right."""

    def __init__(
        self, deed: Deed, database: Database, desk: RequestDesk, jobs: JobDesk, now: Callable[[], datetime]
    ) -> None:
        self.kind = EXECUTE + deed.right.value
        self._deed = deed
        self._database = database
        self._desk = desk
        self._jobs = jobs
        self._now = now

    def step(self, job: Job, number: int) -> Progress:
        """Do what can be done now, and end the request when that was all. A step that is repeated finds it ended."""
        asked = self._asked(job.tenant, UUID(job.params["request"]))
        if asked.request.state is not RequestState.EXECUTING or asked.request.subject is None:
            return Progress(number + 1, number + 1, finished=True)
        if asked.request.requester is Requester.KIN and asked.request.right not in OF_KIN:
            done = Done(partially=[Denial.NO_AUTHORITY.value])
        else:
            done = self._deed.do(asked)
        if done.wait_seconds is not None:
            return Progress(number, number + 1, finished=False, wait_seconds=done.wait_seconds)
        self._database.write(job.tenant, lambda tx: self._end(tx, asked, done))
        self._jobs.nudge()
        return Progress(number + 1, number + 1, finished=True)

    def abandon(self, job: Job) -> None:
        """What was done stays done; the request waits for an officer."""

    def _asked(self, tenant: int, request: UUID) -> Asked:
        row = self._database.read(tenant, lambda tx: tx.one(desk_store.REQUEST, tenant=tenant, id=request.bytes))
        record = Record.of(row)
        return Asked(record.request, record.purposes, millis(self._now()))

    def _end(self, tx: Transaction, asked: Asked, done: Done) -> None:
        request = self._desk.locked(tx, asked.request).request
        if request.state is not RequestState.EXECUTING:
            return
        done.settle(tx)
        self._desk.completed(tx, request, asked.at, partially=done.partially)
