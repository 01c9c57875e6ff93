"""Rules of a tenant: which are in force, and applying others."""

from typing import NamedTuple

from audit.entry import Act, Action, Group, Outcome
from audit.log import AuditLog
from database.engine import Database
from database.transaction import Transaction
from masking.relay.bound import By
from masking.relay.calls import store
from masking.relay.calls.errors import RulesError, RulesVersionError
from masking.relay.calls.rule_book import RuleBook
from masking.relay.calls.rules_text import TEXT_AT_MOST, default_text, digest_of, parse_rules


class InForce(NamedTuple):
    """Rules in force, as they were written. `version` 0 are those that Moat ships, which nobody applied."""

    version: int
    digest: str
    source: str
    applied_at: int | None
    applied_by: int | None


class RuleDesk:
    """Reads and applies rules."""

    def __init__(self, database: Database, log: AuditLog, book: RuleBook) -> None:
        self._database = database
        self._log = log
        self._book = book

    def in_force(self, tenant: int) -> InForce:
        """The rules in force."""
        return self._database.read(tenant, lambda tx: self._in_force(tx, tenant))

    def apply(self, by: By, source: str) -> InForce:
        """Put rules in force, for every attempt from the next one on. The very same ones again change nothing.

        Raises:
            RulesError: they cannot be used.
            RulesVersionError: their version is not above that in force.
        """
        if len(source) > TEXT_AT_MOST:
            raise RulesError(f"longer than {TEXT_AT_MOST} characters")
        rules, digest = parse_rules(source), digest_of(source)

        def work(tx: Transaction) -> InForce:
            now = self._in_force(tx, by.tenant)
            if (now.version, now.digest) == (rules.version, digest):
                return now
            if rules.version <= now.version:
                raise RulesVersionError
            row = (by.tenant, rules.version, digest, source, by.at, by.actor.id)
            tx.insert(store.INSERT_RULES, [row])
            group = Group(Outcome.DONE, rows=[rules.version], wording=digest)
            self._log.append(tx, Act(Action.RELAY_RULES_APPLY, by.actor, by.tenant, by.at, by.request, [group]))
            return InForce(rules.version, digest, source, by.at, by.actor.id)

        applied = self._database.write(by.tenant, work)
        self._book.noticed(by.tenant, applied.version)
        return applied

    def _in_force(self, tx: Transaction, tenant: int) -> InForce:
        row = tx.one(store.RULES_IN_FORCE, tenant=tenant)
        if row is None:
            return InForce(0, digest_of(default_text()), default_text(), None, None)
        return InForce(*row)
