"""What happened to orders, cases and people, as far as periods run from it.

Of one event of one ref or person the latest moment is kept, so that telling it again, late or in any order comes to the same. An
event is kept whether or not anything is stored for its ref yet: what is stored afterwards finds it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from audit.entry import Act, Action, Group, Outcome, Reason
from audit.log import AuditLog
from database.engine import Database
from database.transaction import Transaction
from dsar.request import By
from dsar.retention import store
from dsar.retention.ports import Directory, Subjects, Vocabulary
from dsar.retention.rule import Start
from work.replay import Replay

AHEAD_MS = 300_000
"""How far a teller's clock may be ahead."""

TOLD_OF_REFS = (Start.ORDER_COMPLETED, Start.CASE_CLOSED)
TOLD_OF_PEOPLE = (Start.ACCOUNT_CLOSED, Start.LAST_ACTIVITY)


@dataclass(frozen=True, slots=True)
class Told:
    """An event as it was told: of a ref, or of a person by the platform's id. `at` is in milliseconds since the epoch."""

    event: Start
    ref: str | None
    subject: str | None
    at: int


@dataclass(frozen=True, slots=True)
class Taken:
    """What became of a told event: whether it says anything new, or the code of its refusal."""

    news: bool
    error: str | None = None


class Events:
    """Notes events."""

    def __init__(self, database: Database, log: AuditLog, subjects: Subjects, words: Vocabulary) -> None:
        self._database = database
        self._log = log
        self._subjects = subjects
        self._words = words

    def tell(self, tenant: int, told: Sequence[Told], by: By, replay: Replay | None = None) -> list[Taken]:
        """Note events, each for itself, in order.

        Raises:
            IdempotencyMismatchError: the replay's key was used with another body.
        """
        people = sorted({one.subject for one in told if one.subject is not None})

        def attempt(directory: Directory) -> list[Taken]:
            def work(tx: Transaction) -> list[Taken]:
                earlier = None if replay is None else replay.earlier(tx, directory.mac, by.at)
                if earlier is not None:
                    return [Taken(one == "news", None if one in _PLAIN else str(one)) for one in earlier]
                taken = self._take(tx, tenant, told, directory.numbers(tx, people), by.at)
                self._record(tx, tenant, taken, by)
                if replay is not None:
                    replay.keep(tx, directory.mac, [_word(one) for one in taken], by.at)
                return taken

            return self._database.write(tenant, work)

        return self._subjects.using(tenant, attempt)

    def _take(
        self, tx: Transaction, tenant: int, told: Sequence[Told], numbers: Mapping[str, int], at: int
    ) -> list[Taken]:
        """What becomes of each; what is new is written. Two statements, however many there are."""
        errors = [self._error(one, numbers, at) for one in told]
        places = [
            (one.event.value, numbers.get(one.subject or "", 0), "", one.ref or "")
            for one, error in zip(told, errors, strict=True)
            if error is None
        ]
        known = {tuple(place): at for *place, at in tx.all(store.EVENTS, rows=sorted(set(places)), tenant=tenant)}
        taken, news = [], []
        left = iter(places)
        for one, error in zip(told, errors, strict=True):
            if error is not None:
                taken.append(Taken(news=False, error=error))
                continue
            place = next(left)
            later = one.at > known.get(place, one.at - 1)
            if later:
                known[place] = one.at
                event, subject, purpose, ref = place
                news.append({"tenant": tenant, "event": event, "subject": subject, "purpose": purpose, "ref": ref,
                             "at": one.at})  # fmt: skip
            taken.append(Taken(later))
        tx.run_each(store.TELL_EVENT, news)
        return taken

    def _error(self, told: Told, numbers: Mapping[str, int], at: int) -> str | None:
        if told.at > at + AHEAD_MS:
            return "in_the_future"
        if told.ref is not None and self._words.reads_as_personal(told.ref):
            return "ref_is_personal"
        return "not_found" if told.subject is not None and told.subject not in numbers else None

    def _record(self, tx: Transaction, tenant: int, taken: Sequence[Taken], by: By) -> None:
        done = sum(one.error is None for one in taken)
        groups = [Group(Outcome.DONE, count=done)] if done else []
        groups += [Group(Outcome.FAILED, Reason.INVALID, count=len(taken) - done)] if done < len(taken) else []
        self._log.append(tx, Act(Action.RETENTION_EVENT, by.actor, tenant, by.at, by.call, groups))


def note(
    tx: Transaction, tenant: int, event: Start, *, subject: int = 0, purpose: str = "", ref: str = "", at: int
) -> bool:
    """Note that something happened, in the caller's transaction; False where that was known already, or later."""
    place: dict[str, Any] = {"tenant": tenant, "event": event.value, "subject": subject, "purpose": purpose, "ref": ref}
    return tx.run(store.TELL_EVENT, **place, at=at) == 1


def unnote(tx: Transaction, tenant: int, event: Start, *, subject: int, purpose: str = "") -> None:
    """Note that something holds no more, in the caller's transaction."""
    place: dict[str, Any] = {"tenant": tenant, "event": event.value, "subject": subject, "purpose": purpose, "ref": ""}
    tx.run(store.UNTELL_EVENT, **place)


class EventErasure:
    """What an erasure takes from the events: those of the person."""

    def erased(self, tx: Transaction, tenant: int, subject_number: int, at: int) -> None:  # noqa: ARG002 - as the port has it
        """Called in the transaction that destroys the person's key."""
        tx.run(store.FORGET_EVENTS_OF, tenant=tenant, subject=subject_number)


_PLAIN = ("news", "known")


def _word(taken: Taken) -> str:
    return taken.error or ("news" if taken.news else "known")
