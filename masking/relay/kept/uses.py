"""What retention is told of the relay: records of calls, and bindings that are over, each kept of everybody who is in it.

Both serve one purpose. A thing goes with the last use of it: where a hold keeps it of one side, the other side's part ends
and the thing stays. Its place in plans is

    calls       number: the milliseconds of its leg (RFC 9562 section 5.7), which are in the order of legs    part: LEG/SIDE
    bindings    number: its id                                                                              part: SIDE

where SIDE is `a`, `b`, `caller`, `callee`, `member-PARTY`, or empty where nobody is left in it. The ref of a use is the
order's, by which holds keep it. A binding is kept since its end, and while people are told on its numbers that it has ended
nobody looks at it.
"""

from collections.abc import Iterator, Mapping, Sequence
from itertools import islice
from typing import NamedTuple
from uuid import UUID

from database.statement import Statement
from database.transaction import Row, Transaction
from masking.relay.calls.legs import first_leg
from masking.relay.holding import BINDINGS, CALLS, PURPOSE
from masking.relay.kept import store
from masking.relay.seat import PARTY

Place = tuple[int, str, str]
"""A number, a purpose and a part: what names a use, and by which uses are in order."""

_SIDES = {"caller": store.NEUTRALIZE_ONE_CALLER, "callee": store.NEUTRALIZE_ONE_CALLEE}
_NOBODY = 0


class Kept(NamedTuple):
    """A use: whose by the vault's number (0 for nobody's), what, for which order, and since when in milliseconds since the
    epoch."""

    record: int
    subject: int
    kind: str
    purpose: str
    ref: str
    since: int
    part: str
    restricted: bool = False

    @property
    def place(self) -> Place:
        """What names it."""
        return self.record, self.purpose, self.part


class CallUses:
    """The records of calls, in the caller's transaction."""

    kinds = frozenset({CALLS})

    def page(self, tx: Transaction, tenant: int, after: Place, limit: int) -> Sequence[Kept]:
        """The uses that come next after a place."""
        leg = after[2].partition("/")[0]
        first = UUID(leg).bytes if leg else first_leg(after[0])
        rows = tx.all(store.CALLS_KEPT, tenant=tenant, first=first, limit=limit + 1)
        uses = (use for row in rows for use in _of_call(row) if use.place > after)
        return list(islice(uses, limit))

    def present(self, tx: Transaction, tenant: int, places: Sequence[Place]) -> Mapping[Place, Kept]:
        """Those of these uses that are there."""
        legs = sorted({UUID(part.partition("/")[0]).bytes for _, _, part in places})
        rows = tx.all(store.CALLS_PRESENT, rows=[(leg,) for leg in legs], tenant=tenant)
        found = {use.place: use for row in rows for use in _of_call(row)}
        return {place: found[place] for place in places if place in found}

    def end(self, tx: Transaction, tenant: int, places: Sequence[Place]) -> int:
        """Take these sides out of their records; tells how many records went."""
        parts = [part.partition("/") for _, _, part in places]
        for side, statement in _SIDES.items():
            tx.run_each(statement, [_leg(tenant, leg) for leg, _, named in parts if named == side])
        legs = dict.fromkeys(leg for leg, _, _ in parts)
        return tx.run_each(store.DELETE_OF_NOBODY, [_leg(tenant, leg) for leg in legs])


class BindingUses:
    """Bindings that are over and cooled, in the caller's transaction."""

    kinds = frozenset({BINDINGS})

    def page(self, tx: Transaction, tenant: int, after: Place, limit: int) -> Sequence[Kept]:
        """The uses that come next after a place."""
        rows = tx.all(store.BINDINGS_KEPT, tenant=tenant, first=after[0], limit=limit + 1)
        uses = (use for use in self._uses(tx, tenant, rows) if use.place > after)
        return list(islice(uses, limit))

    def present(self, tx: Transaction, tenant: int, places: Sequence[Place]) -> Mapping[Place, Kept]:
        """Those of these uses that are there."""
        numbers = sorted({number for number, _, _ in places})
        rows = tx.all(store.BINDINGS_PRESENT, rows=[(one,) for one in numbers], tenant=tenant)
        found = {use.place: use for use in self._uses(tx, tenant, rows)}
        return {place: found[place] for place in places if place in found}

    def end(self, tx: Transaction, tenant: int, places: Sequence[Place]) -> int:
        """Take these sides out of their bindings, and with the last binding of somebody what the relay knows them by; tells how
        many bindings went."""
        numbers = sorted({number for number, _, _ in places})
        parties = tx.all(store.PARTIES_OF_BINDINGS, rows=[(one,) for one in numbers], tenant=tenant)
        for number, _, side in places:
            _leave(tx, tenant, number, side)
        gone = tx.run_each(store.DELETE_BINDING_OF_NOBODY, [{"tenant": tenant, "id": one} for one in numbers])
        known = {party: bytes(fingerprint) for party, fingerprint in parties}
        unbound = [
            {"tenant": tenant, "id": party, "fingerprint": fingerprint, "key": PARTY + fingerprint}
            for party, fingerprint in sorted(known.items())
        ]
        tx.run_each(store.DELETE_UNBOUND_PARTY, unbound)
        return gone

    def _uses(self, tx: Transaction, tenant: int, rows: Sequence[Row]) -> Iterator[Kept]:
        crews = [(row[0],) for row in rows if row[5] is not None]
        members: dict[int, list[tuple[str, int]]] = {}
        for crew, party, subject in tx.all(store.MEMBERS_OF, rows=crews, tenant=tenant) if crews else ():
            members.setdefault(crew, []).append((f"member-{party:020d}", subject))
        for number, ref, since, a, b, _ in rows:
            sides = [(name, one) for name, one in (("a", a), ("b", b)) if one is not None]
            sides += sorted(members.get(number, []))
            for side, subject in sides or [("", _NOBODY)]:
                yield Kept(number, subject, BINDINGS, PURPOSE, ref or "", since, side)


def _of_call(row: Row) -> list[Kept]:
    leg, at, caller, callee, ref = row
    name = str(UUID(bytes=bytes(leg)))
    number = int.from_bytes(bytes(leg)[:6], "big")
    sides = [(f"{name}/{side}", one) for side, one in (("callee", callee), ("caller", caller)) if one is not None]
    return [Kept(number, one, CALLS, PURPOSE, ref or "", at, part) for part, one in sides or [(name, _NOBODY)]]


def _leg(tenant: int, leg: str) -> dict[str, object]:
    return {"tenant": tenant, "leg": UUID(leg).bytes}


def _leave(tx: Transaction, tenant: int, binding: int, side: str) -> None:
    alone: Mapping[str, Statement] = {"a": store.LEAVE_A, "b": store.LEAVE_B}
    if side in alone:
        tx.run(alone[side], tenant=tenant, id=binding)
    elif side:
        tx.run(store.LEAVE_CREW, tenant=tenant, crew=binding, party=int(side.removeprefix("member-")))
