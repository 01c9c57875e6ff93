"""What is known of people's consents: now, from the table of present standings, and at any past instant, from the events."""

from collections.abc import Mapping, Sequence
from typing import Any

from consent.records import store
from consent.records.standing import NOTHING, Held, Standing, held_after
from database.transaction import Transaction


def held_now(tx: Transaction, tenant: int, numbers: Sequence[int]) -> dict[int, Held]:
    """What is known now of each of these people."""
    asked = [(number,) for number in numbers]
    standings: dict[int, dict[str, Standing]] = {number: {} for number in numbers}
    for row in tx.all(store.STANDINGS, rows=asked, tenant=tenant):
        standings[row[0]][row[1]] = store.standing_of(row[2:])
    held = dict.fromkeys(numbers, NOTHING)
    for number, epoch, instant, child in tx.all(store.EPOCHS, rows=asked, tenant=tenant):
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
