"""What the book of calls lets go of: with a person's key, and by time."""

from database.engine import Database
from database.transaction import Transaction
from masking.relay.calls import store
from masking.relay.calls.hanging_up import of_person
from masking.relay.calls.rules import Bound

DAY_MS = 86_400_000
CALLERS_KEPT_MS = 2 * DAY_MS
"""For how long the fingerprint of a caller stays in a record. Signals look back a day at most."""
CASES_KEPT_MS = 180 * DAY_MS


class CallErasure:
    """Records of calls stay, for the other side has them too, and lead to the person no more. Limits and cases that were
    theirs go."""

    def erased(self, tx: Transaction, tenant: int, subject_number: int, at: int) -> None:
        """Called in the transaction that destroys the person's key."""
        of_person(tx, tenant, subject_number, at)
        forget(tx, tenant, subject_number, at)


def forget(tx: Transaction, tenant: int, subject: int, at: int) -> int:
    """Take a person out of everything; tells of how many calls."""
    for (fingerprint,) in tx.all(store.FINGERPRINTS_OF, tenant=tenant, subject=subject):
        tx.run(store.DELETE_BUCKET, tenant=tenant, scope=Bound.CALLER.value, key=bytes(fingerprint))
    called = tx.run(store.NEUTRALIZE_CALLER, tenant=tenant, subject=subject)
    was_called = tx.run(store.NEUTRALIZE_CALLEE, tenant=tenant, subject=subject)
    tx.run(store.NEUTRALIZE_CASES, tenant=tenant, subject=subject, at=at)
    return called + was_called


class CallSweep:
    """Takes out what served limits and signals and has had its time. Records of calls are retention's
    (masking.relay.retaining)."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def __call__(self, at: int) -> None:
        """Fingerprints of callers after two days, limits that are empty, and old cases."""
        self._database.write(None, lambda tx: self._of_all(tx, at))

    def _of_all(self, tx: Transaction, at: int) -> None:
        tx.run(store.FORGET_CALLERS, before=at - CALLERS_KEPT_MS)
        tx.run(store.FORGET_BUCKETS, now=at * 1000, at=at)
        tx.run(store.FORGET_CASE_CALLERS, before=at - CALLERS_KEPT_MS)
        tx.run(store.FORGET_CASES, before=at - CASES_KEPT_MS)
