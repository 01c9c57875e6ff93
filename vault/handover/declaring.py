"""What a tenant declares as text: the handover table, and the rules of shifts. The newest that was applied is in force, and the
shipped one before any was."""

from collections.abc import Callable
from typing import Final, NamedTuple

from audit.entry import Action, Group, Outcome, Reason
from database.columns import rfc3339
from database.statement import Insertion, Statement
from database.transaction import Transaction
from vault import policy
from vault.access import Caller
from vault.errors import DeniedError
from vault.handover import store
from vault.handover.errors import ShiftRulesRefusedError, TableRefusedError
from vault.handover.table_text import TableTextError, read_table, shipped_text
from vault.means import Means
from vault.shifts import store as shift_store
from vault.shifts.rules import ShiftRulesTextError, read_rules
from vault.shifts.rules import shipped_text as shipped_rules


class Declared(NamedTuple):
    """What was declared, as it was written."""

    version: int
    source: str
    applied_at: str | None


class Declaration(NamedTuple):
    """One thing that is declared: the text that Moat ships, what refuses a text, how the log calls putting one in force, and
    where versions are kept."""

    shipped: Callable[[], str]
    check: Callable[[str], None]
    action: Action
    latest: Statement
    insertion: Insertion


def _check_table(source: str) -> None:
    try:
        read_table(source, version=1)
    except TableTextError as fault:
        raise TableRefusedError(str(fault)) from None


def _check_rules(source: str) -> None:
    try:
        read_rules(source)
    except ShiftRulesTextError as fault:
        raise ShiftRulesRefusedError(str(fault)) from None


TABLE: Final = Declaration(
    shipped_text, _check_table, Action.HANDOVER_TABLE_APPLY, store.LATEST_TABLE, store.INSERT_TABLES
)
SHIFT_RULES: Final = Declaration(
    shipped_rules, _check_rules, Action.SHIFT_RULES_APPLY, shift_store.LATEST_RULES, shift_store.INSERT_RULES
)


class Declaring:
    """The use cases behind `GET` and `PUT /v1/handover/table`, and behind those of `/v1/handover/shift-rules`."""

    def __init__(self, means: Means, of: Declaration = TABLE) -> None:
        self._means = means
        self._of = of

    def present(self, caller: Caller) -> Declared:
        """What is in force."""
        row = self._means.database.read(caller.tenant, lambda tx: tx.one(self._of.latest, tenant=caller.tenant))
        return self._declared(row)

    def apply(self, caller: Caller, source: str) -> Declared:
        """Put a text in force, in every process from this commit on. The same as the present one is no new version.

        Raises:
            TableRefusedError: the table may not be used.
            ShiftRulesRefusedError: the rules of shifts may not be used.
            DeniedError: the role may not.
        """
        self._of.check(source)
        allowed = self._means.access.may_administer(caller, policy.Action.HANDOVER_TABLE)
        at = self._means.at()

        def work(tx: Transaction) -> Declared | None:
            if not allowed:
                group = Group(Outcome.DENIED, Reason.POLICY)
                self._means.append(tx, caller, self._of.action, at, [group])
                return None
            present = self._declared(tx.one(self._of.latest, tenant=caller.tenant))
            if present.source == source:
                return present
            version = present.version + 1
            tx.insert(self._of.insertion, [(caller.tenant, version, source, caller.credential, at)])
            group = Group(Outcome.DONE, rows=[version])
            self._means.append(tx, caller, self._of.action, at, [group])
            return Declared(version, source, rfc3339(at))

        answer = self._means.database.write(caller.tenant, work)
        if answer is None:
            raise DeniedError(Reason.POLICY)
        return answer

    def _declared(self, row: tuple[object, ...] | None) -> Declared:
        if row is None:
            return Declared(0, self._of.shipped(), None)
        version, source, _, applied_at = row
        return Declared(version, str(source), rfc3339(applied_at))  # type: ignore[arg-type]  # integers, as the columns say
