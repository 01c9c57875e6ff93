"""What officers see of packages, and when packages go: at their end, when their request was withdrawn, and with the person.

Whatever ends a package changes its row; its file goes with the next sweep of the host where it lies.
"""

from collections.abc import Callable
from functools import partial
from pathlib import Path
from uuid import UUID

from audit.entry import Act, Action, Group, Outcome, Reason
from audit.log import AuditLog
from database.engine import Database
from database.transaction import Transaction
from dsar.desk.errors import RequestNotFoundError
from dsar.disclosure import store
from dsar.disclosure.choosing import choice_of
from dsar.disclosure.errors import NotAskedError, PackageNotReadyError
from dsar.disclosure.ports import Desk
from dsar.disclosure.shelf import Shelf
from dsar.disclosure.stored import PackageState, Stored
from dsar.request import By, RequestState, by_itself
from dsar.right import Requester
from work.desk import JobDesk
from work.replay import Mac, Replay

KEPT_MS = 3 * 366 * 24 * 60 * 60 * 1000
"""For how long the row of a package that is gone stays: three years (PIPL 56), rounded up."""

AGAIN = "dsar_make_again"
AT_ONCE = 1_000
"""Packages that a round ends at most; the next one goes on."""


class Keeping:
    """The use cases of officers, and of time. `mac_of` gives a tenant's key of idempotency fingerprints."""

    def __init__(
        self,
        database: Database,
        log: AuditLog,
        jobs: JobDesk,
        *,
        desk: Desk,
        shelf: Shelf,
        mac_of: Callable[[int], Mac],
    ) -> None:
        self._database = database
        self._log = log
        self._jobs = jobs
        self._desk = desk
        self._shelf = shelf
        self._mac_of = mac_of

    def look(self, tenant: int, request: UUID, by: By) -> Stored:
        """What is known of the package of a request, never what is in it.

        Raises:
            RequestNotFoundError: the tenant has no such request.
            PackageNotReadyError: it has no package yet.
        """

        def work(tx: Transaction) -> Stored | None:
            found = self._desk.find(tx, tenant, request)
            row = tx.one(store.PACKAGE_OF_REQUEST, tenant=tenant, request=request.bytes)
            group = Group(Outcome.DONE, kind=found.right.value, refs=[found.ref])
            self._log.append(tx, Act(Action.PACKAGE_READ, by.actor, tenant, by.at, by.call, [group]))
            return None if row is None else Stored.of(row)

        package = self._database.write(tenant, work)
        if package is None:
            raise PackageNotReadyError
        return package

    def make_again(self, tenant: int, request: UUID, by: By, replay: Replay | None = None) -> UUID:
        """Have the package of a completed request made anew, with other keys: for somebody who lost the passphrase, or who came
        too late. The old one is gone from now on. Gives the job; a repeated `replay` that of the first call.

        Raises:
            RequestNotFoundError: the tenant has no such request.
            NotAskedError: no package completed it.
            IdempotencyMismatchError: the replay's key was used with another body.
        """
        mac = self._mac_of(tenant)

        def work(tx: Transaction) -> UUID | None:
            earlier = None if replay is None else replay.earlier(tx, mac, by.at)
            if earlier is not None:
                return UUID(str(earlier[0]))
            found = self._desk.find(tx, tenant, request)
            row = tx.one(store.PACKAGE_OF_REQUEST, tenant=tenant, request=request.bytes)
            if row is None or found.state is not RequestState.COMPLETED or Stored.of(row).receiver is not None:
                return None
            self._end(tx, Stored.of(row), PackageState.WITHDRAWN, by)
            job = self._jobs.submit(tx, tenant, AGAIN, {"request": request.hex}, by.at, asked_by=by.actor)
            if replay is not None:
                replay.keep(tx, mac, [str(job)], by.at)
            return job

        job = self._database.write(tenant, work)
        if job is None:
            raise NotAskedError
        self._jobs.nudge()
        return job

    def hand_over(self, tenant: int, request: UUID, by: By) -> tuple[Stored, Path]:
        """The sealed file of somebody who asked for another person, and cannot fetch it in that person's session: a guardian, an
        agent, next of kin. It is sealed to a key that they gave.

        Raises:
            RequestNotFoundError: the tenant has no such request.
            NotAskedError: the person has asked themselves, and nobody else gets their package; or it has a passphrase.
            PackageNotReadyError: it is not there, or lies on another host.
        """

        def work(tx: Transaction) -> Stored | None:
            found = self._desk.find(tx, tenant, request)
            row = tx.one(store.PACKAGE_OF_REQUEST, tenant=tenant, request=request.bytes)
            package = None if row is None else Stored.of(row)
            sealed = choice_of(tx, tenant, request)[1] is not None
            allowed = found.requester is not Requester.SELF and sealed
            fate = Outcome.DONE if allowed else Outcome.DENIED
            group = Group(fate, None if allowed else Reason.POLICY, kind=found.right.value, refs=[found.ref])
            self._log.append(tx, Act(Action.PACKAGE_DOWNLOAD, by.actor, tenant, by.at, by.call, [group]))
            if not allowed:
                return None
            if package is not None:
                tx.run(store.COUNT_DOWNLOAD, tenant=tenant, id=package.id.bytes)
            return package

        package = self._database.write(tenant, work)
        if package is None:
            raise NotAskedError
        path = self._shelf.path(package.id)
        if not package.open_at(by.at) or not path.exists():
            raise PackageNotReadyError
        return package, path

    def end_due(self, at: int) -> int:
        """End what has expired, and what is being made or moved for a request that has ended otherwise; tells how many packages
        that were. A package that has completed its request needs no look at it."""
        due = self._database.read(None, lambda tx: tx.all(store.DUE_PACKAGES, at=at, limit=AT_ONCE))
        unsettled = self._database.read(None, lambda tx: tx.all(store.UNSETTLED_PACKAGES, limit=AT_ONCE))
        ending = [(row[0], row[1], PackageState.EXPIRED) for row in due]
        ending += [
            (row[0], row[1], PackageState.WITHDRAWN)
            for row in unsettled
            if self._withdrawn(row[0], UUID(bytes=bytes(row[2])))
        ]
        ended = 0
        for tenant, package, state in ending:
            place = {"tenant": tenant, "package": UUID(bytes=bytes(package)), "state": state, "at": at}
            ended += self._database.write(tenant, partial(self._end_one, **place))
        self._database.write(None, lambda tx: tx.run(store.DELETE_OLD_PACKAGES, before=at - KEPT_MS))
        return ended

    def sweep(self, at: int) -> int:  # noqa: ARG002 - as sweeps are called
        """Remove the files of this host that no package needs; tells how many."""
        return self._shelf.sweep(self._open)

    def _open(self) -> set[UUID]:
        rows = self._database.read(None, lambda tx: tx.all(store.OPEN_PACKAGES))
        return {UUID(bytes=bytes(row[0])) for row in rows}

    def _withdrawn(self, tenant: int, request: UUID) -> bool:
        try:
            found = self._database.read(tenant, lambda tx: self._desk.find(tx, tenant, request))
        except RequestNotFoundError:
            return True
        return found.ended and found.state is not RequestState.COMPLETED

    def _end_one(self, tx: Transaction, *, tenant: int, package: UUID, state: PackageState, at: int) -> int:
        row = tx.one(store.PACKAGE, tenant=tenant, id=package.bytes)
        return 0 if row is None else self._end(tx, Stored.of(row), state, by_itself(at))

    def _end(self, tx: Transaction, package: Stored, state: PackageState, by: By) -> int:
        """Steps of an end: no link, no secret, and a row that says so."""
        tx.run(store.DELETE_LINKS, tenant=package.tenant, package=package.id.bytes)
        ended = tx.run(store.END_PACKAGE, tenant=package.tenant, id=package.id.bytes, state=state.value)
        if ended:
            reason = Reason.EXPIRED if state is PackageState.EXPIRED else Reason.REVOKED
            act = Act(Action.PACKAGE_REMOVE, by.actor, package.tenant, by.at, by.call, [Group(Outcome.DONE, reason)])
            self._log.append(tx, act)
        return ended


class PackageErasure:
    """What an erasure takes: every package of the person, with links, choices and secrets. Their files have no row from the
    commit on, and go with the next sweep; until then they are ciphertext whose passphrase nobody here can open."""

    def erased(self, tx: Transaction, tenant: int, subject_number: int, at: int) -> None:  # noqa: ARG002 - as the port has it
        """Called in the transaction that destroys the person's key."""
        for statement in (store.DELETE_LINKS_OF, store.DELETE_CHOICES_OF, store.DELETE_PACKAGES_OF):
            tx.run(statement, tenant=tenant, subject=subject_number)
