"""Telling people, as durable jobs: one message each. The first, which confirms the receipt, is also when the desk looks whether
it may go on by itself. Steps:

    0. send     outside any transaction; sent again if the process dies before this is noted
    1. note     once, in the transaction that marks the step
"""

from collections.abc import Callable
from datetime import datetime
from uuid import UUID

from database.columns import millis
from database.engine import Database
from database.transaction import Transaction
from dsar.desk import store
from dsar.desk.errors import RequestNotFoundError
from dsar.desk.record import Record
from dsar.desk.requests import MESSAGE, RequestDesk
from dsar.desk.telling import locale_of, values_of
from dsar.ports import Messenger
from dsar.request import RequestState, by_itself
from work.job import Job, Progress
from work.store import mark

RECEIVED = "request_received"


class MessageTask:
    """Sends one message about a request."""

    kind = MESSAGE

    def __init__(
        self, database: Database, desk: RequestDesk, messenger: Messenger, now: Callable[[], datetime]
    ) -> None:
        self._database = database
        self._desk = desk
        self._messenger = messenger
        self._now = now

    def step(self, job: Job, number: int) -> Progress:
        """Send, then note."""
        if number == 0:
            self._send(job)
            return Progress(1, 2, finished=False)
        at = millis(self._now())
        self._database.write(job.tenant, lambda tx: self._note(tx, job, number, at))
        return Progress(2, 2, finished=True)

    def abandon(self, job: Job) -> None:
        """Nothing to remove."""

    def _send(self, job: Job) -> None:
        request = UUID(hex=job.params["request"])
        row = self._database.read(job.tenant, lambda tx: tx.one(store.REQUEST, tenant=job.tenant, id=request.bytes))
        try:
            record = Record.of(row)
        except RequestNotFoundError:
            return
        if record.subject is None:
            return
        values = values_of(record, self._desk.clocks, job.params.get("reason"))
        template, locale = job.params["template"], locale_of(record)
        try:
            self._messenger.send(job.tenant, record.subject, template=template, locale=locale, values=values)
        except OSError:
            raise ConnectionError from None  # which passes by itself, unlike other troubles of an operating system

    def _note(self, tx: Transaction, job: Job, number: int, at: int) -> None:
        if job.params["template"] != RECEIVED or not mark(tx, job, number):
            return
        try:
            record = self._desk.to_change(tx, job.tenant, UUID(hex=job.params["request"]))
        except RequestNotFoundError:
            return
        if record.state is RequestState.RECEIVED:
            record = self._desk.acknowledge(tx, record, by_itself(at))
        if record.state is RequestState.ACKNOWLEDGED:
            self._desk.accepted_by_itself(tx, record, at)
