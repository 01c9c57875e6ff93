"""Continuing in a new log after a restore, by the decision of two persons.

The log of a database that was put back cannot go on: what it would sign next contradicts what it has signed. The new log's
first entry says which checkpoint of the old one was the last that anybody knows, and who decided. Whatever of the old log is in
its files or with others stays provable there; acts that the restored database does not have remain in the old log only.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from audit.checkpoint import ED25519, Checkpoint, VerifierKey, open_checkpoint
from audit.directory import LogDirectory
from audit.entry import Act, Action, Actor, Succession
from audit.errors import AuditError, RefusedError
from audit.event_id import uuid7
from audit.log import AuditLog
from audit.merkle import EMPTY_ROOT
from audit.numbering import FencedError, Head
from audit.origin import successor
from audit.ports import Anchor, LogKeys
from audit.store import BEGIN_LOG, ENTRY_OF_ACT, HEAD, INSERT_LEAVES, INSERT_ORIGINS, LATEST_CHECKPOINT
from database.columns import millis
from database.engine import Database
from database.transaction import Transaction

SYSTEM = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Restart:
    """What it takes to open a new log."""

    database: Database
    directory: LogDirectory
    keys: LogKeys
    anchors: Sequence[Anchor]
    now: Callable[[], datetime]

    def begin(self, first: Actor, second: Actor) -> tuple[Checkpoint, str]:
        """Open the next log: the checkpoint that it continues, and its origin.

        Raises:
            RefusedError: both persons are one, there is no log yet, or a checkpoint outside is not this deployment's.
            OSError: an anchor cannot be read.
        """
        if (first.kind, first.id) == (second.kind, second.id):
            raise RefusedError("a restart takes two persons, each with a credential of their own")
        row = self.database.read(None, lambda tx: tx.one(HEAD))
        if row is None:
            raise RefusedError("there is no log yet")
        head = Head(*row)
        known = self._last_known(head)
        at = millis(self.now())
        number = max(head.log, self.directory.latest() or 0) + 1
        origin = head.origin
        for _ in range(number - head.log):
            origin = successor(origin)
        succeeds = Succession(head.log, known.size, known.root.hex())
        event = uuid7(at)
        act = Act(Action.AUDIT_RESTART, first, SYSTEM, at, str(uuid7(at)), approver=second, succeeds=succeeds)

        def work(tx: Transaction) -> None:
            if not tx.run(BEGIN_LOG, log=number, before=head.log):
                raise FencedError
            tx.insert(INSERT_ORIGINS, [(number, origin, at)])
            AuditLog().append(tx, act, event)
            entry = tx.one(ENTRY_OF_ACT, tenant=SYSTEM, act=event.bytes)
            assert entry is not None
            tx.insert(INSERT_LEAVES, [(entry[0], number, 0)])

        self.database.write(None, work)
        return known, origin

    def _last_known(self, head: Head) -> Checkpoint:
        """The largest checkpoint of the log that the database, its files or an anchor has."""
        stored = self.database.read(None, lambda tx: tx.one(LATEST_CHECKPOINT, log=head.log))
        published = self.directory.files(head.log).checkpoint()
        found = [bytes(stored[1])] if stored else []
        found += [] if published is None else [published]
        for anchor in self.anchors:
            found += anchor.checkpoints(head.origin)
        keys = [VerifierKey(head.origin, ED25519, public) for public in self.keys.publics()]
        try:
            known = [open_checkpoint(octets, keys)[0] for octets in found]
        except AuditError as error:
            raise RefusedError(f"a checkpoint was not signed by this deployment's keys: {error}") from None
        return max(known, key=lambda one: one.size, default=Checkpoint(head.origin, 0, EMPTY_ROOT))
