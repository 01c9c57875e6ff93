"""Ending calls that are under way because of what has happened to their binding or to somebody in them.

A use case that ends a binding, sets a block or a freeze, or erases somebody finds in its own transaction which calls that
cuts, and puts a job beside it: the switches are told after the commit, again and again while one of them is away. Calls that
are ringing end as those do in which both sides speak. The tenant's rules say which of these end calls, and after how long.

A call that was being connected at that very moment is found within a minute (`CutOff`).
"""

from collections.abc import Callable, Sequence
from datetime import datetime
from functools import partial
from typing import Any, Final, NamedTuple, Protocol
from uuid import UUID

from database.columns import millis
from database.engine import Database
from database.transaction import Row, Transaction
from masking.relay.calls import store
from masking.relay.calls.legs import first_leg
from masking.relay.calls.rule_book import RuleBook
from masking.relay.calls.rules import Cause, Rules
from masking.relay.ports import Left
from work.desk import put_job
from work.job import Job, Progress

KIND: Final = "relay_hang_up"
LASTS_AT_MOST_MS: Final = 6 * 3_600_000
LEGS_AT_ONCE: Final = 100
AGAIN_SECONDS: Final = 2.0
AGAIN_AT_MOST_SECONDS: Final = 60.0
UNKNOWN_TIMES: Final = 3
"""How often a call is asked for that no switch knows: one that is just being connected is known a moment later."""

LATE_MS: Final = 180_000


class Hanging(Protocol):
    """Calls in the switches."""

    def end(self, legs: Sequence[str]) -> Left:
        """End these calls, outside any transaction; those that were not."""


class Between(NamedTuple):
    """Whom a block keeps apart: fingerprints of a caller and a callee, empty for anybody, on a number or on all (0)."""

    caller: bytes
    callee: bytes
    number: int


def of_binding(tx: Transaction, tenant: int, rules: Rules, binding: int, at: int) -> None:
    """Have the calls of a binding ended that was."""
    if Cause.UNBIND in rules.hang_up:
        _end(tx, tenant, rules, tx.all(store.UNDER_WAY, **_window(tenant, at), binding=binding), at)


def of_block(tx: Transaction, tenant: int, rules: Rules, blocked: Between, at: int) -> None:
    """Have the calls ended that a block forbids."""
    if Cause.BLOCK in rules.hang_up:
        who = {**blocked._asdict(), "any_caller": int(not blocked.caller), "any_callee": int(not blocked.callee)}
        _end(tx, tenant, rules, tx.all(store.UNDER_WAY_BETWEEN, **_window(tenant, at), **who), at)


def of_freeze(tx: Transaction, tenant: int, rules: Rules, caller: bytes, bindings: Sequence[int], at: int) -> None:
    """Have the calls ended of a number, or of bindings, that were frozen."""
    if Cause.FREEZE not in rules.hang_up:
        return
    found = [row for one in bindings for row in tx.all(store.UNDER_WAY, **_window(tenant, at), binding=one)]
    _end(tx, tenant, rules, found or tx.all(store.UNDER_WAY_AT, **_window(tenant, at), fingerprint=caller), at)


def of_person(tx: Transaction, tenant: int, subject: int, at: int) -> None:
    """Have the calls ended of somebody who is erased, by the vault's number."""
    found = tx.all(store.UNDER_WAY_OF, **_window(tenant, at), subject=subject)
    if found:
        rules = RuleBook().read(tx, tenant)
        _end(tx, tenant, rules, found if Cause.ERASE in rules.hang_up else [], at)


class HangUpTask:
    """Tells the switches, until all calls of the job are over or nobody knows them."""

    kind = KIND

    def __init__(self, database: Database, lines: Hanging, now: Callable[[], datetime]) -> None:
        self._database = database
        self._lines = lines
        self._now = now

    def step(self, job: Job, number: int) -> Progress:
        """Tell them once more."""
        after = int(job.params["after"]) / 1000
        if number == 0 and after:
            return Progress(0, 1, finished=False, wait_seconds=after)
        legs = self._open(job)
        left = self._lines.end(legs) if legs else Left((), ())
        over = millis(self._now()) - job.created_at > LASTS_AT_MOST_MS
        if over or not (left.away or (left.unknown and number < UNKNOWN_TIMES)):
            return Progress(1, 1, finished=True)
        wait = min(AGAIN_SECONDS * 2 ** min(number, 10), AGAIN_AT_MOST_SECONDS)
        return Progress(0, 1, finished=False, wait_seconds=wait)

    def abandon(self, job: Job) -> None:
        """Nothing to remove: the calls go on."""

    def _open(self, job: Job) -> list[str]:
        """Those of the job's calls whose end is not known."""
        legs = [(UUID(one).bytes,) for one in job.params["legs"]]
        rows = self._database.read(job.tenant, lambda tx: tx.all(store.STILL_OPEN, rows=legs, tenant=job.tenant))
        return _names(rows)


class CutOff:
    """Finds calls that were being connected while their binding was ended; one process of all looks each minute."""

    def __init__(self, database: Database, rules: RuleBook) -> None:
        self._database = database
        self._rules = rules

    def __call__(self, at: int) -> None:
        """Have them ended. `at` is in milliseconds since the epoch."""
        found = self._database.read(None, lambda tx: tx.all(store.CONNECTED_LATE, since=at - LATE_MS))
        for tenant, leg in found:
            self._database.write(tenant, partial(self._end, tenant=tenant, rows=[(leg,)], at=at))

    def _end(self, tx: Transaction, *, tenant: int, rows: Sequence[Row], at: int) -> None:
        rules = self._rules.read(tx, tenant)
        if Cause.UNBIND in rules.hang_up:
            _end(tx, tenant, rules, rows, at)


def _end(tx: Transaction, tenant: int, rules: Rules, rows: Sequence[Row], at: int) -> None:
    legs = _names(rows)
    for start in range(0, len(legs), LEGS_AT_ONCE):
        params = {"legs": legs[start : start + LEGS_AT_ONCE], "after": rules.hang_up_after}
        put_job(tx, tenant, KIND, params, at)


def _window(tenant: int, at: int) -> dict[str, Any]:
    """What began longer ago than a call may last has ended without a word."""
    return {"tenant": tenant, "first": first_leg(at - LASTS_AT_MOST_MS), "limit": 1_000}


def _names(rows: Sequence[Row]) -> list[str]:
    return [str(UUID(bytes=bytes(leg))) for (leg,) in rows]
