"""Destroying the keys of people of whom no record is left.

In the transaction that deleted the last record an intent is written for each of them, and from then on nothing can be stored for
them; afterwards each key is destroyed as `vault.destruction` does it. A crash in between leaves the intents, which `finish` and
every start take up.
"""

from collections.abc import Callable, Iterable
from datetime import datetime

from audit.entry import Act, Action, Actor, ActorKind, Group, Outcome, Reason
from audit.event_id import uuid7
from audit.log import AuditLog
from database.columns import millis
from database.engine import Database
from database.transaction import Transaction
from vault import store
from vault.destruction import Destruction
from vault.ports import HoldGate
from vault.shredding import ShredReason
from vault.subject import SubjectState
from vault.uses.store import LEFT_WITHOUT, UNFINISHED_SHREDDINGS_OF

AT_ONCE = 100
REASON = ShredReason.RETENTION_EXPIRED.value


class Leaving:
    """People whom nothing keeps any more."""

    def __init__(
        self, database: Database, destruction: Destruction, hold: HoldGate, log: AuditLog, now: Callable[[], datetime]
    ) -> None:
        self._database = database
        self._destruction = destruction
        self._hold = hold
        self._log = log
        self._now = now

    def intend(self, tx: Transaction, tenant: int, subjects: Iterable[int], at: int) -> int:
        """Write the intents for those of these people who have no record left, are not frozen and not held; tells how many those
        are. The caller holds the people's rows."""
        asked = [(one,) for one in sorted(set(subjects))]
        left = [one for (one,) in tx.all(LEFT_WITHOUT, rows=asked, tenant=tenant) if not self._hold.held(tx, one)]
        for one in left:
            if tx.one(store.SHREDDING, tenant=tenant, subject=one) is None:
                tx.insert(store.INSERT_SHREDDINGS, [(tenant, one, REASON, at)])
            tx.run(store.SET_SUBJECT_STATE, tenant=tenant, subject=one, state=SubjectState.FROZEN.value)
        return len(left)

    def finish(self, tenant: int) -> int:
        """Destroy the keys of some whose intent is there, outside any transaction; tells how many, 0 when none is left.

        Raises:
            LedgerError: the shred ledger cannot be relied on; nothing was destroyed.
            OSError: it could not be written.
        """
        rows = self._database.read(
            tenant, lambda tx: tx.all(UNFINISHED_SHREDDINGS_OF, tenant=tenant, reason=REASON, limit=AT_ONCE)
        )
        for (subject,) in rows:
            self._destruction.run(tenant, subject, REASON, self._noted(tenant))
        return len(rows)

    def _noted(self, tenant: int) -> Callable[[Transaction, int], None]:
        def note(tx: Transaction, _at: int) -> None:
            now = millis(self._now())
            done = [Group(Outcome.DONE, Reason.EXPIRED)]
            act = Act(Action.SUBJECT_SHRED, Actor(ActorKind.SYSTEM), tenant, now, str(uuid7(now)), done)
            self._log.append(tx, act)

        return note
