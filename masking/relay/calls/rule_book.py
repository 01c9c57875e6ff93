"""The rules of each tenant, from memory: every attempt tells which version is in force, and another one is read for the
next."""

from database.transaction import Transaction
from masking.relay.calls import store
from masking.relay.calls.rules import Rules
from masking.relay.calls.rules_text import default_rules, parse_rules


class RuleBook:
    """What is known of rules in this process."""

    def __init__(self) -> None:
        self._known: dict[int, Rules] = {}

    def of(self, tx: Transaction, tenant: int) -> Rules:
        """The rules in force, as they were at the last attempt here."""
        known = self._known.get(tenant)
        if known is None:
            known = self.read(tx, tenant)
            self._known[tenant] = known
        return known

    def noticed(self, tenant: int, version: int | None) -> None:
        """Another attempt has seen that this version is in force; None where the tenant has none of its own."""
        known = self._known.get(tenant)
        if known is not None and known.version != (version or 0):
            self._known.pop(tenant, None)

    def read(self, tx: Transaction, tenant: int) -> Rules:
        """The rules in force now."""
        row = tx.one(store.RULES_IN_FORCE, tenant=tenant)
        return default_rules() if row is None else parse_rules(row[2], version=row[0])
