"""Changing a binding that is live: who is behind the number, how long, and what is allowed.

Whoever comes is given the number only if it is free for them, and whoever goes keeps a route that cools: their calls are told
that the order has ended, and they do not meet whoever comes after them.
"""

from dataclasses import replace
from typing import Any

from audit.entry import Reason
from database.transaction import Transaction
from masking.relay import store
from masking.relay.bound import CALL_SECONDS_AT_MOST, CREW_AT_MOST, Bound, By, Change
from masking.relay.errors import (
    BindingEndedError,
    DurationError,
    ModeFieldsError,
    NumberTakenError,
    PartyError,
    SelfBindingError,
    VersionConflictError,
)
from masking.relay.mode import SHAPES
from masking.relay.people import known_people
from masking.relay.pool import Pool
from masking.relay.ports import Directory, PartyName
from masking.relay.seat import Cast, Party, Seat, seats


class Changing:
    """Changes bindings in the caller's transaction."""

    def changed(self, tx: Transaction, directory: Directory, by: By, binding: int, change: Change) -> Bound:
        """The binding as it is now. Raises as `masking.relay.binding.Bindings.change`."""
        seen = Bound.of(tx.one(store.BINDING, tenant=by.tenant, id=binding))
        parties = self._people(tx, directory, by, change)
        bound = Bound.of(tx.one(store.BINDING_TO_CHANGE, tenant=by.tenant, id=seen.id))
        pool = Pool.of(tx.one(store.POOL, tenant=by.tenant, id=bound.pool))
        self._check(bound, pool, by, change)
        cast = self._cast(tx, by, bound)
        new = self._new_cast(bound, cast, change, parties)
        after = self._after(bound, by, change, new)
        if new != cast:
            self._reseat(tx, by, pool, bound, (cast, new))
        tx.run(
            store.CHANGE_BINDING,
            tenant=by.tenant,
            id=after.id,
            a=after.a,
            b=after.b,
            direction=after.direction.value,
            texts=after.texts,
            record=after.record,
            max_seconds=after.max_seconds,
            expires_at=after.expires_at,
        )
        return replace(after, version=bound.version + 1)

    def _check(self, bound: Bound, pool: Pool, by: By, change: Change) -> None:
        if not bound.live(by.at):
            raise BindingEndedError
        if change.version is not None and change.version != bound.version:
            raise VersionConflictError
        shape = SHAPES[bound.mode]
        if change.b is not None and shape.has_b is False:
            raise ModeFieldsError("b")
        if change.crew and (not shape.has_group or len(change.crew) > CREW_AT_MOST):
            raise ModeFieldsError("crew")
        if change.lasts is not None and not 0 < change.lasts <= pool.lasts_at_most:
            raise DurationError
        if change.max_seconds is not None and not 0 < change.max_seconds <= CALL_SECONDS_AT_MOST:
            raise DurationError

    def _people(self, tx: Transaction, directory: Directory, by: By, change: Change) -> dict[PartyName, Party]:
        named = {} if change.b is None else {"b": change.b}
        named |= {f"crew.{place}": one for place, one in enumerate(change.crew)}
        known = known_people(tx, directory, by, list(named.values()))
        for field, name in named.items():
            one = known[name]
            if isinstance(one, Reason):
                raise PartyError(field, one.value)
        return {name: one.party for name, one in known.items() if not isinstance(one, Reason)}

    def _cast(self, tx: Transaction, by: By, bound: Bound) -> Cast:
        """Who is in the binding. Whoever was erased is not."""
        ids = [one for one in (bound.a, bound.b) if one is not None]
        rows = tx.all(store.PARTIES_BY_ID, rows=[(one,) for one in ids], tenant=by.tenant)
        found = {number: Party(number, bytes(fingerprint)) for number, fingerprint, _ in rows}
        crew = tx.all(store.MEMBERS, tenant=by.tenant, crew=bound.crew) if bound.crew else []
        return Cast(
            a=found.get(bound.a or 0),
            b=found.get(bound.b or 0),
            crew=[Party(number, bytes(fingerprint)) for number, fingerprint in crew],
        )

    def _new_cast(self, bound: Bound, cast: Cast, change: Change, parties: dict[PartyName, Party]) -> Cast:
        b = cast.b if change.b is None else parties[change.b]
        crew = [parties[name] for name in change.crew] if change.crew else list(cast.crew)
        a = cast.a
        if bound.crew is not None and cast.a not in crew:
            a = crew[0]
        people = [*crew, b] if bound.crew is not None else [a, b]
        prints = [one.fingerprint for one in people if one is not None]
        if len(set(prints)) < len(prints):
            raise SelfBindingError
        crew.sort(key=lambda one: one.id)
        return Cast(a=a, b=b, crew=crew)

    def _after(self, bound: Bound, by: By, change: Change, cast: Cast) -> Bound:
        return replace(
            bound,
            a=None if cast.a is None else cast.a.id,
            b=None if cast.b is None else cast.b.id,
            direction=bound.direction if change.direction is None else change.direction,
            texts=bound.texts if change.texts is None else change.texts,
            record=bound.record if change.record is None else change.record,
            max_seconds=bound.max_seconds if change.max_seconds is None else change.max_seconds,
            expires_at=bound.expires_at if change.lasts is None else by.at + change.lasts,
        )

    def _reseat(self, tx: Transaction, by: By, pool: Pool, bound: Bound, casts: tuple[Cast, Cast]) -> None:
        """Cool the routes of those who go, lead the others to whoever is there now, and make those of who comes."""
        before, after = (
            {(seat.dialled, seat.key): seat for seat in seats(bound.mode, cast, bound.extension)} for cast in casts
        )
        numbers = {"x": bound.x, "y": bound.y}
        where: dict[str, Any] = {"tenant": by.tenant, "binding": bound.id}
        for place, seat in before.items():
            if place not in after:
                number = numbers[seat.dialled]
                tx.run(store.COOL_ONE, **where, number=number, caller=seat.key, until=by.at + pool.cool)
        for side, target in {seat.side: seat.target for seat in after.values()}.items():
            tx.run(store.REDIRECT, **where, side=side.value, target=target)
        new = [seat for place, seat in after.items() if place not in before]
        for seat in new:
            self._make(tx, by, bound, seat, numbers)
        self._members(tx, by, bound, casts)

    def _make(self, tx: Transaction, by: By, bound: Bound, seat: Seat, numbers: dict[str, int | None]) -> None:
        number = numbers[seat.dialled]
        place: dict[str, Any] = {"tenant": by.tenant, "number": number, "caller": seat.key}
        # Whoever comes back to a binding that they were taken out of may have its number again: it is theirs still.
        tx.run(store.DELETE_COOLED, **place, at=by.at, again=bound.id)
        if tx.one(store.ROUTE_THERE, **place) is not None:
            raise NumberTakenError
        tx.insert(
            store.INSERT_ROUTES,
            [
                (
                    by.tenant,
                    number,
                    seat.key,
                    bound.id,
                    seat.party,
                    seat.side.value,
                    seat.target,
                    numbers[seat.shown],
                    None,
                )
            ],
        )

    def _members(self, tx: Transaction, by: By, bound: Bound, casts: tuple[Cast, Cast]) -> None:
        before, after = ({one.id for one in cast.crew} for cast in casts)
        for gone in sorted(before - after):
            tx.run(store.DELETE_MEMBER, tenant=by.tenant, crew=bound.crew, party=gone)
        tx.insert(store.INSERT_MEMBERS, [(by.tenant, bound.crew, one) for one in sorted(after - before)])
