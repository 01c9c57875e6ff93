"""Reading a person's consents: how they stand, now or at a past moment, and everything that happened."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeVar

from audit.entry import Act, Action, Group, Outcome, Reason
from audit.log import AuditLog
from consent.catalogue import Edition
from consent.errors import SubjectNotFoundError
from consent.ports import Editions, SubjectDirectory, Subjects
from consent.records import store
from consent.records.caller import Caller, micros, pseudonyms
from consent.records.decision import Question, Verdict, decide
from consent.records.past import held_now, held_then
from consent.records.standing import Event, Held
from database.engine import Database
from database.transaction import Transaction

Answer = TypeVar("Answer")

_OWN = 11
"""Columns of an event before those that only its history shows."""


@dataclass(frozen=True, slots=True)
class Overview:
    """How a person stands at `instant` (microseconds): what is known of them, the verdict on each purpose, and the edition."""

    held: Held
    verdicts: dict[str, Verdict]
    edition: Edition
    instant: int


@dataclass(frozen=True, slots=True)
class HistoryEvent:
    """One event with all that proves it. Digests are octets."""

    event: Event
    locale: str | None
    wording: bytes | None
    presentation: bytes | None
    shown: tuple[str, ...]
    channel: str | None
    method: str
    evidence: str | None
    evidence_digest: bytes | None


class Reading:
    """The use cases behind `GET /v1/subjects/{subject}/consents` and its history. Each reading is an entry in the log."""

    def __init__(
        self, database: Database, subjects: Subjects, editions: Editions, log: AuditLog, now: Callable[[], datetime]
    ) -> None:
        self._database = database
        self._subjects = subjects
        self._editions = editions
        self._log = log
        self._now = now

    def overview(self, caller: Caller, platform_id: str, instant: int | None = None) -> Overview:
        """How the person stands to every purpose that rests on consent or has a record, now or at a past instant.

        Raises:
            SubjectNotFoundError: nobody is known by this id, or not any more.
        """

        def look(tx: Transaction, number: int, now: int) -> Overview:
            if instant is None:
                held = held_now(tx, caller.tenant, [number])[number]
                edition = self._editions.in_force(tx, caller.tenant)
            else:
                held = held_then(tx, caller.tenant, [(number, instant)])[number, instant]
                edition = self._editions.at(tx, caller.tenant, instant // 1000)
            then = now if instant is None else instant
            return Overview(held, _verdicts(edition, held, then // 1000), edition, then)

        return self._look(caller, platform_id, look)

    def history(self, caller: Caller, platform_id: str, *, after: int, limit: int) -> Sequence[HistoryEvent]:
        """The person's events in order, from the one behind epoch `after` on.

        Raises:
            SubjectNotFoundError: nobody is known by this id, or not any more.
        """

        def look(tx: Transaction, number: int, _now: int) -> Sequence[HistoryEvent]:
            rows = tx.all(store.HISTORY, tenant=caller.tenant, subject=number, after=after, limit=limit)
            return [_history_event(row) for row in rows]

        return self._look(caller, platform_id, look)

    def _look(self, caller: Caller, platform_id: str, look: Callable[[Transaction, int, int], Answer]) -> Answer:
        instant = micros(self._now())

        def attempt(directory: SubjectDirectory) -> Answer | None:
            def work(tx: Transaction) -> Answer | None:
                person = directory.find(tx, [platform_id], instant // 1000).get(platform_id)
                group = (
                    Group(Outcome.FAILED, Reason.NOT_FOUND)
                    if person is None
                    else Group(Outcome.DONE, subjects=pseudonyms(person))
                )
                act = Act(Action.CONSENT_READ, caller.actor, caller.tenant, instant // 1000, caller.request, [group])
                self._log.append(tx, act)
                return None if person is None else look(tx, person.number, instant)

            return self._database.write(caller.tenant, work)

        answer = self._subjects.using(caller.tenant, attempt)
        if answer is None:
            raise SubjectNotFoundError
        return answer


def _verdicts(edition: Edition, held: Held, at: int) -> dict[str, Verdict]:
    names = [name for name, one in edition.catalogue.by_id.items() if one.rests_on_consent or name in held.standings]
    names += [name for name in held.standings if name not in edition.catalogue.by_id]
    return {name: decide(edition, held, Question(name), at) for name in names}


def _history_event(row: tuple[Any, ...]) -> HistoryEvent:
    locale, wording, presentation, shown, channel, method, evidence, digest = row[_OWN:]
    return HistoryEvent(
        store.event_of(row[:_OWN]),
        locale,
        wording,
        presentation,
        tuple(shown.split()),
        channel,
        method,
        evidence,
        digest,
    )
