"""The job that tells people of a changed notice, a bounded batch in each step.

Messages leave outside any transaction; then one transaction notes who was told, with its audit entry. A process that dies between
the two tells at most one batch of people twice, and nobody is left out: who was told is not asked for again.
"""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from audit.entry import Act, Action, Actor, ActorKind, Group, Outcome, Reason
from audit.event_id import uuid7
from audit.log import AuditLog
from consent.catalogue import Edition
from consent.catalogues import store
from consent.catalogues.source import CatalogueSource
from consent.catalogues.telling import KIND, Telling
from consent.errors import NoticeNotFoundError
from consent.locale import closest
from consent.ports import Messenger, SubjectDirectory, Subjects
from database.columns import millis, moment
from database.engine import Database
from database.transaction import Transaction
from work.job import Job, Progress

TEMPLATE = "notice_changed"
AT_ONCE = 20
PAUSE_SECONDS = 1.0
"""Between batches: 20 messages a second are what a provider takes and a mistake can be stopped at."""


class _Told(NamedTuple):
    """Somebody to whom the message was sent; no channel where the vault knows no address."""

    subject: int
    channel: str | None


class _Batch(NamedTuple):
    """The next people to be told, with the languages of their consents, and how many there still are."""

    edition: Edition
    published_at: int
    waiting: int
    people: Sequence[tuple[int, str | None]]


class TellingTask:
    """Carries the telling out."""

    kind = KIND

    def __init__(
        self,
        database: Database,
        subjects: Subjects,
        messenger: Messenger,
        *,
        source: CatalogueSource,
        log: AuditLog,
        now: Callable[[], datetime],
    ) -> None:
        self._database = database
        self._subjects = subjects
        self._messenger = messenger
        self._source = source
        self._log = log
        self._now = now

    def step(self, job: Job, number: int) -> Progress:  # noqa: ARG002 - who was told stands in the table, whatever the number
        """Tell the next batch.

        Raises:
            OSError: none of the messages left.
            NoticeNotFoundError: the catalogue has no such purpose any more.
        """
        at, telling = millis(self._now()), Telling.of(job.params)
        batch = self._database.read(job.tenant, lambda tx: self._next(tx, job.tenant, telling, at))
        told = self._send(job.tenant, telling, batch)
        if told:
            self._note(job.tenant, telling, told, at)
        done, left = job.done + len(told), batch.waiting - len(told)
        return Progress(done, done + left, finished=left == 0, wait_seconds=PAUSE_SECONDS if left else 0.0)

    def abandon(self, job: Job) -> None:
        """Nothing: who was told was told."""

    def _next(self, tx: Transaction, tenant: int, telling: Telling, at: int) -> _Batch:
        edition = self._source.latest(tx, tenant)
        versions = tx.all(store.NOTICE_VERSIONS, tenant=tenant, purpose=telling.purpose)
        published = {int(row[0]): int(row[3]) for row in versions}
        if edition is None or not edition.catalogue.knows(telling.purpose) or telling.version not in published:
            raise NoticeNotFoundError
        asked: dict[str, Any] = {"tenant": tenant, "purpose": telling.purpose, "version": telling.version, "at": at}
        waiting = tx.one(store.COUNT_TO_TELL, **asked)
        rows = tx.all(store.TO_TELL, **asked, limit=AT_ONCE)
        people = [(int(row[0]), row[1]) for row in rows]
        return _Batch(edition, published[telling.version], int(waiting[0]) if waiting else 0, people)

    def _send(self, tenant: int, telling: Telling, batch: _Batch) -> list[_Told]:
        told, failed = [], None
        catalogue = batch.edition.catalogue
        for subject, spoken in batch.people:
            locale = closest(spoken or "", catalogue.locales)
            values = {
                "purpose": catalogue.notice(telling.purpose).texts[locale].title,
                "effective": moment(batch.published_at).date().isoformat(),
                "link": catalogue.controller.url or "",
            }
            try:
                channel = self._messenger.send(tenant, subject, template=TEMPLATE, locale=locale.value, values=values)
            except OSError as error:  # The others are told; this one is among the next.
                failed = error
                continue
            told.append(_Told(subject, channel))
        if failed is not None and not told:
            raise failed
        return told

    def _note(self, tenant: int, telling: Telling, told: Sequence[_Told], at: int) -> None:
        def attempt(directory: SubjectDirectory) -> None:
            def work(tx: Transaction) -> None:
                people = directory.by_number(tx, [one.subject for one in told], at)
                groups = []
                for reached in (True, False):
                    numbers = [one.subject for one in told if (one.channel is not None) is reached]
                    refs = [ref for number in numbers if (ref := people[number].ref) is not None]
                    if refs:
                        outcome = Outcome.DONE if reached else Outcome.FAILED
                        reason = None if reached else Reason.NOT_FOUND
                        groups.append(Group(outcome, reason, purpose=telling.purpose, subjects=refs))
                groups = groups or [Group(Outcome.DONE, purpose=telling.purpose, count=len(told))]
                rows = [(tenant, telling.purpose, telling.version, one.subject, one.channel, at) for one in told]
                tx.insert(store.INSERT_TOLD, rows)
                act = Act(Action.NOTICE_TELL, Actor(ActorKind.SYSTEM), tenant, at, str(uuid7(at)), groups)
                self._log.append(tx, act)

            self._database.write(tenant, work)

        self._subjects.using(tenant, attempt)
