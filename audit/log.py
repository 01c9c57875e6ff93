"""Writing to the log: an act's entries, inside the caller's own transaction.

If they cannot be written, the transaction fails and the act does not happen; if the act fails, its entries go with it.
"""

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

        The act goes first: on PostgreSQL that gives the transaction its number before an entry takes its id, which the
        numbering relies on.

        Raises:
            ValueError: the act does not fit the closed schema.
        """
        event = event or uuid7(act.at)
        entries = act.entries(str(event))
        tx.put(INSERT_ACTS, [(act.tenant, event.bytes, act.request, act.action.value, act.at, len(entries))])
        tx.put(
            INSERT_ENTRIES,
            [(act.tenant, event.bytes, part, body, leaf_hash(body)) for part, body in enumerate(entries, 1)],
        )
