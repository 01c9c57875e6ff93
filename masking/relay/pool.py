"""Pools of numbers, and a memory of which numbers each has: by it a new binding proposes candidates without reading thousands of
rows."""

import threading
from dataclasses import dataclass
from typing import Any

from database.transaction import Row, Transaction
from masking.relay import store
from masking.relay.allocation import Areas, Match, Sticky
from masking.relay.errors import DurationError, ModeFieldsError, PoolNotFoundError
from masking.relay.mode import Mode

DAY_MS = 86_400_000
CAPACITY_AT_MOST = 5_000
"""Live bindings of a number, the most that a carrier allows (study of peers, Huawei AXB)."""
YEAR_MS = 366 * DAY_MS


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """How numbers are given out. Spans are in milliseconds: `cool` is how long nobody gets a number again that they had,
    `open_cool` how long a number rests that anybody could dial, `lasts` and `lasts_at_most` how long bindings last. `capacity` is
    how many live bindings a number takes, `digits` how long its extensions are, 0 for none."""

    modes: frozenset[Mode]
    match: Match = Match.PREFER
    sticky: Sticky = Sticky.NONE
    cool: int = DAY_MS
    open_cool: int = 7 * DAY_MS
    capacity: int = 200
    digits: int = 0
    lasts: int = DAY_MS
    lasts_at_most: int = 90 * DAY_MS

    def check(self) -> None:
        """Raises ModeFieldsError or DurationError where the terms contradict each other: a caller of a number is asked for an
        extension or reaches its one owner, not both."""
        extended = Mode.AXE in self.modes
        if not self.modes or (extended and any(mode.is_exclusive for mode in self.modes)):
            raise ModeFieldsError("modes")
        if extended is not (1 <= self.digits <= 4):
            raise ModeFieldsError("digits")
        if not 1 <= self.capacity <= CAPACITY_AT_MOST:
            raise ModeFieldsError("capacity")
        if not 0 < self.lasts <= self.lasts_at_most <= YEAR_MS:
            raise DurationError
        if not (0 <= self.cool <= YEAR_MS and 0 <= self.open_cool <= YEAR_MS):
            raise DurationError

    def row(self) -> tuple[Any, ...]:
        """The columns `masking.relay.store.TERMS`."""
        modes = " ".join(sorted(mode.value for mode in self.modes))
        spans = self.cool, self.open_cool, self.capacity, self.digits, self.lasts, self.lasts_at_most
        return (modes, self.match.value, self.sticky.value, *spans)


@dataclass(frozen=True, slots=True, kw_only=True)
class Pool(Terms):
    """Terms with a name, and the numbers that are given out on them. `epoch` moves with every change of either."""

    id: int
    name: str
    epoch: int

    @classmethod
    def of(cls, row: Row | None) -> "Pool":
        """The pool of a row. Raises PoolNotFoundError where there is none."""
        if row is None:
            raise PoolNotFoundError
        number, name, modes, match, sticky, *spans, epoch = row
        cool, open_cool, capacity, digits, lasts, lasts_at_most = spans
        return cls(
            id=number,
            name=name,
            modes=frozenset(map(Mode, modes.split())),
            match=Match(match),
            sticky=Sticky(sticky),
            cool=cool,
            open_cool=open_cool,
            capacity=capacity,
            digits=digits,
            lasts=lasts,
            lasts_at_most=lasts_at_most,
            epoch=epoch,
        )


@dataclass(frozen=True, slots=True)
class Stock:
    """The numbers of a pool at an epoch: their places as bits, and which are where."""

    epoch: int
    numbers: tuple[int, ...]
    places: dict[int, int]
    areas: Areas


class Stocks:
    """The numbers of pools, read again when a pool's epoch has moved."""

    def __init__(self) -> None:
        self._stocks: dict[tuple[int, int], Stock] = {}
        self._lock = threading.Lock()

    def of(self, tx: Transaction, tenant: int, pool: Pool) -> Stock:
        """The numbers of a pool as they were at its epoch."""
        known = self._stocks.get((tenant, pool.id))
        if known is None or known.epoch != pool.epoch:
            known = _read(tx.all(store.NUMBERS_OF_POOL, tenant=tenant, pool=pool.id), pool.epoch)
            with self._lock:
                self._stocks[tenant, pool.id] = known
        return known


def _read(rows: list[Row], epoch: int) -> Stock:
    by_area: dict[str, int] = {}
    by_province: dict[str, int] = {}
    for place, (_, area, province, *_can) in enumerate(rows):
        for masks, name in ((by_area, area), (by_province, province)):
            if name:
                masks[name] = masks.get(name, 0) | 1 << place
    numbers = tuple(row[0] for row in rows)
    areas = Areas(by_area, by_province, (1 << len(numbers)) - 1)
    return Stock(epoch, numbers, {number: place for place, number in enumerate(numbers)}, areas)
