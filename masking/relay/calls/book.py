"""The book of calls: what the routing asks before it connects anybody, and what it notes, in its own transaction.

Two statements at most for a call that is connected: one counts it against all limits at once and tells what holds the caller
back, one writes its record. Where a law asks for the sealed stream there is a third, for which nobody waits.

Limits are buckets that empty evenly (the generic cell rate algorithm of ITU-T I.371): a row says when its bucket will be empty,
so that one row serves all time and all processes, and what is over a limit takes nothing of it. The bucket of a tenant is in 16
parts, one of which an attempt draws by lot: one row would make all calls of a tenant wait for one another.
"""

from collections.abc import Sequence
from secrets import randbelow
from uuid import UUID

from database.transaction import Transaction
from masking.relay.calls import store
from masking.relay.calls.brakes import eight
from masking.relay.calls.rule_book import RuleBook
from masking.relay.calls.rules import Bound, Limit, Measure, Rules
from masking.relay.calls.sealed_stream import SealedStream
from masking.relay.decision import CallKind, RefusalReason
from masking.relay.ports import STEP_UP_DIGITS, Asked, Attempt, Restraint
from masking.relay.seat import PARTY

TENANT_PARTS = 16
WRITTEN_EVERY = 50
"""Of attempts over a limit the first is written, and then one for so many."""

_COUNTED_BEFORE = frozenset({RefusalReason.RATE, RefusalReason.FROZEN, RefusalReason.NOBODY_TO_REACH})
"""What is refused after the limits were asked."""

Place = tuple[str, bytes, int, int]


class CallBook:
    """Keeps the book."""

    def __init__(self, rules: RuleBook, stream: SealedStream) -> None:
        self._rules = rules
        self._stream = stream

    def restraint(self, tx: Transaction, asked: Asked) -> Restraint | None:
        """What holds the caller back, if anything: a freeze, a limit, or that digits are to be keyed in and were not."""
        over, brakes = self._weigh(tx, asked.tenant, asked.at, _of(asked))
        if brakes & {Measure.FREEZE_CALLER, Measure.FREEZE_BINDING}:
            return Restraint.FROZEN
        if over:
            return Restraint.LIMITED
        if Measure.STEP_UP not in brakes or asked.digits == asked.dialled[-STEP_UP_DIGITS:]:
            return None
        return Restraint.STEP_UP if asked.kind is CallKind.VOICE else Restraint.LIMITED

    def attempted(self, tx: Transaction, attempt: Attempt) -> None:
        """Write the record; and, where the tenant's rules say so, the sealed one.

        Raises:
            NoLegalKeyError: it must be sealed and cannot be.
        """
        stands_for = 1 if attempt.refused is None else self._stands_for(tx, attempt)
        if not stands_for:
            return
        if attempt.refused is None and self._rules.of(tx, attempt.tenant).legal:
            self._stream.begin(tx, attempt)
        tx.later(
            store.INSERT_CALL,
            tenant=attempt.tenant,
            leg=UUID(attempt.leg).bytes,
            at=attempt.at,
            kind=attempt.kind.value,
            number=attempt.number,
            binding=attempt.binding,
            side="" if attempt.side is None else attempt.side.value,
            caller=attempt.caller or None,
            route=PARTY + attempt.caller,
            callee_subject=attempt.callee_subject,
            refused="" if attempt.refused is None else attempt.refused.value,
            recording=attempt.recording.value,
            stands_for=stands_for,
        )

    def ended(self, tx: Transaction, tenant: int, binding: int, at: int) -> None:  # noqa: ARG002 - as the port has it
        """What was counted against the binding goes."""
        tx.run(store.DELETE_BUCKET, tenant=tenant, scope=Bound.BINDING.value, key=eight(binding))

    def _stands_for(self, tx: Transaction, attempt: Attempt) -> int:
        """For how many refused attempts a record is written now; 0 for none."""
        if attempt.refused in _COUNTED_BEFORE:
            key = attempt.caller or eight(attempt.number)
            scope = Bound.CALLER if attempt.caller else Bound.NUMBER
            row = tx.one(store.OVER, tenant=attempt.tenant, scope=scope.value, key=key)
            over = 0 if row is None else int(row[0])
        else:
            over, _ = self._weigh(tx, attempt.tenant, attempt.at, {Bound.CALLER: attempt.caller})
        if over <= 1:
            return 1
        return WRITTEN_EVERY if over % WRITTEN_EVERY == 0 else 0

    def _weigh(self, tx: Transaction, tenant: int, at: int, keys: dict[Bound, bytes]) -> tuple[int, set[str]]:
        """Count an attempt against the limits: by how many in a row one is exceeded, and the measures in force."""
        rules = self._rules.of(tx, tenant)
        places = _places(rules, keys)
        rows = tx.all(store.WEIGH, rows=places, tenant=tenant, now=at * 1000)
        if rows:
            self._rules.noticed(tenant, rows[0][4])
        return max((row[1] for row in rows), default=0), {row[2] for row in rows if row[3] > at}


def _of(asked: Asked) -> dict[Bound, bytes]:
    return {
        Bound.CALLER: asked.caller,
        Bound.BINDING: eight(asked.binding),
        Bound.NUMBER: eight(asked.number),
        Bound.TENANT: bytes((randbelow(TENANT_PARTS),)),
    }


def _places(rules: Rules, keys: dict[Bound, bytes]) -> Sequence[Place]:
    """The buckets of an attempt, always in one order, so that no two attempts wait for each other in a circle."""
    return sorted(_place(bound, key, rules.limits[bound]) for bound, key in keys.items() if key)


def _place(bound: Bound, key: bytes, limit: Limit) -> Place:
    parts = TENANT_PARTS if bound is Bound.TENANT else 1
    step = limit.step * parts
    return bound.value, key, step, step * max(1, limit.burst // parts)
