"""Giving a person the records of their consents, for a request of theirs."""

from collections.abc import Callable
from datetime import datetime
from typing import Any
from uuid import UUID

from audit.entry import Act, Action, Actor, ActorKind, Group, Outcome
from audit.log import AuditLog
from consent.errors import SubjectNotFoundError
from consent.ports import Editions, SubjectDirectory, Subjects
from consent.receipts import store
from consent.receipts.gathering import facts_of
from consent.receipts.record import record
from consent.records.caller import pseudonyms
from database.columns import millis
from database.engine import Database
from database.transaction import Transaction


class ConsentDisclosure:
    """The use case of the right to know, as far as consents go. Each reading is an entry in the log."""

    def __init__(
        self, database: Database, subjects: Subjects, editions: Editions, log: AuditLog, now: Callable[[], datetime]
    ) -> None:
        self._database = database
        self._subjects = subjects
        self._editions = editions
        self._log = log
        self._now = now

    def records(self, tenant: int, subject: int, request: UUID) -> list[dict[str, Any]]:
        """The records of the person with this internal number in the structure of ISO/IEC TS 27560, one for each purpose.
        `request` stands in the log.

        Raises:
            SubjectNotFoundError: there is no such person, or not any more.
        """
        at = millis(self._now())

        def attempt(directory: SubjectDirectory) -> list[dict[str, Any]] | None:
            def work(tx: Transaction) -> list[dict[str, Any]] | None:
                person = directory.by_number(tx, [subject], at)[subject]
                if person.ref is None:
                    return None
                group = Group(Outcome.DONE, subjects=pseudonyms(person))
                system = Actor(ActorKind.SYSTEM)
                self._log.append(tx, Act(Action.CONSENT_READ, system, tenant, at, str(request), [group]))
                latest = tx.all(store.LATEST_OF_PURPOSES, tenant=tenant, subject=subject)
                return [
                    record(facts_of(tx, self._editions, tenant, person, purpose=purpose, epoch=epoch))
                    for purpose, epoch in latest
                ]

            return self._database.write(tenant, work)

        found = self._subjects.using(tenant, attempt)
        if found is None:
            raise SubjectNotFoundError
        return found
