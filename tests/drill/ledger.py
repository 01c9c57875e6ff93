"""What the database holds of a shift's operations, read behind the service's back, against what was acknowledged.

    acknowledged   wholly there: every item its one record, its one use, its one mention in the log
    unanswered     wholly there, or nothing of it
    afterwards     when it has been asked again: wholly there, once

Each look is one snapshot, and the log's own check belongs to it.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

import orjson

from audit.verification import verify
from database.engine import Database
from database.statement import Statement
from database.transaction import Transaction
from tests.drill.operations import Operation

_TOUCHES = {"vault.tokenize": "/v1/tokenize", "vault.detokenize": "/v1/detokenize"}

_USES = Statement(
    """
    SELECT u.ref, u.record, r.uses_left, d.subject
    FROM {q} JOIN record_use u ON u.ref = q.ref
    LEFT JOIN record r ON r.tenant = u.tenant AND r.id = u.record
    LEFT JOIN dek d ON d.tenant = r.tenant AND d.subject = r.subject
    """,
    many={"q": {"ref": "text"}},
)
_ENTRIES = Statement("SELECT id, body FROM audit_entry WHERE id > :after ORDER BY id")
_TOTALS = Statement("SELECT (SELECT count(*) FROM record), (SELECT count(*) FROM idempotency)")


@dataclass(slots=True)
class Looked:
    """What one look found. `present` are the numbers of the operations that are wholly there."""

    present: set[int] = field(default_factory=set)
    faults: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class _Seen:
    """Rows by ref (record, answers left, whether the person's key is there), and how often the log names each record."""

    uses: dict[str, list[tuple[int, int | None, bool]]]
    named: dict[str, Counter[int]]


class Ledger:
    """Keeps count over all shifts of one database."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._entries_before = 0
        self._entries_now = 0
        self.items = 0
        self.operations = 0

    def look(self, operations: Sequence[Operation], *, settled: bool) -> Looked:
        """Compare. `settled` says that every operation has been answered by now, so that none may be missing."""
        looked = Looked()
        seen = self._database.read(None, lambda tx: self._see(tx, operations))
        for operation in operations:
            self._judge(operation, seen, looked, must=settled or operation.answer is not None)
        if settled:
            self._close(operations, looked)
        return looked

    def verify_log(self) -> list[str]:
        """What does not fit in the whole log."""
        return [f"{found.where}: {found.why}" for found in verify(self._database).divergences]

    def _see(self, tx: Transaction, operations: Sequence[Operation]) -> _Seen:
        refs = dict.fromkeys(ref for one in operations for ref in (*one.refs, *([one.spends] if one.spends else ())))
        uses: dict[str, list[tuple[int, int | None, bool]]] = {}
        for ref, record, left, keyed in tx.all(_USES, rows=[(ref,) for ref in refs]):
            uses.setdefault(ref, []).append((record, left, keyed is not None))
        named: dict[str, Counter[int]] = {path: Counter() for path in _TOUCHES.values()}
        for number, body in tx.all(_ENTRIES, after=self._entries_before):
            entry = orjson.loads(body)
            self._entries_now = max(self._entries_now, number)
            if entry["action"] in _TOUCHES and entry["outcome"] == "done":
                named[_TOUCHES[entry["action"]]].update(entry.get("rows", ()))
        return _Seen(uses, named)

    def _judge(self, operation: Operation, seen: _Seen, looked: Looked, *, must: bool) -> None:
        stored = [_stored(seen, ref) for ref in operation.refs]
        states = stored if operation.spends is None else [_spent(seen, operation)]
        who = f"operation {operation.number}"
        looked.faults += [f"{who}: {state}" for state in states if state not in {"there", "absent"}]
        if len(set(states)) > 1:
            looked.faults.append(f"{who}: only a part of it is there ({', '.join(states)})")
        elif states[0] == "there":
            looked.present.add(operation.number)
        elif must:
            looked.faults.append(f"{who}: {'acknowledged' if operation.answer else 'settled'}, and not there")

    def _close(self, operations: Sequence[Operation], looked: Looked) -> None:
        """Nothing beside what the operations of all shifts explain, and no idempotency record without its rows."""
        self._entries_before = self._entries_now
        self.operations += len(operations)
        self.items += sum(len(one.refs) for one in operations)
        records, replays = self._database.read(None, lambda tx: tx.all(_TOTALS))[0]
        if records != self.items:
            looked.faults.append(f"{records} records, where {self.items} items were stored")
        if replays != self.operations:
            looked.faults.append(f"{replays} idempotency records of {self.operations} operations")


def _stored(seen: _Seen, ref: str) -> str:
    """`there`, `absent`, or what is wrong with an item."""
    rows = seen.uses.get(ref, [])
    if not rows:
        return "absent"
    if len(rows) > 1:
        return f"{ref} has {len(rows)} records"
    record, _, keyed = rows[0]
    if not keyed:
        return f"{ref} has no record or no key"
    times = seen.named["/v1/tokenize"][record]
    return "there" if times == 1 else f"the log names {ref} {times} times"


def _spent(seen: _Seen, operation: Operation) -> str:
    """The same for an answer taken from a token of two. A repeat takes none, but it is a disclosure, and in the log."""
    ref = operation.spends or ""
    (record, left, _), *_ = seen.uses.get(ref, [(0, None, False)])
    times = seen.named["/v1/detokenize"][record]
    if left == 1 and 1 <= times <= 1 + operation.repeats:
        return "there"
    if (left, times) == (2, 0):
        return "absent"
    return f"{ref} has {left} answers left, and the log has {times} of them"


def unanswered(operations: Iterable[Operation]) -> list[Operation]:
    """The operations of which nobody knows whether they were done."""
    return [one for one in operations if one.answer is None]
