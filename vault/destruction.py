"""Destroying a person's key, in an order that neither a crash nor an old copy of the database can undo.

    1. intent    a row that says whose key is to be destroyed, made by `vault.shredding`
    2. line      the shred ledger says it, on the disk outside the database
    3. destroy   the DEK and every row that it sealed; others who keep rows of the person let go of them; the receipt is
                 filled in, and the database notes how far into the ledger it has come

Step 3 is one transaction. A start finishes what an earlier process left after step 1 or 2. A database that was put back from a
copy is behind the ledger, and a start does step 3 again for every line that it has not seen, before any key can be used.
"""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import NamedTuple

from audit.entry import Act, Action, Actor, ActorKind, Group, Outcome
from audit.event_id import uuid7
from audit.log import AuditLog
from database.columns import millis
from database.engine import Database
from database.transaction import Transaction
from vault import store
from vault.errors import LedgerError
from vault.ledger_line import Event, Line, LineKind, Position, erasure
from vault.ports import ErasureListener
from vault.shred_ledger import ShredLedger

ERASED = "erased"
"""The state of a person whose key was destroyed."""

FROZEN = "frozen"
"""The state of a person whose key is being destroyed, and of one whose data was frozen otherwise."""

Note = Callable[[Transaction, int], None]
"""Writes the log's entry of a destruction, in its transaction, with its time."""


class Receipt(NamedTuple):
    """What is kept of a destroyed key: when, the version of the KEK that had wrapped it, and its line in the ledger; 0 where
    there is none."""

    destroyed_at: int
    kek: int
    line: int


def begin_destruction(tx: Transaction, tenant: int, number: int, reason: str, at: int) -> None:
    """Step 1, in the caller's transaction, which holds the person's row: from its commit on nothing of the person can be used."""
    if tx.one(store.SHREDDING, tenant=tenant, subject=number) is None:
        tx.insert(store.INSERT_SHREDDINGS, [(tenant, number, reason, at)])
    tx.run(store.SET_SUBJECT_STATE, tenant=tenant, subject=number, state=FROZEN)


class Destruction:
    """Destroys keys by the ledger. One for each process; `listeners` hear of each erasure."""

    def __init__(
        self,
        database: Database,
        ledger: ShredLedger,
        log: AuditLog,
        now: Callable[[], datetime],
        listeners: Sequence[ErasureListener] = (),
    ) -> None:
        self._database = database
        self.ledger = ledger
        self._log = log
        self._now = now
        self._listeners = listeners

    def run(self, tenant: int, number: int, reason: str, note: Note) -> Receipt:
        """Do steps 2 and 3 for a person whose intent is there; a DEK that was exchanged meanwhile gets a line of its own.

        Raises:
            LedgerError: the ledger is not what it was; nothing was destroyed.
            OSError: it could not be written; nothing was destroyed.
        """
        while True:
            dek = self._database.read(tenant, lambda tx: tx.one(store.DEK_OF, tenant=tenant, subject=number))
            version = dek[0] if dek else 0
            at = millis(self._now())
            line = self.ledger.append(
                erasure(tenant=tenant, subject=number, version=version, at=at, reason=reason),
            )

            def work(tx: Transaction, line: Line = line) -> Receipt | None:
                return self._finish(tx, line, note)

            done = self._database.write(tenant, work)
            if done is not None:
                return done

    def catch_up(self) -> int:
        """Bring the database to the end of the ledger, and finish what was begun; tells how many keys were destroyed.

        Raises:
            LedgerError: the ledger is not that of this database, or not whole; nothing was changed.
        """
        known = self._database.read(None, lambda tx: tx.one(store.LEDGER_HEAD))
        if known is None and self.ledger.untouched():
            self.ledger.create()
        self.ledger.open()
        if known is None:
            known = self._begin()
        ledger, lines, digest = known
        if bytes(ledger) != self.ledger.key.ledger:
            raise LedgerError("other_database")
        self.ledger.require(Position(lines, bytes(digest)))
        return sum(self._again(line) for line in self.ledger.lines(lines)) + self._resume()

    def check(self) -> None:
        """Make sure that the ledger is still there and goes as far as the database.

        Raises:
            LedgerError: it does not.
        """
        self.ledger.advance()
        known = self._database.read(None, lambda tx: tx.one(store.LEDGER_HEAD))
        if known is None or bytes(known[0]) != self.ledger.key.ledger:
            raise LedgerError("other_database")
        self.ledger.require(Position(known[1], bytes(known[2])))

    def _begin(self) -> tuple[bytes, int, bytes]:
        """A database that has seen no ledger begins at the start of this one."""
        first = self.ledger.start

        def work(tx: Transaction) -> None:
            tx.run(store.INSERT_LEDGER_HEAD, ledger=self.ledger.key.ledger, lines=first.lines, digest=first.digest)

        self._database.write(None, work)
        return self.ledger.key.ledger, first.lines, first.digest

    def _resume(self) -> int:
        unfinished = self._database.read(None, lambda tx: tx.all(store.UNFINISHED_SHREDDINGS))
        for tenant, number, reason in unfinished:
            self.run(tenant, number, reason, self._noted(tenant))
        return len(unfinished)

    def _again(self, line: Line) -> bool:
        """Do step 3 for a line that this database has not seen; whether there was anything to destroy."""
        event, note = line.event, self._noted(line.event.tenant)
        if event.kind is not LineKind.ERASURE:
            self._database.write(None, lambda tx: _move(tx, line))
            return False

        def work(tx: Transaction) -> bool:
            subject = tx.one(store.SUBJECT_TO_DESTROY, tenant=event.tenant, subject=event.subject)
            dek = tx.one(store.DEK_OF, tenant=event.tenant, subject=event.subject)
            if subject is None or subject[0] == ERASED or (dek is not None and dek[0] > event.version):
                _move(tx, line)
                return False
            if tx.one(store.SHREDDING, tenant=event.tenant, subject=event.subject) is None:
                tx.insert(store.INSERT_SHREDDINGS, [(event.tenant, event.subject, event.code, event.at)])
            return self._finish(tx, line, note) is not None

        return self._database.write(event.tenant, work)

    def _finish(self, tx: Transaction, line: Line, note: Note) -> Receipt | None:
        """Step 3; None where the DEK is not the one that the line names."""
        event = line.event
        tenant, number = event.tenant, event.subject
        tx.one(store.SUBJECT_TO_DESTROY, tenant=tenant, subject=number)
        dek = tx.one(store.DEK_OF, tenant=tenant, subject=number)
        if dek is not None and dek[0] > event.version:
            return None
        kek = dek[1] if dek else 0
        receipt = Receipt(event.at, kek, line.position.lines)
        if not tx.run(
            store.FINISH_SHREDDING, tenant=tenant, subject=number, at=event.at, kek=kek, line=line.position.lines
        ):
            at, kek, number_of_line = tx.one(store.RECEIPT, tenant=tenant, subject=number) or receipt
            return Receipt(at, kek or 0, number_of_line or 0)
        _destroy(tx, event, self._listeners)
        _move(tx, line)
        note(tx, event.at)
        return receipt

    def _noted(self, tenant: int) -> Note:
        """The entry of a destruction that the service does by itself."""

        def note(tx: Transaction, _at: int) -> None:
            now = millis(self._now())
            done = [Group(Outcome.DONE)]
            act = Act(Action.SUBJECT_SHRED, Actor(ActorKind.SYSTEM), tenant, now, str(uuid7(now)), done)
            self._log.append(tx, act)

        return note


def _destroy(tx: Transaction, event: Event, listeners: Sequence[ErasureListener]) -> None:
    for statement in (
        store.DELETE_DEK,
        store.DELETE_REPLAYS_OF,
        store.FORGET_COURIER,
        store.FORGET_CUSTOMER,
        store.FORGET_MERCHANT,
        store.DELETE_RECORDS_OF,
        store.ERASE_SUBJECT,
    ):
        tx.run(statement, tenant=event.tenant, subject=event.subject)
    for listener in listeners:
        listener.erased(tx, event.tenant, event.subject, event.at)


def _move(tx: Transaction, line: Line) -> None:
    """Note that this database has come as far as a line."""
    tx.run(store.MOVE_LEDGER_HEAD, lines=line.position.lines, digest=line.position.digest)
