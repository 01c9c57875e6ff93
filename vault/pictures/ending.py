"""What becomes of pictures by themselves: they end with their time, unless a legal hold keeps them."""

from functools import partial

from audit.entry import Act, Action, Actor, ActorKind, Group, Outcome, Reason
from audit.event_id import uuid7
from database.transaction import Row, Transaction
from vault.inner_keys.keeping import destroy_key
from vault.means import Means
from vault.pictures import store
from vault.pictures.picture import FILE
from vault.rights.ports import UseHolds
from vault.usable import PURPOSE

AT_ONCE = 100
HELD_MS = 86_400_000
"""A picture that is held is looked at again after a day."""


class PictureSweep:
    """Destroys the keys of pictures that have ended or never came whole, and with them the pictures."""

    def __init__(self, means: Means, holds: UseHolds) -> None:
        self._means = means
        self._holds = holds

    def sweep(self, at: int) -> int:
        """Tells how many pictures went."""
        swept = 0
        rows = self._means.database.read(None, lambda tx: tx.all(store.EXPIRED_PICTURES, at=at, limit=AT_ONCE))
        for tenant in dict.fromkeys(row[0] for row in rows):
            of_tenant = [row[1:] for row in rows if row[0] == tenant]
            end = partial(self._end, tenant=tenant, found=of_tenant, at=at)
            swept += self._means.database.write(tenant, end)
        return swept

    def _end(self, tx: Transaction, *, tenant: int, found: list[Row], at: int) -> int:
        gone = []
        for number, key, subject, ref in found:
            if self._holds.held(tx, tenant, subject, [(FILE, PURPOSE, ref)]):
                tx.run(store.PUT_OFF, tenant=tenant, id=number, until=at + HELD_MS)
            else:
                destroy_key(tx, tenant, key)
                gone.append(number)
        if gone:
            group = Group(Outcome.DONE, Reason.EXPIRED, kind=FILE, rows=gone)
            self._means.log.append(
                tx, Act(Action.PICTURE_EXPIRE, Actor(ActorKind.SYSTEM), tenant, at, str(uuid7(at)), [group])
            )
        return len(gone)
