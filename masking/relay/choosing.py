"""Choosing the numbers of a binding, and taking them.

Candidates come by masks from what the people hold; a number is taken by a condition on its own row, so that it never serves more
bindings than it may. Where two processes want the last place, one of them looks on.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import islice
from secrets import choice
from typing import Any

from database.transaction import Transaction
from masking.relay import store
from masking.relay.allocation import Held, Sticky, candidates
from masking.relay.bound import By, Wish
from masking.relay.closing import close_expired
from masking.relay.errors import ExhaustedError, NumberTakenError, PartyExhaustedError, PoolExhaustedError
from masking.relay.number import RelayNumber
from masking.relay.pool import Pool, Stock
from masking.relay.seat import ANYBODY, EXTENSION, Cast, Seat, X

CANDIDATES_AT_ONCE = 8


@dataclass(frozen=True, slots=True)
class Taken:
    """The numbers of a binding by what they are in it, the extension, and the routes that are made where one of the same two
    people still cools: by number and caller, the binding that it was."""

    numbers: dict[str, int]
    extension: str | None
    again: dict[tuple[int, bytes], int]


@dataclass(slots=True)
class _Holding:
    """What somebody has in the pool: by bit, until when a number is not theirs again, and which bindings of the same two people
    cool there."""

    held: Held
    until: dict[int, int]
    again: dict[int, int] = field(default_factory=dict)


class Choice:
    """Takes numbers for one binding after another, in one transaction and of one pool."""

    def __init__(self, tx: Transaction, by: By, pool: Pool, stock: Stock) -> None:
        self._tx = tx
        self._by = by
        self._pool = pool
        self._stock = stock

    def take(self, wish: Wish, cast: Cast, seats: Sequence[Seat], *, exclusively: int | None) -> Taken:
        """Numbers on which nobody of `seats` has a route that is live or cools, with room for one binding more. `exclusively` is
        the binding that has its number alone.

        Raises:
            NumberTakenError: the number that was asked for by name is none of them.
            PoolExhaustedError, PartyExhaustedError: there is none.
        """
        try:
            return self._taken(wish, cast, seats, exclusively)
        except ExhaustedError:
            if not close_expired(self._tx, self._by, self._pool):
                raise
        return self._taken(wish, cast, seats, exclusively)

    def _taken(self, wish: Wish, cast: Cast, seats: Sequence[Seat], exclusively: int | None) -> Taken:
        search = _Search(self._tx, self._by, self._pool, self._stock, wish)
        keys: dict[str, list[bytes]] = {}
        for seat in seats:
            if seat.key != ANYBODY:
                keys.setdefault(seat.dialled, []).append(seat.key)
            else:
                keys.setdefault(seat.dialled, [])
        holdings = search.holdings({key for found in keys.values() for key in found}, cast)
        capacity = 1 if exclusively is not None else self._pool.capacity
        while True:
            chosen: dict[str, int] = {}
            for dialled, mine in sorted(keys.items()):  # X first, which may be asked for by name
                chosen[dialled] = search.find(dialled, [holdings[key] for key in mine], capacity, set(chosen.values()))
            extension = None
            if wish.mode.has_extension:
                extension = self._extension(chosen[X])
                if extension is None:
                    search.full.add(chosen[X])
                    continue
            if self._load(list(chosen.values()), capacity, search, exclusively):
                again = {
                    (chosen[dialled], key): binding
                    for dialled, mine in keys.items()
                    for key in mine
                    if (binding := holdings[key].again.get(self._stock.places[chosen[dialled]])) is not None
                }
                return Taken(chosen, extension, again)

    def _load(self, numbers: Sequence[int], capacity: int, search: "_Search", exclusively: int | None) -> bool:
        """Take all numbers, or none: then `search` knows which is full. In one order, so that nobody waits in a circle."""
        where: dict[str, Any] = {"tenant": self._by.tenant, "at": self._by.at, "capacity": capacity}
        loaded = []
        for number in sorted(numbers):
            if self._tx.run(store.LOAD, id=number, exclusive=exclusively, **where) == 1:
                loaded.append(number)
                continue
            search.full.add(number)
            for one in loaded:
                self._tx.run(store.UNLOAD, tenant=self._by.tenant, id=one, not_before=0)
            return False
        return True

    def _extension(self, number: int) -> str | None:
        """An extension that nobody has on the number, drawn, for whoever knows one must not know the next; None where all are
        somebody's."""
        rows = self._tx.all(
            store.EXTENSIONS,
            tenant=self._by.tenant,
            number=number,
            first=EXTENSION,
            beyond=bytes((EXTENSION[0] + 1,)),
            at=self._by.at,
        )
        used = {bytes(row[0]) for row in rows}
        digits = self._pool.digits
        free = [
            text for one in range(10**digits) if EXTENSION + (text := f"{one:0{digits}d}").encode("ascii") not in used
        ]
        return choice(free) if free else None


class _Search:
    """Finds numbers for one wish. `full` are those that turned out to have no room."""

    def __init__(self, tx: Transaction, by: By, pool: Pool, stock: Stock, wish: Wish) -> None:
        self._tx = tx
        self._by = by
        self._pool = pool
        self._stock = stock
        self._wish = wish
        self.full: set[int] = set()

    def holdings(self, keys: set[bytes], cast: Cast) -> dict[bytes, _Holding]:
        """What each of these people has in the pool."""
        found = {key: _Holding(Held(), {}) for key in keys}
        taken = dict.fromkeys(keys, 0)
        pair = {one.id for one in (cast.a, cast.b) if one is not None}
        rows = self._tx.all(store.HELD, rows=[(key,) for key in sorted(keys)], tenant=self._by.tenant)
        for caller, number, cool_until, binding, a, b, expires_at in rows:
            bit = self._stock.places.get(number)
            if bit is None:
                continue
            key, until = bytes(caller), expires_at + self._pool.cool if cool_until is None else cool_until
            one = found[key]
            if cool_until is None or until > self._by.at:
                taken[key] |= 1 << bit
                one.until[bit] = until
            else:
                one.held.cooled[bit] = until
            if cool_until is not None and {a, b} == pair and len(pair) == 2:
                one.again[bit] = binding
        for key, one in found.items():
            one.held = Held(taken[key], one.held.cooled)
        return found

    def find(self, dialled: str, people: Sequence[_Holding], capacity: int, others: set[int]) -> int:
        """The best number that all may be given, and that is none of `others`. Raises as `Choice.take`."""
        tiers = self._tiers(dialled)
        last, held = self._last(people)
        for tier in tiers:
            proposed = candidates(tier, held, last=last, sticky=self._pool.sticky)
            while some := [self._stock.numbers[bit] for bit in islice(proposed, CANDIDATES_AT_ONCE)]:
                fit = self._fit([one for one in some if one not in self.full and one not in others], capacity)
                for number in some:
                    if number in fit:
                        return number
        raise self._exhausted(tiers, people, capacity, others)

    def _last(self, people: Sequence[_Holding]) -> tuple[int | None, list[Held]]:
        """The bit of a number that was theirs together, and what they hold where that may be theirs again: nobody else is met
        there, for it never rested on anybody else meanwhile."""
        held = [one.held for one in people]
        shared = set.intersection(*(set(one.again) for one in people)) if people else set()
        if not shared:
            return None, held
        last = max(shared, key=lambda bit: max(one.again[bit] for one in people))
        if self._pool.sticky is Sticky.PREFER:
            held = [Held(one.taken & ~(1 << last), one.cooled) for one in held]
        return last, held

    def _tiers(self, dialled: str) -> list[int]:
        if self._wish.x is None or dialled != X:
            return self._stock.areas.tiers(self._wish.area, self._pool.match)
        row = self._tx.one(store.NUMBER_ID, tenant=self._by.tenant, value=RelayNumber.parse(self._wish.x).value)
        if row is None or row[0] not in self._stock.places:
            raise NumberTakenError
        return [1 << self._stock.places[row[0]]]

    def _fit(self, numbers: Sequence[int], capacity: int) -> set[int]:
        rows = [(number,) for number in numbers]
        found = self._tx.all(store.FIT, rows=rows, tenant=self._by.tenant, at=self._by.at, capacity=capacity)
        return {number for (number,) in found}

    def _exhausted(
        self, tiers: Sequence[int], people: Sequence[_Holding], capacity: int, others: set[int]
    ) -> Exception:
        """Why there is no number: none has room, or those that have are held by one of the people."""
        if self._wish.x is not None:
            return NumberTakenError()
        wanted = 0
        for tier in tiers:
            wanted |= tier
        everything = [number for place, number in enumerate(self._stock.numbers) if wanted >> place & 1]
        roomy = self._fit([one for one in everything if one not in self.full], capacity)
        ends = [self._free_at(number, people) for number in roomy if number not in others]
        if ends:
            return PartyExhaustedError(len(tiers), min(ends))
        where = {"tenant": self._by.tenant, "pool": self._pool.id}
        soon = [self._tx.one(store.NEXT_ENDING, **where), self._tx.one(store.NEXT_RESTED, **where, at=self._by.at)]
        times = [row[0] for row in soon if row is not None and row[0] is not None]
        return PoolExhaustedError(len(tiers), min(times) if times else None)

    def _free_at(self, number: int, people: Sequence[_Holding]) -> int:
        bit = self._stock.places[number]
        return max((one.until.get(bit, self._by.at) for one in people), default=self._by.at)
