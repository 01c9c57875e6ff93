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
from math import inf
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


class _Ruling(NamedTuple):
    """A verdict under one edition, good to `until` (milliseconds) if nothing changes."""

    edition: Edition
    verdict: Verdict
    until: float


class _Known(NamedTuple):
    """What was read of a person after a mark, and what followed from it for each question."""

    key: str
    mark: Mark
    held: Held
    rulings: dict[Question, _Ruling]

    def ruling(self, edition: Edition, question: Question, at: int) -> _Ruling:
        """The ruling at `at` (milliseconds), made once for as long as it is good."""
        found = self.rulings.get(question)
        if found is None or found.edition is not edition or at >= found.until:
            found = self.rulings[question] = _ruling(edition, self.held, question, at)
        return found


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

    def remembered(self, tenant: int, items: Sequence[Asked]) -> list[Decided] | None:
        """The answer to each question, in order, where all of them are in memory; otherwise None, and nothing was looked up."""
        instant = micros(self._now())
        answers = []
        for item in items:
            kept = self._kept(tenant, item, instant)
            if kept is None:
                return None
            answers.append(kept)
        return answers

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
        ruling = known.ruling(edition, item.question, instant // 1000)
        return _decided(ruling, known.held, instant, age) if ruling.verdict.allowed else None

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
                self._keep((tenant, platform_id), _Known(f"{tenant}:{number}", mark, held[number], {}))
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
                now = held.get(number, NOTHING)
                answers.append(_decided(_ruling(edition, now, item.question, instant // 1000), now, instant, 0.0))
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


def _ruling(edition: Edition, held: Held, question: Question, at: int) -> _Ruling:
    verdict = decide(edition, held, question, at)
    ends = (standing.valid_until for standing in held.standings.values() if standing.event == verdict.event)
    return _Ruling(edition, verdict, min((end for end in ends if end is not None and end > at), default=inf))


def _decided(ruling: _Ruling, held: Held, instant: int, age: float) -> Decided:
    """The answer as of `age` seconds before `instant`. As the clocks of hosts differ, the last event may be later; it is in the
    answer all the same."""
    longest = TTL_BY_CONSENT - age if ruling.verdict.by_consent else TTL_BY_CATALOGUE
    left = min(longest, ruling.until / 1000 - instant / 1_000_000)
    holds_at = max(instant - round(age * 1_000_000), held.instant)
    return Decided(ruling.verdict, held.epoch, holds_at, max(0.0, int(left * 1000) / 1000))
