"""What becomes of messages by themselves: they end with the order, with either person, with a restriction, and by time."""

from functools import partial

from database.engine import Database
from database.transaction import Row, Transaction
from vault.handover.stage import ref_of
from vault.keys import MacKey
from vault.letters import store
from vault.letters.franking import order_fingerprint
from vault.letters.kept import LetterUses

AT_ONCE = 500
HELD_MS = 86_400_000
"""A message that is held is looked at again after a day."""


class LettersOfOrders:
    """Has the messages of an order end. `after_ms` is how long they can be fetched after it."""

    def __init__(self, *, after_ms: int) -> None:
        self._after_ms = after_ms

    def ended(self, tx: Transaction, refs: MacKey, *, tenant: int, order: str, at: int) -> None:
        """Called in the transaction that ends the order."""
        fingerprint = order_fingerprint(refs, tenant=tenant, ref=ref_of(order))
        tx.run(store.END_LETTERS, tenant=tenant, order=fingerprint, at=at + self._after_ms)


class LetterErasure:
    """Lets go of what was sent by or to a person who is erased, or whose data is not to be used any more."""

    def erased(self, tx: Transaction, tenant: int, subject_number: int, at: int) -> None:  # noqa: ARG002 - as the port has it
        """Called in the transaction that destroys the person's key."""
        tx.run(store.DELETE_LETTERS_OF, tenant=tenant, subject=subject_number)

    def restricted(self, tx: Transaction, tenant: int, subject: int) -> None:
        """Called in the transaction that restricts the use of the person's data."""
        tx.run(store.DELETE_LETTERS_OF, tenant=tenant, subject=subject)


class LetterSweep:
    """Deletes what has ended, unless a legal hold keeps it of the sender or the recipient. Nobody fetches it any more."""

    def __init__(self, database: Database, uses: LetterUses) -> None:
        self._database = database
        self._uses = uses

    def sweep(self, at: int) -> int:
        """Tells how many went."""
        rows = self._database.read(None, lambda tx: tx.all(store.EXPIRED_LETTERS, at=at, limit=AT_ONCE))
        swept = 0
        for tenant in dict.fromkeys(row[0] for row in rows):
            end = partial(self._end, tenant=tenant, found=[row[1:] for row in rows if row[0] == tenant], at=at)
            swept += self._database.write(tenant, end)
        return swept

    def _end(self, tx: Transaction, *, tenant: int, found: list[Row], at: int) -> int:
        held = self._uses.held(tx, tenant, [person for _, *people in found for person in people])
        kept = [number for number, *people in found if held & set(people)]
        tx.run_each(store.PUT_OFF, [{"tenant": tenant, "id": one, "until": at + HELD_MS} for one in kept])
        going = [{"tenant": tenant, "id": number} for number, *people in found if not held & set(people)]
        return tx.run_each(store.DELETE_ONE, going)
