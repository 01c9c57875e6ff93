"""Asking for exports and handing them out."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import UUID

from audit.asking import Asking
from audit.directory import LogDirectory
from audit.entry import Act, Action, Group, Outcome, Reason, SubjectRef
from audit.errors import AuditError
from audit.export import KIND, Plan, opened
from audit.export_shelf import Shelf, expires_at
from audit.log import AuditLog
from audit.ports import SubjectDirectory
from audit.store import CHECKPOINT_AT_OR_ABOVE, CHECKPOINT_AT_OR_BELOW
from database.engine import Database
from database.statement import Statement
from database.transaction import Transaction
from work.desk import JobDesk
from work.job import Job, JobState
from work.replay import Mac, Replay

UNDER_WAY_AT_MOST = 4
"""Exports of one tenant that are being made at a time: each takes room on the disk, and time from everybody else's."""

_EARLIER_AT_MOST = 1_000


class LogNotPublishedError(AuditError):
    """Nothing of the log is published on this host yet."""


class TooManyExportsError(AuditError):
    """As many exports of the tenant are being made as may be at a time."""


class RangeNotInLogError(AuditError):
    """The range ends before it begins, or beyond the published checkpoint."""


class PersonUnknownError(AuditError):
    """A person whom the tenant does not have, or has no more."""


class ExportNotFoundError(AuditError):
    """The tenant has no such export."""


class ExportNotReadyError(AuditError):
    """The export is not made yet, or could not be."""


class ExportExpiredError(AuditError):
    """The export has gone, seven days after it was asked for, or lies on another host."""


class NotAnEarlierExportError(AuditError):
    """The export named as the one before is of another log, or of a later state of this one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What is asked for. `log` is the present one unless given; `people` are ids of the platform; `since` is an earlier export's
    job. Of a `complete` export, the ends of the range move outward to the nearest checkpoints, which part no act."""

    criteria: Mapping[str, Any]
    log: int | None = None
    people: Sequence[str] = ()
    start: int | None = None
    stop: int | None = None
    complete: bool = False
    formats: tuple[str, ...] = ()
    proofs: bool = False
    since: UUID | None = None


class ExportDesk:
    """The use cases around exports. `generator` names this program and its version; `mac_of` gives a tenant's key of
    idempotency fingerprints."""

    def __init__(
        self,
        database: Database,
        log: AuditLog,
        jobs: JobDesk,
        *,
        logs: LogDirectory,
        shelf: Shelf,
        subjects: SubjectDirectory,
        generator: str,
        mac_of: Callable[[int], Mac],
    ) -> None:
        self._database = database
        self._log = log
        self._jobs = jobs
        self._logs = logs
        self._shelf = shelf
        self._subjects = subjects
        self._generator = generator
        self._mac_of = mac_of

    def ask(self, asking: Asking, wanted: Wanted, replay: Replay | None = None) -> UUID:
        """Have an export made; gives its job. The checkpoint that is published now is what it is proved to.

        A repeated `replay` gives the job of the first call.

        Raises:
            LogNotPublishedError: there is none on this host.
            TooManyExportsError: four of the tenant's are under way.
            PersonUnknownError: the filter names somebody whom the tenant does not have; recorded.
            ExportNotFoundError: `since` is no finished export of the tenant.
            NotAnEarlierExportError: `since` is of another log, or of a later state.
            RangeNotInLogError: the range ends before it begins, or beyond the checkpoint.
            IdempotencyMismatchError: the replay's key was used with another body.
        """
        mac = self._mac_of(asking.tenant)
        log, note = self._published(wanted.log)
        refs = self._pseudonyms(asking, wanted.people)
        criteria = {**wanted.criteria, "subject": list(refs)} if wanted.people else dict(wanted.criteria)
        start, stop = self._range(log, opened(note).size, wanted)

        def work(tx: Transaction) -> UUID:
            earlier = replay.earlier(tx, mac, asking.at) if replay else None
            if earlier is not None:
                return UUID(str(earlier[0]))
            if self._jobs.under_way(tx, asking.tenant, KIND) >= UNDER_WAY_AT_MOST:
                raise TooManyExportsError
            plan = Plan(
                log=log,
                note=note,
                start=start,
                stop=stop,
                complete=wanted.complete,
                criteria=criteria,
                formats=wanted.formats,
                proofs=wanted.proofs,
                requester=asking.requester,
                generator=self._generator,
                previous=self._previous(tx, asking, note, wanted.since),
            )
            self._append(tx, asking, Action.AUDIT_EXPORT, Group(Outcome.DONE, subjects=refs))
            job = self._jobs.submit(tx, asking.tenant, KIND, plan.params(), asking.at)
            if replay is not None:
                replay.keep(tx, mac, [str(job)], asking.at)
            return job

        job = self._database.write(asking.tenant, work)
        self._jobs.nudge()
        return job

    def plan(self, tenant: int, job: UUID) -> Plan:
        """What an export of the tenant holds.

        Raises:
            JobNotFoundError: the tenant has no such job.
            ExportNotFoundError: the job is no export.
        """
        return Plan.of(_export(self._jobs.get(tenant, job)).params)

    def archive(self, asking: Asking, job: UUID) -> Path:
        """Where a finished export lies, once it is recorded that it was handed out.

        Raises:
            JobNotFoundError: the tenant has no such job.
            ExportNotFoundError: the job is no export.
            ExportNotReadyError: it is not done.
            ExportExpiredError: it has gone.
        """
        found = _export(self._jobs.get(asking.tenant, job))
        if found.state is not JobState.DONE:
            raise ExportNotReadyError
        if expires_at(job) <= asking.at:
            self._shelf.remove(job)
        path = self._shelf.archive(job)
        if not path.exists():
            raise ExportExpiredError
        self._record(asking, Action.AUDIT_EXPORT_READ, Group(Outcome.DONE))
        return path

    def _published(self, wanted: int | None) -> tuple[int, str]:
        log = self._logs.latest() if wanted is None else wanted
        note = None if log is None else self._logs.files(log).checkpoint()
        if log is None or note is None:
            raise LogNotPublishedError
        return log, note.decode()

    def _pseudonyms(self, asking: Asking, people: Sequence[str]) -> list[SubjectRef]:
        refs: list[SubjectRef] = []
        for person in people:
            found = self._subjects.pseudonyms(asking.tenant, person)
            if not found:
                self._record(asking, Action.AUDIT_EXPORT, Group(Outcome.FAILED, Reason.NOT_FOUND))
                raise PersonUnknownError
            refs += found
        return refs

    def _range(self, log: int, size: int, wanted: Wanted) -> tuple[int, int]:
        start = wanted.start or 0
        stop = size if wanted.stop is None else wanted.stop
        if start > stop or stop > size:
            raise RangeNotInLogError
        if wanted.complete:
            start = self._checkpoint_near(CHECKPOINT_AT_OR_BELOW, log, start) or 0
            stop = min(self._checkpoint_near(CHECKPOINT_AT_OR_ABOVE, log, stop) or size, size)
        return start, stop

    def _checkpoint_near(self, statement: Statement, log: int, size: int) -> int | None:
        row = self._database.read(None, lambda tx: tx.one(statement, log=log, size=size))
        return row[0] if row else None

    def _previous(self, tx: Transaction, asking: Asking, note: str, since: UUID | None) -> str | None:
        """The checkpoint of the export before: of the one that is named, or of the latest that the same requester had."""
        for job in self._jobs.done(tx, asking.tenant, KIND, _EARLIER_AT_MOST):
            before = Plan.of(job.params)
            if job.id == since if since else before.requester == asking.requester:
                if _is_earlier(before, note):
                    return before.note if before.checkpoint.size else None
                if since:
                    raise NotAnEarlierExportError
        if since:
            raise ExportNotFoundError
        return None

    def _record(self, asking: Asking, action: Action, group: Group) -> None:
        self._database.write(asking.tenant, lambda tx: self._append(tx, asking, action, group))

    def _append(self, tx: Transaction, asking: Asking, action: Action, group: Group) -> None:
        self._log.append(tx, Act(action, asking.actor, asking.tenant, asking.at, asking.request, [group]))


def _is_earlier(before: Plan, note: str) -> bool:
    now = opened(note)
    return before.checkpoint.origin == now.origin and before.checkpoint.size <= now.size


def _export(job: Job) -> Job:
    if job.kind != KIND:
        raise ExportNotFoundError
    return job
