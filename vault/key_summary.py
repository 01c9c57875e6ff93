"""The versions of a tenant's keys, without the keys."""

from typing import NamedTuple

from audit.entry import Action, Group, Outcome, Reason
from database.columns import rfc3339
from database.transaction import Transaction
from vault import policy, store
from vault.access import Caller
from vault.errors import DeniedError
from vault.keyring import TenantKeys
from vault.means import Means


class KeyLine(NamedTuple):
    """One version of a key. `wraps` is the number of keys under a KEK."""

    usage: str
    scope: str | None
    version: int
    state: str
    created_at: str
    wraps: int | None


class KeySummary:
    """The use case behind `GET /v1/keys`."""

    def __init__(self, means: Means) -> None:
        self._means = means

    def list(self, caller: Caller) -> list[KeyLine]:
        """Every version of every key of the tenant.

        Raises:
            DeniedError: the role may not look at keys.
        """
        allowed = self._means.access.may_administer(caller, policy.Action.KEYS_READ)
        group = Group(Outcome.DONE) if allowed else Group(Outcome.DENIED, Reason.POLICY)
        at = self._means.at()

        def work(tx: Transaction, _keys: TenantKeys) -> list[KeyLine]:
            self._means.append(tx, caller, Action.KEYS_READ, at, [group])
            rows = tx.all(store.KEY_SUMMARY, tenant=caller.tenant) if allowed else []
            return [
                KeyLine(usage, scope or None, version, state, rfc3339(created), wraps)
                for usage, scope, version, state, created, wraps in rows
            ]

        lines = self._means.write(caller.tenant, work)
        if not allowed:
            raise DeniedError(Reason.POLICY)
        return lines
