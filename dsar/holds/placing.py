"""Placing, listing and reviewing holds, and asking for their release: one transaction each, with its entry in it."""

from collections.abc import Sequence
from dataclasses import replace
from typing import NamedTuple
from uuid import UUID

from audit.entry import Act, Action, Group, Outcome, SubjectRef
from audit.log import AuditLog
from database.engine import Database
from database.transaction import Transaction
from dsar.holds import store
from dsar.holds.errors import HoldNotFoundError, HoldReleasedError, HoldScopeError, ReviewDateError
from dsar.holds.hold import ANY_SUBJECT, REVIEWED_WITHIN_MS, Hold, HoldReason, Scope
from dsar.holds.ports import Directory, Names, Subjects, Vocabulary
from dsar.request import By
from work.desk import JobDesk, require
from work.job import ENDED
from work.replay import Replay
from work.store import JOB

RELEASE_KIND = "dsar_release_hold"
RELEASE_APPROVALS = 1
"""People beside the one who asks that the release of a hold takes."""


class Wanted(NamedTuple):
    """A hold to be placed. `subject` is the platform's id of the person."""

    subject: str | None
    kind: str | None
    ref: str | None
    reason: HoldReason
    case: str
    review_at: int


class Listed(NamedTuple):
    """A hold, and the platform's id of the person in it while the vault has it."""

    hold: Hold
    subject: str | None


class HoldDesk:
    """The use cases around holds."""

    def __init__(
        self,
        database: Database,
        log: AuditLog,
        subjects: Subjects,
        names: Names,
        jobs: JobDesk,
        words: Vocabulary,
    ) -> None:
        self._database = database
        self._log = log
        self._subjects = subjects
        self._names = names
        self._jobs = jobs
        self._words = words

    def place(self, tenant: int, wanted: Wanted, by: By, replay: Replay | None = None) -> Hold:
        """Hold what fits the scope from now on. Whoever would destroy it and has not done so by the answer does not.

        Raises:
            HoldScopeError: the scope names nothing, or what the vault does not know, or cannot be kept as it is written.
            ReviewDateError: the review is not within a year from now.
            IdempotencyMismatchError: the replay's key was used with another body.
        """
        self._require_words(wanted)
        _require_review(wanted.review_at, by.at)

        def attempt(directory: Directory) -> Hold:
            def work(tx: Transaction) -> Hold:
                earlier = None if replay is None else replay.earlier(tx, directory.mac, by.at)
                if earlier is not None:
                    return _found(tx, tenant, int(earlier[0]))[0]
                store.close_fence(tx)
                made = self._made(tx, directory, wanted, by)
                tx.insert(store.INSERT_HOLDS, [_row(tenant, made)])
                self._record(tx, tenant, Action.HOLD_PLACE, made, by, directory)
                if replay is not None:
                    replay.keep(tx, directory.mac, [made.id], by.at)
                return made

            return self._database.write(tenant, work)

        return self._subjects.using(tenant, attempt)

    def get(self, tenant: int, number: int) -> Listed:
        """One hold. Raises HoldNotFoundError."""
        hold, _ = self._database.read(tenant, lambda tx: _found(tx, tenant, number))
        return self._listed(tenant, [hold])[0]

    def page(self, tenant: int, *, released: bool, after: int, limit: int) -> Sequence[Listed]:
        """Holds in force, or those released, in the order in which they were placed."""
        rows = self._database.read(
            tenant, lambda tx: tx.all(store.HOLDS, tenant=tenant, released=int(released), after=after, limit=limit)
        )
        return self._listed(tenant, [store.hold_of(row) for row in rows])

    def review(self, tenant: int, number: int, review_at: int, by: By) -> Listed:
        """Note that a hold is still needed, and when it is to be looked at again.

        Raises:
            HoldNotFoundError: there is no such hold.
            HoldReleasedError: it was released.
            ReviewDateError: the next review is not within a year from now.
        """
        _require_review(review_at, by.at)

        def attempt(directory: Directory) -> Hold:
            def work(tx: Transaction) -> Hold:
                hold, _ = _in_force(tx, tenant, number)
                tx.run(store.SET_REVIEW, tenant=tenant, id=number, review_at=review_at)
                self._record(tx, tenant, Action.HOLD_REVIEW, hold, by, directory)
                return replace(hold, review_at=review_at)

            return self._database.write(tenant, work)

        return self._listed(tenant, [self._subjects.using(tenant, attempt)])[0]

    def ask_release(self, tenant: int, number: int, by: By) -> UUID:
        """Ask for the release of a hold; gives the job, which begins once a second person has approved it. Asking while one
        waits gives that one.

        Raises:
            HoldNotFoundError: there is no such hold.
            HoldReleasedError: it was released.
        """

        def attempt(directory: Directory) -> UUID:
            def work(tx: Transaction) -> UUID:
                hold, asked = _in_force(tx, tenant, number)
                if asked is not None and require(tx.one(JOB, tenant=tenant, id=asked.bytes)).state not in ENDED:
                    return asked
                job = self._jobs.submit(
                    tx,
                    tenant,
                    RELEASE_KIND,
                    {"hold": number},
                    by.at,
                    asked_by=by.actor,
                    approvals=RELEASE_APPROVALS,
                )
                tx.run(store.SET_RELEASE_JOB, tenant=tenant, id=number, job=job.bytes)
                self._record(tx, tenant, Action.HOLD_RELEASE_ASK, hold, by, directory)
                return job

            return self._database.write(tenant, work)

        return self._subjects.using(tenant, attempt)

    def _require_words(self, wanted: Wanted) -> None:
        if not (wanted.subject or wanted.kind or wanted.ref):
            raise HoldScopeError("scope", "scope_empty")
        if wanted.kind and wanted.kind not in self._words.kinds:
            raise HoldScopeError("scope.kind", "unknown_kind")
        if wanted.ref and self._words.reads_as_personal(wanted.ref):
            raise HoldScopeError("scope.ref", "ref_is_personal")
        if self._words.reads_as_personal(wanted.case):
            raise HoldScopeError("case", "case_is_personal")

    def _made(self, tx: Transaction, directory: Directory, wanted: Wanted, by: By) -> Hold:
        subject = ANY_SUBJECT
        if wanted.subject:
            found = directory.find(tx, [wanted.subject], by.at).get(wanted.subject)
            if found is None or directory.being_erased(tx, found.number):
                raise HoldScopeError("scope.subject", "unknown_subject")
            subject = found.number
        return Hold(
            id=tx.reserve("legal_hold", 1)[0],
            scope=Scope(subject, wanted.kind or "", wanted.ref or ""),
            reason=wanted.reason,
            case=wanted.case,
            placed_by=by.actor.id,
            placed_at=by.at,
            review_at=wanted.review_at,
        )

    def _listed(self, tenant: int, holds: Sequence[Hold]) -> list[Listed]:
        numbers = {hold.scope.subject for hold in holds if hold.scope.subject > ANY_SUBJECT}
        names = self._names.names(tenant, numbers) if numbers else {}
        return [Listed(hold, names.get(hold.scope.subject)) for hold in holds]

    def _record(self, tx: Transaction, tenant: int, action: Action, hold: Hold, by: By, directory: Directory) -> None:
        group = group_of(tx, hold, directory, by.at)
        self._log.append(tx, Act(action, by.actor, tenant, by.at, by.call, [group]))


def group_of(tx: Transaction, hold: Hold, directory: Directory, at: int) -> Group:
    """What an entry says of a hold: its number as the row, and the person, kind and ref of its scope."""
    subject, kind, ref = hold.scope
    people: list[SubjectRef] = []
    if subject > ANY_SUBJECT:
        named = directory.by_number(tx, [subject], at)[subject].ref
        people = [] if named is None else [named]
    refs = [directory.object_ref(ref)] if ref else []
    return Group(Outcome.DONE, kind=kind or None, subjects=people, rows=[hold.id], refs=refs)


def _row(tenant: int, hold: Hold) -> tuple[int | str, ...]:
    return (
        hold.id,
        tenant,
        *hold.scope,
        hold.reason.value,
        hold.case,
        hold.placed_by,
        hold.placed_at,
        hold.review_at,
        0,
    )


def _found(tx: Transaction, tenant: int, number: int) -> tuple[Hold, UUID | None]:
    return _read(tx.one(store.HOLD, tenant=tenant, id=number))


def _in_force(tx: Transaction, tenant: int, number: int) -> tuple[Hold, UUID | None]:
    """The hold, its row held against other changes, and the job that asks for its release."""
    hold, job = _read(tx.one(store.HOLD_TO_CHANGE, tenant=tenant, id=number))
    if hold.released_at is not None:
        raise HoldReleasedError
    return hold, job


def _read(row: tuple[object, ...] | None) -> tuple[Hold, UUID | None]:
    if row is None:
        raise HoldNotFoundError
    *columns, job = row
    return store.hold_of(tuple(columns)), None if job is None else UUID(bytes=bytes(job))  # type: ignore[call-overload]  # a blob


def _require_review(review_at: int, at: int) -> None:
    if not at < review_at <= at + REVIEWED_WITHIN_MS:
        raise ReviewDateError
