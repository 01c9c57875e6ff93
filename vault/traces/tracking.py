"""Taking positions of a courier who has an order, and showing them.

Taken are positions of the courier who has the order, while it runs. The customer of the order sees where that courier is, exactly
and only while the order runs: not where they went before, and nothing afterwards. Everybody else sees cells (`position`), as long
as there is anything.
"""

from collections.abc import Sequence
from dataclasses import replace
from typing import NamedTuple

from audit.entry import Action, Behalf, Reason
from database.transaction import Transaction
from vault import policy
from vault.access import Acting, Caller
from vault.handover.order import Parties, parties
from vault.handover.stage import ref_of
from vault.idempotency import keep
from vault.identifier import KINDS
from vault.inner_keys.keeping import make_key, open_key
from vault.keyring import TenantKeys
from vault.means import Means
from vault.order_call import OrderCall
from vault.policy import View
from vault.subject import OpenSubject
from vault.traces import store
from vault.traces.position import Cell, Position, cells
from vault.traces.track import Track, add, opened
from vault.usable import PURPOSE, Use, refuse
from work.replay import Replay

GEO = KINDS["geo"]
BATCHES_AT_MOST = 500
"""Batches of a track: one each ten seconds for more than an hour."""

RECENT_MS = 900_000
"""A courier's position that is older is not shown to the customer."""


class Seen(NamedTuple):
    """What a caller sees: positions, newest first, or cells in order."""

    positions: Sequence[Position] = ()
    cells: Sequence[Cell] = ()


class Tracking:
    """The use cases behind `/v1/orders/{order}/positions`. A track is kept for `life_ms` after its last batch."""

    def __init__(self, means: Means, *, life_ms: int) -> None:
        self._means = means
        self._life_ms = life_ms
        self._exact = Use(means, kind=GEO.name, sensitive=True, view=View.PLAIN.value)
        self._coarse = Use(means, kind=GEO.name, sensitive=True, view=View.MASKED.value)

    def record(
        self, caller: Caller, order: str, courier: str, positions: Sequence[Position], replay: Replay | None = None
    ) -> None:
        """Store a batch of positions, once for a repeated `replay`.

        Raises:
            DeniedError: the policy does not let the caller store positions; the courier has not the order, it does not run, or as
                many batches are stored as may be; or the courier's data may not be used.
            SubjectErasedError: the courier was erased.
        """
        at, ref = self._means.at(), ref_of(order)

        def work(tx: Transaction, keys: TenantKeys) -> Reason | None:
            if replay is not None and replay.earlier(tx, keys.idempotency, at) is not None:
                return None
            refusal = self._means.access.ruling(
                caller, policy.Action.TOKENIZE, GEO, purpose=PURPOSE, ref=ref, view=View.PLAIN
            )
            found = parties(tx, caller.tenant, order, lock=True)
            person = refusal or self._carrier(tx, keys, caller.tenant, courier, found, at)
            if isinstance(person, OpenSubject):
                held = self._means.subjects.opened_for_writing(tx, keys, caller.tenant, [courier], at)[courier]
                person = held if isinstance(held, Reason) else self._stored(tx, caller.tenant, held, ref, positions, at)
            run = OrderCall(
                self._means, tx, keys, caller, order, at, Action.POSITION_WRITE, purpose=PURPOSE, kind=GEO.name
            )
            if isinstance(person, Reason):
                return run.refused(person)
            run.done([person])
            if replay is not None:
                keep(tx, keys, replay, [], [person.number], at)
            return None

        if (refused := self._means.write(caller.tenant, work)) is not None:
            refuse(refused)

    def look(self, caller: Caller, order: str, *, purpose: str, limit: int) -> Seen:
        """What of an order's traces the caller may see. One who acts for a customer sees up to `limit` of the newest positions.

        Raises:
            DeniedError: the policy does not let the caller see cells for this purpose; or it acts for somebody who is not the
                customer of the order, or of one that does not run; or the courier's data may not be used.
            NotFoundError: there is nothing of this order.
        """
        at = self._means.at()

        def work(tx: Transaction, keys: TenantKeys) -> Seen | Reason:
            run = OrderCall(
                self._means, tx, keys, caller, order, at, Action.POSITION_READ, purpose=PURPOSE, kind=GEO.name
            )
            if caller.acting is None:
                return self._for_others(replace(run, purpose=purpose, view=View.MASKED.value))
            return self._for_customer(replace(run, view=View.PLAIN.value), caller.acting, limit=limit)

        seen = self._means.write(caller.tenant, work)
        if isinstance(seen, Reason):
            refuse(seen)
        assert isinstance(seen, Seen)
        return seen

    def _carrier(
        self, tx: Transaction, keys: TenantKeys, tenant: int, courier: str, found: Parties | None, at: int
    ) -> OpenSubject | Reason:
        """The courier who has the order now."""
        row = self._means.subjects.find(tx, keys, tenant, courier)
        if row is None or found is None or found.courier != row.number:
            return Reason.NOT_ASSIGNED
        return self._exact.of(tx, keys, tenant, row.number, at) if found.running else Reason.ORDER_ENDED

    def _stored(
        self, tx: Transaction, tenant: int, person: OpenSubject, ref: str, positions: Sequence[Position], at: int
    ) -> OpenSubject | Reason:
        row = tx.one(store.TRACK_TO_EXTEND, tenant=tenant, ref=ref, courier=person.number)
        expires_at = at + self._life_ms
        if row is None:
            key_number, key = make_key(tx, tenant, person, at)
            (number,) = tx.reserve("track", 1)
            track = Track(number, ref, person.number, key_number, 0, at, at, expires_at)
            tx.insert(store.INSERT_TRACKS, [(number, tenant, ref, person.number, key_number, 1, at, at, expires_at)])
        else:
            track = Track(*row)
            found = open_key(tx, tenant, person, track.key)
            if found is None:
                return Reason.INTEGRITY
            if track.batches >= BATCHES_AT_MOST:
                return Reason.RATE
            key = found
            tx.run(
                store.EXTEND_TRACK, tenant=tenant, id=track.id, batches=track.batches + 1, at=at, expires_at=expires_at
            )
        add(tx, tenant, track, key, positions)
        return person

    def _for_customer(self, run: OrderCall, acting: Acting, *, limit: int) -> Seen | Reason:
        tx, tenant = run.tx, run.tenant
        row = self._means.subjects.find(tx, run.keys, tenant, acting.subject)
        ref = None if row is None else self._means.subjects.opened(run.keys, tenant, row, run.at).ref
        run = replace(run, behalf=Behalf(acting.role, ref))
        found = parties(tx, tenant, run.order)
        if row is None or found is None or found.customer != row.number:
            return run.refused(Reason.NOT_PARTY)
        if not found.running or found.courier is None:
            return run.refused(Reason.ORDER_ENDED)
        person = self._exact.of(tx, run.keys, tenant, found.courier, run.at)
        if isinstance(person, Reason):
            return run.refused(person)
        newest: list[Position] = []
        for track in _tracks(run):
            key = open_key(tx, tenant, person, track.key) if track.courier == person.number else None
            if key is not None:
                rows = tx.all(store.LAST_BATCHES, tenant=tenant, track=track.id, limit=limit)
                newest += opened(tenant, track.id, key, rows)
        run.done([person])
        shown = sorted((one for one in newest if run.at - RECENT_MS < one.at), key=lambda one: -one.at)
        return Seen(positions=shown[:limit])

    def _for_others(self, run: OrderCall) -> Seen | Reason:
        refusal = self._means.access.ruling(
            run.caller, policy.Action.DETOKENIZE, GEO, purpose=run.purpose or "", ref=run.ref, view=View.MASKED
        )
        tracks = [] if refusal else _tracks(run)
        if not tracks:
            return run.refused(refusal or Reason.NOT_FOUND)
        found: list[Cell] = []
        people = []
        for track in tracks:
            person = self._coarse.of(run.tx, run.keys, run.tenant, track.courier, run.at)
            if isinstance(person, Reason):
                return run.refused(person)
            key = open_key(run.tx, run.tenant, person, track.key)
            people.append(person)
            if key is not None:
                rows = run.tx.all(store.BATCHES, tenant=run.tenant, track=track.id)
                found += cells(opened(run.tenant, track.id, key, rows))
        run.done(people)
        return Seen(cells=found)


def _tracks(run: OrderCall) -> list[Track]:
    return [Track(*one) for one in run.tx.all(store.TRACKS_OF_ORDER, tenant=run.tenant, ref=run.ref, at=run.at)]
