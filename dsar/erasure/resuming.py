"""What keeps something of a person has an end: then their request goes on by itself. And requests end by other ways: then their
erasure is over, and what it restricted is used again."""

from functools import partial
from uuid import UUID

from database.engine import Database
from database.transaction import Transaction
from dsar.desk.requests import RequestDesk
from dsar.erasure import store
from dsar.holds.hold import ANY_SUBJECT, Hold
from dsar.holds.restriction import Cause, Restrictions
from dsar.request import RequestState
from work.desk import JobDesk

AT_ONCE = 500
_WAITING = frozenset({RequestState.ON_HOLD, RequestState.RESTRICTED})


class Resuming:
    """Has the desk resume requests, each in one transaction with what takes it off the list."""

    def __init__(self, database: Database, desk: RequestDesk, restrictions: Restrictions, jobs: JobDesk) -> None:
        self._database = database
        self._desk = desk
        self._restrictions = restrictions
        self._jobs = jobs

    def look(self, at: int) -> int:
        """Both, for all tenants, done every minute; tells of how many requests."""
        return self.due(at) + self.over(at)

    def due(self, at: int) -> int:
        """Resume what a law kept until now; tells how many requests."""
        waiting = self._database.read(None, lambda tx: tx.all(store.DUE, at=at, limit=AT_ONCE))
        for tenant, request in waiting:
            self._database.write(tenant, partial(self._resume_due, tenant=tenant, request=bytes(request), at=at))
        if waiting:
            self._jobs.nudge()
        return len(waiting)

    def _resume_due(self, tx: Transaction, *, tenant: int, request: bytes, at: int) -> None:
        if tx.run(store.TAKE_DUE, tenant=tenant, request=request, at=at):
            self._resume(tx, tenant, UUID(bytes=request), at)

    def over(self, at: int) -> int:
        """Close the erasures of requests that have ended otherwise; tells how many."""
        ended = self._database.read(None, lambda tx: tx.all(store.OVER, limit=AT_ONCE))
        for tenant, request, number in ended:
            self._database.write(
                tenant, partial(self._close, tenant=tenant, request=bytes(request), number=number, at=at)
            )
        return len(ended)

    def _close(self, tx: Transaction, *, tenant: int, request: bytes, number: int | None, at: int) -> None:
        if tx.run(store.CLOSE, tenant=tenant, request=request) and number is not None:
            for cause in (Cause.ERASURE_PENDING, Cause.LEGAL_HOLD, Cause.LEGAL_MINIMUM):
                self._restrictions.lift(tx, tenant, number, cause, at, origin=request)

    def released(self, tx: Transaction, tenant: int, hold: Hold, at: int) -> None:
        """Resume what this hold kept. Where another one keeps it still, it will be found so and wait again. A round that has
        found it kept and has not ended yet is followed by another."""
        tx.run(store.LOOK_AGAIN, tenant=tenant, code=hold.reason.value, at=at)
        for request, number in tx.all(store.KEPT_BY_HOLD, tenant=tenant, code=hold.reason.value):
            if hold.scope.subject in {ANY_SUBJECT, number}:
                self._resume(tx, tenant, UUID(bytes=bytes(request)), at)

    def _resume(self, tx: Transaction, tenant: int, request: UUID, at: int) -> None:
        found = self._desk.find(tx, tenant, request)
        if found.state in _WAITING:
            self._desk.resume(tx, found, at)
