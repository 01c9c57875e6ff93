"""Answering whether data may be used, now or at a past moment.

What is known of a person is read once and kept, for no longer than `database.changes` says that it is still true, and then
only to allow: a denial is always read from the database, so that a consent counts from the moment that it is acknowledged. An
answer says for which instant it holds (`at`) and for how long it may be kept (`ttl_s`); what rests on a consent is good for
one second after that instant and no longer.

A question about a past moment is answered from the events up to it and the catalogue in force then, and so always alike.
"""

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from consent.catalogue import Edition
from consent.ports import Editions, SubjectDirectory, Subjects
from consent.records.caller import micros
from consent.records.decision import Question, Verdict, decide
from consent.records.past import held_now, held_then
from consent.records.standing import NOTHING, Held
from database.changes import Changes, Mark
from database.engine import Database
from database.transaction import Transaction

KEPT_PEOPLE = 65_536
TTL_BY_CONSENT = 1.0
TTL_BY_CATALOGUE = 60.0
"""Seconds for which an answer that no person's word can change may be kept."""


class Asked(NamedTuple):
    """One question about one person. `instant` is the moment that it is about, in microseconds; None is now."""

    subject: str
    question: Question
    instant: int | None = None


@dataclass(frozen=True, slots=True)
class Decided:
    """The answer: the verdict, the number of the person's events behind it, the instant for which it holds (microseconds), and
    for how many seconds it may be kept."""

    verdict: Verdict
    epoch: int
    instant: int
    ttl: float


class _Known(NamedTuple):
    """What was read of a person after a mark."""

    key: str
    mark: Mark
    held: Held


class Decisions:
    """The use case behind `POST /v1/decisions`."""

    def __init__(
        self,
        database: Database,
        subjects: Subjects,
        editions: Editions,
        now: Callable[[], datetime],
        changes: Changes,
    ) -> None:
        self._database = database
        self._subjects = subjects
        self._editions = editions
        self._now = now
        self._changes = changes
        self._lock = threading.Lock()
        self._young: dict[tuple[int, str], _Known] = {}
        self._old: dict[tuple[int, str], _Known] = {}

    def decide(self, tenant: int, items: Sequence[Asked]) -> list[Decided]:
        """The answer to each question, in order."""
        instant = micros(self._now())
        answers = {place: kept for place, item in enumerate(items) if (kept := self._kept(tenant, item, instant))}
        left = [place for place in range(len(items)) if place not in answers]
        if left:
            asked = [items[place] for place in left]
            answers |= dict(zip(left, self._read(tenant, asked, instant), strict=True))
        return [answers[place] for place in range(len(items))]

    def _kept(self, tenant: int, item: Asked, instant: int) -> Decided | None:
        """An allowance that follows from what is kept."""
        place = (tenant, item.subject)
        known = self._young.get(place) or self._old.get(place)
        if known is None or item.instant is not None:
            return None
        edition = self._editions.recent(tenant)
        age = self._changes.age(known.mark, known.key)
        if edition is None or age is None:
            return None
        decided = _decided(edition, known.held, item.question, instant, age)
        return decided if decided.verdict.allowed else None

    def _read(self, tenant: int, items: Sequence[Asked], instant: int) -> list[Decided]:
        mark = self._changes.mark()

        def attempt(directory: SubjectDirectory) -> list[Decided]:
            return self._database.read(tenant, lambda tx: self._answer(tx, directory, tenant, items, instant, mark))

        return self._subjects.using(tenant, attempt)

    def _answer(
        self,
        tx: Transaction,
        directory: SubjectDirectory,
        tenant: int,
        items: Sequence[Asked],
        instant: int,
        mark: Mark,
    ) -> list[Decided]:
        numbers = directory.numbers(tx, sorted({item.subject for item in items}))
        present = sorted({numbers[item.subject] for item in items if item.instant is None and item.subject in numbers})
        held = held_now(tx, tenant, present)
        for platform_id, number in numbers.items():
            if number in held:
                self._keep((tenant, platform_id), _Known(f"{tenant}:{number}", mark, held[number]))
        past = {
            (numbers[item.subject], item.instant)
            for item in items
            if item.instant is not None and item.subject in numbers
        }
        before = held_then(tx, tenant, sorted(past))
        answers = []
        for item in items:
            number = numbers.get(item.subject, 0)
            if item.instant is None:
                edition = self._editions.in_force(tx, tenant)
                answers.append(_decided(edition, held.get(number, NOTHING), item.question, instant, 0.0))
            else:
                edition = self._editions.at(tx, tenant, item.instant // 1000)
                then = before.get((number, item.instant), NOTHING)
                verdict = decide(edition, then, item.question, item.instant // 1000)
                answers.append(Decided(verdict, then.epoch, item.instant, 0.0))
        return answers

    def _keep(self, place: tuple[int, str], known: _Known) -> None:
        self._young[place] = known
        if len(self._young) >= KEPT_PEOPLE // 2:
            with self._lock:
                self._old, self._young = self._young, {}


def _decided(edition: Edition, held: Held, question: Question, instant: int, age: float) -> Decided:
    """The answer as of `age` seconds before `instant`."""
    at = instant // 1000
    verdict = decide(edition, held, question, at)
    longest = TTL_BY_CONSENT - age if verdict.by_consent else TTL_BY_CATALOGUE
    ends = (standing.valid_until for standing in held.standings.values() if verdict.event == standing.event)
    left = min((longest, *((end - at) / 1000 for end in ends if end is not None)))
    holds_at = max(
        instant - round(age * 1_000_000), held.instant
    )  # Hosts' clocks differ; the last event is in the answer.
    return Decided(verdict, held.epoch, holds_at, max(0.0, int(left * 1000) / 1000))
