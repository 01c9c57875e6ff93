"""What is known of people's consents: now, from the table of present standings, and at any past instant, from the events."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from consent.records import store
from consent.records.standing import NOTHING, Held, Standing, held_after
from database.transaction import Row, Transaction


def held_now(tx: Transaction, tenant: int, numbers: Sequence[int]) -> dict[int, Held]:
    """What is known now of each of these people."""
    return _held(numbers, tx.all(store.PEOPLE, rows=[(number,) for number in numbers], tenant=tenant))


def held_soon(tx: Transaction, tenant: int, number: int) -> Callable[[], Held]:
    """What is known now of one person, asked for together with the statement after it, and given once that is answered."""
    rows = tx.later_all(store.PEOPLE, rows=[(number,)], tenant=tenant)
    return lambda: _held([number], rows())[number]


def _held(numbers: Sequence[int], rows: Sequence[Row]) -> dict[int, Held]:
    held: dict[int, Held] = dict.fromkeys(numbers, NOTHING)
    standings: dict[int, dict[str, Standing]] = {number: {} for number in numbers}
    for number, epoch, instant, child, _, purpose, *columns in rows:
        if purpose is not None:
            standings[number][purpose] = store.standing_of(tuple(columns))
        held[number] = Held(epoch, instant, bool(child), standings[number])
    return held


def held_then(tx: Transaction, tenant: int, moments: Sequence[tuple[int, int]]) -> Mapping[tuple[int, int], Held]:
    """What was known of each person at each instant."""
    latest: dict[int, int] = {}
    for number, instant in moments:
        latest[number] = max(instant, latest.get(number, 0))
    events: dict[int, list[tuple[Any, ...]]] = {}
    for row in tx.all(store.EVENTS_UNTIL, rows=sorted(latest.items()), tenant=tenant):
        events.setdefault(row[0], []).append(row[1:])
    found = {number: [store.event_of(row) for row in rows] for number, rows in events.items()}
    return {
        (number, instant): held_after(event for event in found.get(number, ()) if event.instant <= instant)
        for number, instant in moments
    }
