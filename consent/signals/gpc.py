"""Global Privacy Control: the signal by which a person's browser opts out of sale and sharing (W3C, "Global Privacy Control").

The signal opts out of every purpose that the catalogue marks `gpc`: a consent is withdrawn, and where there is none a refusal is
recorded, by the method `gpc` and expressed by the signal. Both stop what lies below the purpose, too.

A browser sends the signal with every request, so that its repetition says nothing new. What the person says after the first one,
explicitly and shown the notice, is the later and more particular word, and stands against repetitions: `kept`. A consent from
before the signal does not.
"""

from collections.abc import Callable, Collection, Iterable, Mapping
from datetime import datetime
from enum import StrEnum
from typing import NamedTuple

from audit.entry import Reason
from audit.log import AuditLog
from consent.ports import ConsentListener, Editions, Subject, SubjectDirectory, Subjects
from consent.records.caller import Caller, micros
from consent.records.judgement import Accepted, Submission
from consent.records.ledger import Ledger
from consent.records.standing import NO_TO_ALL_BELOW, ExpressedBy, Standing, State
from consent.signals import store
from database.engine import Database
from database.transaction import Transaction

METHOD = "gpc"

_NO_PROOF = Accepted(None, None, None, frozenset())


class OptOut(StrEnum):
    """What the signal came to for one purpose."""

    OPTED_OUT = "opted_out"
    ALREADY = "already"
    KEPT = "kept"


class Honoured(NamedTuple):
    """One purpose, what the signal came to, and the consent event that decides now."""

    purpose: str
    outcome: OptOut
    event: int


class GlobalPrivacyControl:
    """The use case behind `POST /v1/signals/gpc` and the header `Sec-GPC`."""

    def __init__(
        self,
        database: Database,
        subjects: Subjects,
        editions: Editions,
        log: AuditLog,
        now: Callable[[], datetime],
        listeners: Collection[ConsentListener] = (),
    ) -> None:
        self._database = database
        self._subjects = subjects
        self._editions = editions
        self._log = log
        self._now = now
        self._listeners = tuple(listeners)

    def opt_out(
        self, caller: Caller, platform_ids: Collection[str], channel: str | None = None
    ) -> Mapping[str, list[Honoured] | Reason]:
        """Honour the signal of these people; for each what it came to, or why nothing can be recorded of them."""

        def attempt(directory: SubjectDirectory) -> Mapping[str, list[Honoured] | Reason]:
            def work(tx: Transaction) -> Mapping[str, list[Honoured] | Reason]:
                return self._record(tx, directory, caller, sorted(set(platform_ids)), channel)

            return self._database.write(caller.tenant, work)

        self._editions.settle(caller.tenant, micros(self._now()) // 1000)
        answers = self._subjects.using(caller.tenant, attempt)
        for listener in self._listeners:
            listener.committed()
        return answers

    def _record(
        self, tx: Transaction, directory: SubjectDirectory, caller: Caller, platform_ids: list[str], channel: str | None
    ) -> Mapping[str, list[Honoured] | Reason]:
        instant = micros(self._now())
        marked = [one.id for one in self._editions.in_force(tx, caller.tenant).catalogue.by_id.values() if one.gpc]
        people = directory.find_or_make(tx, platform_ids, instant // 1000)
        known = [person for person in people.values() if not isinstance(person, Reason)]
        ledger = Ledger(tx, caller, known, instant, expected=len(marked) * len(known))
        signalled = _signalled(tx, caller.tenant, known)
        answers: dict[str, list[Honoured] | Reason] = {}
        for platform_id, person in people.items():
            if isinstance(person, Reason):
                answers[platform_id] = person
                continue
            held = ledger.held[person.number]
            answers[platform_id] = [
                _honoured(
                    ledger,
                    person,
                    Submission(platform_id, name, State.REFUSED, method=METHOD, channel=channel),
                    held.standings.get(name),
                    before=(person.number, name) in signalled,
                    at=instant // 1000,
                )
                for name in marked
            ]
        ledger.write(self._log, self._listeners)
        return answers


def said_by(values: Iterable[str]) -> bool:
    """Whether `Sec-GPC` headers carry the signal: one of them is exactly `1`, and any other value is ignored (section 3.1)."""
    return any(one.strip() == "1" for value in values for one in value.split(","))


def _honoured(
    ledger: Ledger, person: Subject, refusal: Submission, standing: Standing | None, *, before: bool, at: int
) -> Honoured:
    """What the signal comes to. `before` is whether the person had signalled when they last spoke."""
    if standing is not None and standing.state in NO_TO_ALL_BELOW:
        return Honoured(refusal.purpose, OptOut.ALREADY, standing.event)
    consents = standing is not None and standing.grants(at)
    if standing is not None and consents and before:
        return Honoured(refusal.purpose, OptOut.KEPT, standing.event)
    said = refusal._replace(state=State.WITHDRAWN if consents else State.REFUSED, expressed_by=ExpressedBy.SIGNAL)
    event = ledger.add(person, said, _NO_PROOF, child=ledger.held[person.number].child)
    return Honoured(refusal.purpose, OptOut.OPTED_OUT, event.id)


def _signalled(tx: Transaction, tenant: int, people: Iterable[Subject]) -> frozenset[tuple[int, str]]:
    rows = tx.all(store.SIGNALLED, rows=[(person.number,) for person in people], tenant=tenant)
    return frozenset((int(subject), purpose) for subject, purpose in rows)
