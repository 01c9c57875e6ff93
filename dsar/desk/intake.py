"""Taking requests. Whoever asks, and whether anybody is known by the name that they give, the same is done and the same answered:
what the difference makes comes later, by a job."""

import uuid
from collections.abc import Callable
from dataclasses import dataclass, replace

from audit.entry import Act, Action, Group, Outcome, SubjectRef
from audit.event_id import uuid7
from audit.log import AuditLog
from database.engine import Database
from database.transaction import Transaction
from dsar.desk import store
from dsar.desk.reasons import Category, Party
from dsar.desk.record import Record
from dsar.desk.requests import RequestDesk
from dsar.desk.words import SealedWords, Words
from dsar.ports import Sealed, SubjectDirectory, Subjects
from dsar.request import By, Level, RequestState
from dsar.right import Requester, Right
from work.replay import Replay

RECEIVE = "receive"
_TWINS = frozenset(Right) - {Right.COMPLAINT, Right.EXPLANATION, Right.RECTIFICATION}
"""Rights of which a second request says nothing that the first has not said."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What somebody asks. `subject` is the platform's id of the person, or the vault's number where it is known already.
    `evidence` counts what a complaint brings along; `level` is how surely the requester is known at this moment."""

    subject: str | int
    right: Right
    regime: str
    requester: Requester = Requester.SELF
    channel: str = "app"
    locale: str = "zh-Hans"
    purposes: tuple[str, ...] = ()
    words: Words | None = None
    category: Category | None = None
    accountable: Party | None = None
    evidence: int = 0
    level: Level = Level.NONE


@dataclass(frozen=True, slots=True)
class _Who:
    number: int | None
    ref: SubjectRef | None
    name: bytes


class Intake:
    """The use case behind `POST /v1/requests`."""

    def __init__(
        self,
        database: Database,
        subjects: Subjects,
        log: AuditLog,
        desk: RequestDesk,
        words: SealedWords,
        nudge: Callable[[], None],
    ) -> None:
        self._database = database
        self._subjects = subjects
        self._log = log
        self._desk = desk
        self._words = words
        self._nudge = nudge

    def open(self, tenant: int, asked: Asked, by: By, replay: Replay | None = None) -> Record:
        """Take a request; durable when this returns. A second one of the same person for the same is kept as the duplicate of the
        first while that is open.

        Raises:
            RegimeNotKnownError: there is no such regime.
            RightNotKnownError: it does not know the right.
            IdempotencyMismatchError: the replay's key was used with another body.
        """
        self._desk.clocks.named(asked.regime).times(asked.right)
        id_ = uuid7(by.at)
        sealed = self._words.sealed(tenant, id_, asked.words) if asked.words else None

        def attempt(directory: SubjectDirectory) -> Record:
            def work(tx: Transaction) -> Record:
                earlier = None if replay is None else replay.earlier(tx, directory.mac, by.at)
                if earlier is not None:
                    kept = uuid.UUID(hex=str(earlier[0]))
                    return Record.of(tx.one(store.REQUEST, tenant=tenant, id=kept.bytes))
                who = _who(tx, directory, asked.subject, by.at)
                record = self._taken(tx, self._record(tenant, id_, asked, who, by), who, sealed, by)
                if replay is not None:
                    replay.keep(tx, directory.mac, [record.id.hex], by.at)
                return record

            return self._database.write(tenant, work)

        taken = self._subjects.using(tenant, attempt)
        self._nudge()
        return taken

    def _taken(self, tx: Transaction, record: Record, who: _Who, sealed: Sealed | None, by: By) -> Record:
        """Write a request with its first note, and have its receipt confirmed."""
        twin = self._twin(tx, record)
        if twin is not None:
            told = replace(record, state=RequestState.DUPLICATE, twin=twin, reasons=("duplicate",))
            record = self._desk.clocks.settled(told, by.at)
        columns = record.columns
        tx.insert(store.INSERT_REQUESTS, [tuple(columns[name] for name in store.COLUMNS)])
        if sealed is not None and twin is None:
            tx.insert(store.INSERT_WORDS, [(record.tenant, record.id.bytes, *sealed)])
        self._desk.keep(tx, record, RECEIVE, by, "duplicate" if twin else None)
        subjects = [] if who.ref is None else [who.ref]
        group = Group(Outcome.DONE, kind=record.right.value, refs=[record.request.ref], subjects=subjects)
        self._log.append(tx, Act(Action.DSAR_RECEIVE, by.actor, record.tenant, by.at, by.call, [group]))
        self._desk.tell(tx, record, "request_received", by.at)
        return record

    def _twin(self, tx: Transaction, record: Record) -> uuid.UUID | None:
        """The open request for the same. Of two at once, the second meets the key of the first, and finds it when run again."""
        if record.name is None:
            return None
        row = tx.one(
            store.TWIN,
            tenant=record.tenant,
            name=record.name,
            claim=record.right.value,
            purposes=" ".join(record.purposes),
        )
        return None if row is None else uuid.UUID(bytes=bytes(row[0]))

    def _record(self, tenant: int, id_: uuid.UUID, asked: Asked, who: _Who, by: By) -> Record:
        regime = self._desk.clocks.named(asked.regime)
        acknowledge = regime.acknowledge_by(asked.right, by.at)
        due = regime.due(asked.right, by.at, extended=False, stood=0)
        return self._desk.clocks.looked(
            Record(
                tenant=tenant,
                id=id_,
                right=asked.right,
                regime=asked.regime,
                requester=asked.requester,
                channel=asked.channel,
                subject=who.number,
                name=who.name if asked.right in _TWINS else None,
                state=RequestState.RECEIVED,
                level=asked.level,
                locale=asked.locale,
                purposes=tuple(sorted(set(asked.purposes))),
                evidence=asked.evidence,
                category=asked.category,
                accountable=asked.accountable,
                received_at=by.at,
                started_at=by.at,
                acknowledge_by=None if acknowledge is None else acknowledge.at,
                due_at=due.at,
                certain=due.certain and (acknowledge is None or acknowledge.certain),
                asked_by=by.actor.id,
            )
        )


def _who(tx: Transaction, directory: SubjectDirectory, subject: str | int, at: int) -> _Who:
    """Who is meant, with a keyed fingerprint that is theirs whether they are known or not."""
    if isinstance(subject, int):
        found = directory.by_number(tx, [subject], at).get(subject)
    else:
        found = directory.find(tx, [subject], at).get(subject)
    number = None if found is None else found.number
    name = f"name:{subject}" if number is None else f"number:{number}"
    mac = directory.mac.digest(name.encode(), label=b"dsar-request-name/v1")
    return _Who(number, None if found is None else found.ref, mac)
