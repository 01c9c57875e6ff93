"""The book of calls: what the routing asks before it connects anybody, and what it notes, in its own transaction.

All calls that are answered together take two steps: one statement locks their limits and tells what holds the callers back, one
writes what was counted, with the records. Where a law asks for the sealed stream there is a third, for which nobody waits.

The bucket of a tenant is in 16 parts, and the calls of a transaction take one part after the other from one that is drawn by lot:
one row would make all calls of a tenant wait for one another.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from secrets import randbelow
from typing import NamedTuple
from uuid import UUID

from database.transaction import Transaction
from masking.relay.calls import hanging_up, store
from masking.relay.calls.brakes import eight
from masking.relay.calls.buckets import Bucket
from masking.relay.calls.rule_book import RuleBook
from masking.relay.calls.rules import Bound, Measure, Rules
from masking.relay.calls.sealed_stream import SealedStream
from masking.relay.decision import CallKind
from masking.relay.ports import STEP_UP_DIGITS, Asked, Attempt, Restraint, Weighed

TENANT_PARTS = 16
WRITTEN_EVERY = 50
"""Of attempts over a limit the first is written, and then one for so many."""

_FREEZES = frozenset({Measure.FREEZE_CALLER, Measure.FREEZE_BINDING})

Key = tuple[str, bytes]
"""Of what a limit is, and whose."""


_CALLER, _BINDING, _NUMBER, _TENANT = (one.value for one in (Bound.CALLER, Bound.BINDING, Bound.NUMBER, Bound.TENANT))


class _Size(NamedTuple):
    """What an attempt takes of a bucket, and in how long a full one empties, in microseconds."""

    step: int
    span: int


@dataclass(slots=True)
class _Held:
    """A bucket, and the measure in force until a moment (milliseconds)."""

    bucket: Bucket
    measure: str
    until: int


class CallBook:
    """Keeps the book."""

    def __init__(self, rules: RuleBook, stream: SealedStream) -> None:
        self._rules = rules
        self._stream = stream

    def weigh(self, tx: Transaction, tenant: int, asked: Sequence[Asked]) -> list[Weighed]:
        """Count attempts against the limits, one after the other, and tell of each what holds the caller back."""
        part = randbelow(TENANT_PARTS)
        keys = [_keys(one, (part + place) % TENANT_PARTS) for place, one in enumerate(asked)]
        held = self._locked(tx, tenant, sorted({key for each in keys for key in each}))
        sizes = _sizes(self._rules.of(tx, tenant))
        weighed = [_weighed(one, each, held, sizes) for one, each in zip(asked, keys, strict=True)]
        rows = [
            (tenant, scope, key, one.bucket.full_at, sizes[scope].span, one.bucket.over, "", 0)
            for (scope, key), one in held.items()
        ]
        tx.put(store.SET_BUCKETS, rows)
        return weighed

    def attempted(self, tx: Transaction, tenant: int, attempts: Sequence[Attempt]) -> None:
        """Write the records; and, where the tenant's rules say so, the sealed ones.

        Raises:
            NoLegalKeyError: one must be sealed and cannot be.
        """
        written = [one for one in attempts if _stands_for(one)]
        connected = [one for one in written if one.refused is None]
        if connected and self._rules.of(tx, tenant).legal:
            for one in connected:
                self._stream.begin(tx, one)
        unknown = {one.caller for one in written if one.caller and one.caller_subject is None}
        rows = tx.all(store.CALLERS, rows=[(caller,) for caller in sorted(unknown)], tenant=tenant)
        callers = {bytes(fingerprint): subject for fingerprint, subject in rows}
        tx.put(store.INSERT_CALLS, [_record(one, callers) for one in written])

    def ended(self, tx: Transaction, tenant: int, binding: int, at: int, *, by_itself: bool = False) -> None:
        """What was counted against the binding goes, and calls end by the tenant's rules."""
        tx.run(store.DELETE_BUCKET, tenant=tenant, scope=Bound.BINDING.value, key=eight(binding))
        if not by_itself:
            hanging_up.of_binding(tx, tenant, self._rules.of(tx, tenant), binding, at)

    def blocked(self, tx: Transaction, tenant: int, between: tuple[bytes, bytes], number: int, at: int) -> None:
        """Calls that a block forbids end by the tenant's rules."""
        hanging_up.of_block(tx, tenant, self._rules.of(tx, tenant), hanging_up.Between(*between, number), at)

    def _locked(self, tx: Transaction, tenant: int, keys: Sequence[Key]) -> dict[Key, _Held]:
        """The buckets, locked in one order, so that no two transactions wait for each other in a circle. Empty ones are made
        where there are none."""
        held = self._asked(tx, tenant, keys)
        missing = [key for key in keys if key not in held]
        if not missing:
            return held
        tx.insert(store.BEGIN_BUCKETS, [(tenant, *key, 0, 0, 0, "", 0) for key in missing])
        return self._asked(tx, tenant, keys)

    def _asked(self, tx: Transaction, tenant: int, keys: Sequence[Key]) -> dict[Key, _Held]:
        rows = tx.all(store.BUCKETS, rows=keys, tenant=tenant)
        if rows:
            self._rules.noticed(tenant, rows[0][6])
        return {
            (scope, bytes(key)): _Held(Bucket(full_at, over), measure, until)
            for scope, key, full_at, over, measure, until, _ in rows
        }


def _keys(asked: Asked, part: int) -> list[Key]:
    """Against what an attempt counts, its caller first: one that its routes refuse only against the caller."""
    keys = [(_CALLER, asked.caller)] if asked.caller else []
    if asked.binding is not None:
        keys += [(_NUMBER, eight(asked.number)), (_BINDING, eight(asked.binding)), (_TENANT, bytes((part,)))]
    return keys


def _weighed(asked: Asked, keys: Sequence[Key], held: Mapping[Key, _Held], sizes: Mapping[str, _Size]) -> Weighed:
    """What holds a caller back. Attempts over a limit are counted by caller, those without a number by what they dialled."""
    over, measures = [], set()
    for key in keys:
        one = held[key]
        over.append(one.bucket.take(asked.at * 1000, *sizes[key[0]]))
        if one.until > asked.at:
            measures.add(one.measure)
    return Weighed(_restraint(asked, measures, limited=any(over)), over[0] if over else 0)


def _restraint(asked: Asked, measures: set[str], *, limited: bool) -> Restraint | None:
    """A freeze, a limit, or that digits are to be keyed in and were not."""
    if measures & _FREEZES:
        return Restraint.FROZEN
    if limited:
        return Restraint.LIMITED
    if Measure.STEP_UP not in measures or asked.digits == asked.dialled[-STEP_UP_DIGITS:]:
        return None
    return Restraint.STEP_UP if asked.kind is CallKind.VOICE else Restraint.LIMITED


def _sizes(rules: Rules) -> dict[str, _Size]:
    sizes = {}
    for bound, limit in rules.limits.items():
        parts = TENANT_PARTS if bound is Bound.TENANT else 1
        step = limit.step * parts
        sizes[bound.value] = _Size(step, step * max(1, limit.burst // parts))
    return sizes


def _stands_for(attempt: Attempt) -> int:
    """For how many attempts a record is written now; 0 for none."""
    if attempt.refused is None or attempt.over <= 1:
        return 1
    return WRITTEN_EVERY if attempt.over % WRITTEN_EVERY == 0 else 0


def _record(attempt: Attempt, callers: Mapping[bytes, int]) -> Sequence[object]:
    subject = attempt.caller_subject
    return (
        attempt.tenant,
        UUID(attempt.leg).bytes,
        attempt.at,
        attempt.kind.value,
        attempt.number,
        attempt.binding,
        "" if attempt.side is None else attempt.side.value,
        attempt.caller or None,
        callers.get(attempt.caller) if subject is None else subject,
        attempt.callee_subject,
        "" if attempt.refused is None else attempt.refused.value,
        attempt.recording.value,
        _stands_for(attempt),
    )
