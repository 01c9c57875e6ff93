"""Making receipts and records of a person's consents. Each reading is an entry in the log."""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any, TypeVar
from uuid import uuid4

import orjson

from audit.entry import Act, Action, Group, Outcome, Reason
from audit.log import AuditLog
from audit.reader import StoredEntry, entries_of_act
from consent.errors import SubjectNotFoundError
from consent.ports import Editions, Subject, SubjectDirectory, Subjects
from consent.receipts import store
from consent.receipts.facts import Facts, Occurrence
from consent.receipts.gathering import facts_of
from consent.receipts.linked import CONTEXT, linked_record
from consent.receipts.ports import Proofs, ReceiptKeys
from consent.receipts.receipt import Logged, Shape, receipt
from consent.receipts.record import record
from consent.records.caller import Caller, pseudonyms
from database.columns import millis
from database.engine import Database
from database.transaction import Transaction

Answer = TypeVar("Answer")


class Receipts:
    """The use cases behind `GET /v1/subjects/{subject}/consents/{event}/receipt` and `…/consent-records`."""

    def __init__(
        self,
        database: Database,
        subjects: Subjects,
        editions: Editions,
        log: AuditLog,
        now: Callable[[], datetime],
        *,
        proofs: Proofs,
        keys: ReceiptKeys,
    ) -> None:
        self._database = database
        self._subjects = subjects
        self._editions = editions
        self._log = log
        self._proofs = proofs
        self._keys = keys
        self._now = now

    def receipt(self, caller: Caller, platform_id: str, event: int, shape: Shape) -> dict[str, Any]:
        """The signed receipt of one event of the person.

        Raises:
            SubjectNotFoundError: nobody is known by this id, or not any more, or the event is not theirs.
        """
        at = millis(self._now())
        signer = self._keys.signers()[0]

        def look(tx: Transaction, person: Subject) -> tuple[Facts, StoredEntry] | None:
            row = tx.one(store.EVENT, tenant=caller.tenant, subject=person.number, event=event)
            if row is None:
                return None
            facts = facts_of(tx, self._editions, caller.tenant, person, purpose=row[0], epoch=row[1])
            return facts, _entry(tx, caller.tenant, facts.latest)

        facts, stored = self._look(caller, platform_id, at, look)
        return receipt(facts, self._logged(stored), shape, signer, number=uuid4(), at=at)

    def records(self, caller: Caller, platform_id: str, shape: Shape) -> list[dict[str, Any]]:
        """The records of all the person's consents, one for each purpose.

        Raises:
            SubjectNotFoundError: nobody is known by this id, or not any more.
        """

        def look(tx: Transaction, person: Subject) -> list[Facts]:
            latest = tx.all(store.LATEST_OF_PURPOSES, tenant=caller.tenant, subject=person.number)
            return [
                facts_of(tx, self._editions, caller.tenant, person, purpose=purpose, epoch=epoch)
                for purpose, epoch in latest
            ]

        found = self._look(caller, platform_id, millis(self._now()), look)
        if shape is Shape.JSON:
            return [record(facts) for facts in found]
        return [{"@context": CONTEXT, **linked_record(facts)} for facts in found]

    def publics(self) -> Sequence[bytes]:
        """The public keys of all keys that ever signed receipts, the newest first."""
        return self._keys.publics()

    def _look(
        self, caller: Caller, platform_id: str, at: int, look: Callable[[Transaction, Subject], Answer | None]
    ) -> Answer:
        def attempt(directory: SubjectDirectory) -> Answer | None:
            def work(tx: Transaction) -> Answer | None:
                person = directory.find(tx, [platform_id], at).get(platform_id)
                found = None if person is None or person.ref is None else look(tx, person)
                refs = pseudonyms(person)
                group = (
                    Group(Outcome.FAILED, Reason.NOT_FOUND, subjects=refs)
                    if found is None
                    else Group(Outcome.DONE, subjects=refs)
                )
                act = Act(Action.CONSENT_READ, caller.actor, caller.tenant, at, caller.request, [group])
                self._log.append(tx, act)
                return found

            return self._database.write(caller.tenant, work)

        answer = self._subjects.using(caller.tenant, attempt)
        if answer is None:
            raise SubjectNotFoundError
        return answer

    def _logged(self, stored: StoredEntry) -> Logged:
        entry = stored.body.decode("ascii")
        proved = None if stored.log is None or stored.leaf is None else self._proofs.of(stored.log, stored.leaf)
        return Logged(entry) if proved is None else Logged(entry, proved.origin, proved.leaf, proved.proof.decode())


def _entry(tx: Transaction, tenant: int, occurrence: Occurrence) -> StoredEntry:
    """The one of the act's entries that has this event."""
    for stored in entries_of_act(tx, tenant, occurrence.act):
        if occurrence.event in orjson.loads(stored.body).get("rows", ()):
            return stored
    raise LookupError("an event has no entry in the log")
