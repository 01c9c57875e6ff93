"""Reading what the log says, by whoever may: each look is an entry itself."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import orjson

from audit.asking import Asking
from audit.entry import Act, Action, Group, Outcome, Reason, SubjectRef
from audit.errors import AuditError
from audit.export_filter import Filter
from audit.log import AuditLog
from audit.ports import SubjectDirectory
from audit.proof import EntryProof
from audit.published import AccessPage, NotPublishedError, Place, PublishedLog, PublishedLogs
from audit.reader import AuditReader, Page, Selection
from database.engine import Database


class PersonNotFoundError(AuditError):
    """A person whom the tenant does not have, or has no more; that somebody asked is recorded."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """Which entries: of a time (milliseconds, `until` excluded), of an actor's number, of an action, an outcome, or about a
    person by the platform's id."""

    since: int | None = None
    until: int | None = None
    actor: int | None = None
    action: str | None = None
    outcome: str | None = None
    subject: str | None = None
    newest_first: bool = False


class Proved(NamedTuple):
    """An entry's octets and the proof that a log holds them."""

    log: PublishedLog
    entry: bytes
    proof: EntryProof


class LogReading:
    """The use cases of everybody who reads the log."""

    def __init__(
        self,
        database: Database,
        log: AuditLog,
        reader: AuditReader,
        *,
        published: PublishedLogs,
        subjects: SubjectDirectory,
    ) -> None:
        self._database = database
        self._log = log
        self._reader = reader
        self._published = published
        self._subjects = subjects

    def entries(self, by: Asking, question: Question, *, after: int | None, limit: int) -> Page:
        """A page of the tenant's entries.

        Raises:
            PersonNotFoundError: nobody has the id that is asked about.
        """
        refs = None if question.subject is None else self._refs(by, question.subject, Action.AUDIT_READ)
        criteria = {"actor.id": question.actor, "action": question.action, "outcome": question.outcome}
        listed: dict[str, Any] = {name: [value] for name, value in criteria.items() if value is not None}
        if refs is not None:
            listed["subject"] = list(refs)
        selection = Selection(
            tenant=by.tenant,
            since=question.since,
            until=question.until,
            newest_first=question.newest_first,
            meets=Filter(listed).predicate(),
        )
        page = self._reader.page(selection, after=after, limit=limit)
        self._record(by, Action.AUDIT_READ, len(page.entries), refs or ())
        return page

    def prove(self, by: Asking, index: int, log: int | None, *, every_tenant: bool) -> Proved:
        """An entry with its inclusion proof; of `every_tenant`'s for whoever may see the log whole.

        Raises:
            NotPublishedError: there is no such entry of the tenant's below the published checkpoint.
        """
        found = self._published.log(log)
        entry, proof = found.proof(index)
        if not every_tenant and orjson.loads(entry)["tenant"] != by.tenant:
            raise NotPublishedError
        self._record(by, Action.AUDIT_READ, 1)
        return Proved(found, entry, proof)

    def accesses(self, by: Asking, subject: str, *, after: Place | None, newest_first: bool, limit: int) -> AccessPage:
        """Every published act that concerned a person.

        Raises:
            PersonNotFoundError: nobody has this id.
            NotPublishedError: nothing is published on this host.
        """
        refs = self._refs(by, subject, Action.AUDIT_ACCESS_LOG)
        page = self._published.accesses(refs, by.tenant, after=after, newest_first=newest_first, limit=limit)
        self._record(by, Action.AUDIT_ACCESS_LOG, len(page.entries), refs)
        return page

    def _refs(self, by: Asking, subject: str, action: Action) -> Sequence[SubjectRef]:
        refs = self._subjects.pseudonyms(by.tenant, subject)
        if not refs:
            self._append(by, action, Group(Outcome.FAILED, Reason.NOT_FOUND))
            raise PersonNotFoundError
        return refs

    def _record(self, by: Asking, action: Action, count: int, refs: Sequence[SubjectRef] = ()) -> None:
        self._append(by, action, Group(Outcome.DONE, subjects=refs, count=count))

    def _append(self, by: Asking, action: Action, group: Group) -> None:
        act = Act(action, by.actor, by.tenant, by.at, by.request, [group])
        self._database.write(by.tenant, lambda tx: self._log.append(tx, act))
