"""What becomes of traces by themselves: they end some time after their last position, unless a legal hold keeps them."""

from functools import partial

from audit.entry import Act, Action, Actor, ActorKind, Group, Outcome, Reason
from audit.event_id import uuid7
from database.transaction import Row, Transaction
from vault.inner_keys.keeping import destroy_key
from vault.means import Means
from vault.rights.ports import UseHolds
from vault.traces import store
from vault.traces.holding import POSITION, PURPOSE

AT_ONCE = 200
HELD_MS = 86_400_000
"""A trace that is held is looked at again after a day."""


class TraceSweep:
    """Destroys the keys of traces that have ended, and with them the traces."""

    def __init__(self, means: Means, holds: UseHolds) -> None:
        self._means = means
        self._holds = holds

    def sweep(self, at: int) -> int:
        """Tells how many traces went."""
        swept = 0
        rows = self._means.database.read(None, lambda tx: tx.all(store.EXPIRED_TRACKS, at=at, limit=AT_ONCE))
        for tenant in dict.fromkeys(row[0] for row in rows):
            of_tenant = [row[1:] for row in rows if row[0] == tenant]
            end = partial(self._end, tenant=tenant, found=of_tenant, at=at)
            swept += self._means.database.write(tenant, end)
        return swept

    def _end(self, tx: Transaction, *, tenant: int, found: list[Row], at: int) -> int:
        gone = 0
        for number, key, courier, ref in found:
            if self._holds.held(tx, tenant, courier, [(POSITION, PURPOSE, ref)]):
                tx.run(store.PUT_OFF, tenant=tenant, id=number, until=at + HELD_MS)
            else:
                destroy_key(tx, tenant, key)
                gone += 1
        if gone:
            group = Group(Outcome.DONE, Reason.EXPIRED, kind="geo", count=gone)
            self._means.log.append(
                tx, Act(Action.TRACE_EXPIRE, Actor(ActorKind.SYSTEM), tenant, at, str(uuid7(at)), [group])
            )
        return gone
