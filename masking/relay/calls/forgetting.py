"""What the book of calls lets go of: with a person's key, and by time."""

from functools import partial

from database.engine import Database
from database.transaction import Transaction
from masking.relay.calls import store
from masking.relay.calls.legs import first_leg
from masking.relay.calls.rule_book import RuleBook
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
    """Takes out what has had its time."""

    def __init__(self, database: Database, rules: RuleBook) -> None:
        self._database = database
        self._rules = rules

    def __call__(self, at: int) -> None:
        """Fingerprints of callers after two days, records after the days that the tenant's rules say, limits that are empty."""
        self._database.write(None, lambda tx: self._of_all(tx, at))
        oldest = self._database.read(None, lambda tx: tx.all(store.TENANTS_WITH_CALLS_BEFORE, before=at - 2 * DAY_MS))
        for (tenant,) in oldest:
            self._database.write(tenant, partial(self._of, tenant=tenant, at=at))

    def _of_all(self, tx: Transaction, at: int) -> None:
        tx.run(store.FORGET_CALLERS, before=at - CALLERS_KEPT_MS)
        tx.run(store.FORGET_BUCKETS, now=at * 1000, at=at)
        tx.run(store.FORGET_CASE_CALLERS, before=at - CALLERS_KEPT_MS)
        tx.run(store.FORGET_CASES, before=at - CASES_KEPT_MS)

    def _of(self, tx: Transaction, *, tenant: int, at: int) -> None:
        rules = self._rules.read(tx, tenant)
        tx.run(store.DELETE_CALLS, tenant=tenant, before=first_leg(at - rules.days * DAY_MS))
