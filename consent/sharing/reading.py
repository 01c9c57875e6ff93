"""Who gets what of one person's data: the catalogue's register, held against what the vault keeps of the person and against
the consents that live.

A recipient gets a kind for a purpose if the catalogue says so, the vault keeps that kind of this person for that purpose, and the
purpose is allowed now: by a consent that lives, or by a ground that needs none. Reading it is an entry in the log.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from audit.entry import Act, Action, Group, Outcome, Reason
from audit.log import AuditLog
from consent.catalogue import Catalogue, Edition
from consent.errors import SubjectNotFoundError
from consent.ports import Editions, SubjectDirectory, Subjects
from consent.purpose import Purpose, Sharing
from consent.records.caller import Caller, micros, pseudonyms
from consent.records.decision import Question, Verdict, decide
from consent.records.past import held_now
from consent.records.standing import Held
from consent.sharing.ports import Holdings
from database.engine import Database
from database.transaction import Transaction


@dataclass(frozen=True, slots=True)
class Share:
    """What a recipient gets of the person for one purpose, and the verdict it rests on."""

    recipient: str
    purpose: str
    kinds: frozenset[str]
    verdict: Verdict


@dataclass(frozen=True, slots=True)
class Shares:
    """All that is shared of a person at `at` (milliseconds since the epoch)."""

    catalogue: Catalogue
    at: int
    items: Sequence[Share]


class SharedWith:
    """The use case behind `GET /v1/subjects/{subject}/recipients`."""

    def __init__(
        self,
        database: Database,
        subjects: Subjects,
        *,
        editions: Editions,
        holdings: Holdings,
        log: AuditLog,
        now: Callable[[], datetime],
    ) -> None:
        self._database = database
        self._subjects = subjects
        self._editions = editions
        self._holdings = holdings
        self._log = log
        self._now = now

    def of(self, caller: Caller, platform_id: str) -> Shares:
        """Who gets what of the person now.

        Raises:
            SubjectNotFoundError: nobody is known by this id, or not any more.
        """
        at = micros(self._now()) // 1000
        self._editions.settle(caller.tenant, at)

        def attempt(directory: SubjectDirectory) -> Shares | None:
            def work(tx: Transaction) -> Shares | None:
                person = directory.find(tx, [platform_id], at).get(platform_id)
                known = Group(Outcome.DONE, subjects=pseudonyms(person)) if person else _UNKNOWN
                act = Act(Action.CONSENT_READ, caller.actor, caller.tenant, at, caller.request, [known])
                self._log.append(tx, act)
                return None if person is None else self._shares(tx, caller.tenant, person.number, at)

            return self._database.write(caller.tenant, work)

        found = self._subjects.using(caller.tenant, attempt)
        if found is None:
            raise SubjectNotFoundError
        return found

    def _shares(self, tx: Transaction, tenant: int, subject: int, at: int) -> Shares:
        edition = self._editions.in_force(tx, tenant)
        held = held_now(tx, tenant, [subject])[subject]
        kept = self._holdings.kinds(tx, tenant, subject)
        return Shares(edition.catalogue, at, shares(edition, held, kept, at))


def shares(edition: Edition, held: Held, kept: Mapping[str, frozenset[str]], at: int) -> list[Share]:
    """What is shared by these standings, of the kinds `kept` for each purpose."""
    found = []
    for purpose in edition.catalogue.by_id.values():
        for one in purpose.sharing:
            kinds = one.kinds & kept.get(purpose.id, frozenset())
            verdict = _verdict(edition, held, purpose, one, at)
            if kinds and verdict.allowed:
                found.append(Share(one.recipient, purpose.id, kinds, verdict))
    return found


def _verdict(edition: Edition, held: Held, purpose: Purpose, one: Sharing, at: int) -> Verdict:
    return decide(edition, held, Question(purpose.id, recipient=one.recipient), at)


_UNKNOWN = Group(Outcome.FAILED, Reason.NOT_FOUND)
