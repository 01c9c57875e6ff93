"""Recording that consents have run out.

No answer waits for it: a consent allows nothing from its `valid_until` on, recorded or not. The event is for the history and for
whoever follows changes.
"""

from collections.abc import Callable, Sequence
from datetime import datetime

from audit.entry import Actor, ActorKind
from audit.event_id import uuid7
from audit.log import AuditLog
from consent.ports import ConsentListener, SubjectDirectory, Subjects
from consent.records import store
from consent.records.caller import Caller, micros
from consent.records.ledger import Ledger
from consent.records.standing import GRANTS, State
from database.engine import Database
from database.transaction import Transaction

AT_ONCE = 500


class Expiry:
    """Notes the consents of all tenants that have run out."""

    def __init__(
        self,
        database: Database,
        subjects: Subjects,
        log: AuditLog,
        now: Callable[[], datetime],
        listeners: Sequence[ConsentListener] = (),
    ) -> None:
        self._database = database
        self._subjects = subjects
        self._log = log
        self._now = now
        self._listeners = listeners

    def run(self, at: int) -> int:
        """Note what has run out by `at`, in milliseconds since the epoch; tells how many consents that were."""
        noted = 0
        while True:
            ended = self._database.read(None, lambda tx: tx.all(store.RUN_OUT, at=at, limit=AT_ONCE))
            places: dict[int, list[tuple[int, str]]] = {}
            for tenant, number, purpose in ended:
                places.setdefault(tenant, []).append((number, purpose))
            noted += sum(self._note(tenant, listed, at) for tenant, listed in places.items())
            if len(ended) < AT_ONCE:
                break
        if noted:
            for listener in self._listeners:
                listener.committed()
        return noted

    def _note(self, tenant: int, places: Sequence[tuple[int, str]], at: int) -> int:
        def attempt(directory: SubjectDirectory) -> int:
            return self._database.write(tenant, lambda tx: self._end(tx, directory, tenant, places, at))

        return self._subjects.using(tenant, attempt)

    def _end(
        self, tx: Transaction, directory: SubjectDirectory, tenant: int, places: Sequence[tuple[int, str]], at: int
    ) -> int:
        instant = micros(self._now())
        caller = Caller(tenant, Actor(ActorKind.SYSTEM), str(uuid7(instant // 1000)))
        people = directory.by_number(tx, sorted({number for number, _ in places}), at)
        ledger = Ledger(tx, caller, people.values(), instant, expected=len(places))
        ended = 0
        for number, purpose in places:
            standing = ledger.held[number].standings.get(purpose)
            if standing is not None and standing.state in GRANTS and not standing.grants(at):
                ledger.end(people[number], purpose, State.EXPIRED)
                ended += 1
        ledger.write(self._log, self._listeners)
        return ended
