"""Which table holds for a tenant: the newest that was applied, and the shipped one before any was."""

from typing import NamedTuple

from audit.entry import Action, Group, Outcome, Reason
from database.columns import rfc3339
from database.transaction import Transaction
from vault import policy
from vault.access import Caller
from vault.errors import DeniedError
from vault.handover import store
from vault.handover.errors import TableRefusedError
from vault.handover.table_text import TableTextError, read_table, shipped_text
from vault.means import Means


class Declared(NamedTuple):
    """A table as it was written."""

    version: int
    source: str
    applied_at: str | None


class Declaring:
    """The use cases behind `GET` and `PUT /v1/handover/table`."""

    def __init__(self, means: Means) -> None:
        self._means = means

    def present(self, caller: Caller) -> Declared:
        """The table in force."""
        row = self._means.database.read(caller.tenant, lambda tx: tx.one(store.LATEST_TABLE, tenant=caller.tenant))
        return _declared(row)

    def apply(self, caller: Caller, source: str) -> Declared:
        """Put a table in force, in every process from this commit on. The same text as the present one is no new version.

        Raises:
            TableRefusedError: it may not be used.
            DeniedError: the role may not.
        """
        try:
            read_table(source, version=1)
        except TableTextError as fault:
            raise TableRefusedError(str(fault)) from None
        allowed = self._means.access.may_administer(caller, policy.Action.HANDOVER_TABLE)
        at = self._means.at()

        def work(tx: Transaction) -> Declared | None:
            if not allowed:
                group = Group(Outcome.DENIED, Reason.POLICY)
                self._means.append(tx, caller, Action.HANDOVER_TABLE_APPLY, at, [group])
                return None
            present = _declared(tx.one(store.LATEST_TABLE, tenant=caller.tenant))
            if present.source == source:
                return present
            version = present.version + 1
            tx.insert(store.INSERT_TABLES, [(caller.tenant, version, source, caller.credential, at)])
            group = Group(Outcome.DONE, rows=[version])
            self._means.append(tx, caller, Action.HANDOVER_TABLE_APPLY, at, [group])
            return Declared(version, source, rfc3339(at))

        answer = self._means.database.write(caller.tenant, work)
        if answer is None:
            raise DeniedError(Reason.POLICY)
        return answer


def _declared(row: tuple[object, ...] | None) -> Declared:
    if row is None:
        return Declared(0, shipped_text(), None)
    version, source, _, applied_at = row
    return Declared(version, str(source), rfc3339(applied_at))  # type: ignore[arg-type]  # integers, as the columns say
