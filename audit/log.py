"""Writing to the log: an act's entries, inside the caller's own transaction.

If they cannot be written, the transaction fails and the act does not happen; if the act fails, its entries go with it.
"""

from collections.abc import Sequence
from uuid import UUID

from audit.entry import Act
from audit.event_id import uuid7
from audit.merkle import leaf_hash
from audit.store import INSERT_ACTS, INSERT_ENTRIES
from database.transaction import Transaction


class AuditLog:
    """The one way an entry gets into the log."""

    def append(self, tx: Transaction, act: Act, event: UUID | None = None) -> None:
        """Write the act and its entries in `tx`, to be durable or undone with everything else in it.

        Raises:
            ValueError: the act does not fit the closed schema.
        """
        _append(tx, [(act, event or uuid7(act.at))])

    def append_all(self, tx: Transaction, acts: Sequence[Act]) -> None:
        """Write several acts in `tx`.

        Raises:
            ValueError: one does not fit the closed schema.
        """
        _append(tx, [(act, uuid7(act.at)) for act in acts])


def _append(tx: Transaction, acts: Sequence[tuple[Act, UUID]]) -> None:
    """Acts go first: on PostgreSQL that gives the transaction its number before an entry takes its id, which the numbering relies
    on."""
    entries = [act.entries(str(event)) for act, event in acts]
    tx.put(
        INSERT_ACTS,
        [
            (act.tenant, event.bytes, act.request, act.action.value, act.at, len(parts))
            for (act, event), parts in zip(acts, entries, strict=True)
        ],
    )
    tx.put(
        INSERT_ENTRIES,
        [
            (act.tenant, event.bytes, part, body, leaf_hash(body))
            for (act, event), parts in zip(acts, entries, strict=True)
            for part, body in enumerate(parts, 1)
        ],
    )
