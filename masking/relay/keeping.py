"""What time and erasure do to bindings: close what has expired, forget what has cooled, and let go of whoever was erased.

Erasure of a person, in the transaction that destroys their key:

1. bindings  theirs end; whoever they were bound to keeps routes that cool
2. numbers   each on which they had a route, live or cooling, rests for as long as that would have cooled: it is given to nobody,
             for it could be given to whoever has the erased person's number, who still dials it. Other bindings on it go on
3. routes    theirs go, and one for anybody stands in their place: a call says that the order has ended
4. party     goes, with blocks and whatever else is keyed by the number

No row keyed by the number remains.
"""

from typing import Any

from database.engine import Database
from database.transaction import Transaction
from masking.relay import store
from masking.relay.bound import Bound
from masking.relay.closing import ERASED, EXPIRED, close
from masking.relay.mode import Side
from masking.relay.pool import DAY_MS, Pool
from masking.relay.ports import CallRecords
from masking.relay.seat import ANYBODY, PARTY

CLOSED_AT_ONCE = 200


class Keeping:
    """The sweep of a deployment."""

    def __init__(self, database: Database, records: CallRecords) -> None:
        self._database = database
        self._records = records

    def sweep(self, at: int) -> int:
        """Close what has expired by `at` and forget what has cooled; how many bindings were closed. Routing does not wait for it:
        it looks at the clock."""
        closed = 0
        while rows := self._database.read(None, lambda tx: tx.all(store.EXPIRED, at=at, limit=CLOSED_AT_ONCE)):
            for tenant, binding in rows:
                closed += self._closed(tenant, binding, at)
            if len(rows) < CLOSED_AT_ONCE:
                break
        self._database.write(None, lambda tx: _forget(tx, at))
        return closed

    def _closed(self, tenant: int, binding: int, at: int) -> bool:
        def work(tx: Transaction) -> bool:
            row = tx.one(store.BINDING_TO_CHANGE, tenant=tenant, id=binding)
            if row is None:
                return False
            bound = Bound.of(row)
            if bound.live(at):  # somebody has made it longer meanwhile
                return False
            pool = Pool.of(tx.one(store.POOL, tenant=tenant, id=bound.pool))
            if not close(tx, tenant, pool, bound, at, EXPIRED):
                return False
            self._records.ended(tx, tenant, binding, bound.expires_at, by_itself=True)
            return True

        return self._database.write(tenant, work)


def _forget(tx: Transaction, at: int) -> None:
    """Routes that have cooled are kept for a day more: by them somebody gets the number last that they had last."""
    tx.run(store.FORGET_COOLED, before=at - DAY_MS)
    tx.run(store.FORGET_BLOCKS, before=at)


class RelayErasure:
    """Lets go of a person whose key is destroyed."""

    def erased(self, tx: Transaction, tenant: int, subject_number: int, at: int) -> None:
        """As `vault.ports.ErasureListener` says."""
        for party, fingerprint in tx.all(store.PARTIES_OF_PERSON, tenant=tenant, subject=subject_number):
            self._leave(tx, tenant, party, bytes(fingerprint), at)

    def _leave(self, tx: Transaction, tenant: int, party: int, fingerprint: bytes, at: int) -> None:
        key = PARTY + fingerprint
        for row in tx.all(store.BINDINGS_OF_PARTY, tenant=tenant, party=party):
            bound = Bound.of(tx.one(store.BINDING_TO_CHANGE, tenant=tenant, id=Bound.of(row).id))
            pool = Pool.of(tx.one(store.POOL, tenant=tenant, id=bound.pool))
            if not self._handed_on(tx, tenant, bound, party):
                close(tx, tenant, pool, bound, at, ERASED)
        for number, binding, cool_until, cool in tx.all(store.ROUTES_OF_CALLER, tenant=tenant, caller=key, party=party):
            until = at + cool if cool_until is None else cool_until
            tx.run(store.DELETE_ROUTE, tenant=tenant, number=number, caller=key, binding=binding)
            if until > at:
                tx.run(store.REST, tenant=tenant, id=number, until=until)
                self._say_ended(tx, tenant, number, binding, until)
        tx.run(store.LEAVE_BINDINGS, tenant=tenant, party=party)
        tx.run(store.DELETE_MEMBERS_OF, tenant=tenant, party=party)
        tx.run(store.DELETE_PARTY, tenant=tenant, id=party)
        if tx.one(store.FINGERPRINT_THERE, tenant=tenant, fingerprint=fingerprint) is None:
            tx.run(store.DELETE_BLOCKS_OF, tenant=tenant, fingerprint=fingerprint)

    def _handed_on(self, tx: Transaction, tenant: int, bound: Bound, party: int) -> bool:
        """Whether a group goes on, with another of its members in charge."""
        if bound.crew is None or bound.a != party or bound.closed_at is not None:
            return False
        others = [one for one, _ in tx.all(store.MEMBERS, tenant=tenant, crew=bound.crew) if one != party]
        if not others:
            return False
        tx.run(store.SET_A, tenant=tenant, id=bound.id, a=others[0])
        tx.run(store.REDIRECT, tenant=tenant, binding=bound.id, side=Side.B.value, target=others[0])
        return True

    def _say_ended(self, tx: Transaction, tenant: int, number: int, binding: int, until: int) -> None:
        place: dict[str, Any] = {"tenant": tenant, "number": number, "caller": ANYBODY}
        if tx.one(store.ROUTE_THERE, **place) is None:
            row = (tenant, number, ANYBODY, binding, None, Side.ANYBODY.value, None, number, until)
            tx.insert(store.INSERT_ROUTES, [row])
        else:
            tx.run(store.LENGTHEN_ANYBODY, **place, until=until)
