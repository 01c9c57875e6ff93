"""Which policy is in force, and putting another one in force: once, whole, with its entry, and never to be changed.

Where nothing was applied the built-in policy is in force. It is put on record before a plan rests on it, so that a later version
of this program cannot change what was decided by it.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import orjson

from audit.entry import Act, Action, Group, Outcome
from audit.log import AuditLog
from database.columns import moment
from database.engine import Database
from database.transaction import Transaction
from dsar.request import By, by_itself
from dsar.retention import store
from dsar.retention.errors import PolicyConflictError, PolicyError, PolicyNotFoundError
from dsar.retention.policy_text import builtin_policy, builtin_source, parse_source, source_digest, source_text
from dsar.retention.ports import Catalogue, ToldPurpose
from dsar.retention.rule import Action as RuleAction
from dsar.retention.rule import Policy, Rule, Start

KEPT = 64
"""Policies that stay in memory."""

FURTHEST_EAST_MS = 14 * 3_600_000
"""By when a day may have begun somewhere."""

_FACETS = (
    "kinds",
    "purposes",
    "start",
    "period",
    "grace",
    "fallback",
    "fallback_from",
    "expected",
    "minimums",
    "action",
    "law",
    "article",
    "reason",
    "reviewed",
)


@dataclass(frozen=True, slots=True)
class Edition:
    """A policy that was applied: when in milliseconds since the epoch (0 for the built-in one before it is on record), and the
    digest of its text."""

    policy: Policy
    digest: str
    builtin: bool
    applied_at: int


@dataclass(frozen=True, slots=True)
class RuleChange:
    """What applying a policy changes in one rule: `added`, `removed`, or the names of what is changed."""

    rule: str
    facets: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Comparison:
    """What applying a policy would change or has changed. `was` is the version before, None where nothing was on record."""

    policy: Policy
    was: int | None
    changes: Sequence[RuleChange]

    @property
    def news(self) -> bool:
        """Whether this is another version than the one in force."""
        return self.was != self.policy.version


class PolicyBook:
    """Which policy is in force for a tenant, read in the caller's transaction."""

    def __init__(self) -> None:
        self._parsed: dict[str, Policy] = {}

    def in_force(self, tx: Transaction, tenant: int) -> Edition:
        """The latest that was applied; the built-in one where none was."""
        return self.in_force_soon(tx, tenant)()

    def in_force_soon(self, tx: Transaction, tenant: int) -> Callable[[], Edition]:
        """`in_force`, asked for together with the statement after it, and given once that is answered."""
        head = tx.later(store.HEAD, tenant=tenant)

        def edition() -> Edition:
            row = head()
            return builtin_edition() if row is None else self._edition(tx, tenant, row)

        return edition

    def version(self, tx: Transaction, tenant: int, version: int) -> Edition:
        """A version that was applied.

        Raises:
            PolicyNotFoundError: it was not.
        """
        row = tx.one(store.POLICY, tenant=tenant, version=version)
        if row is None:
            raise PolicyNotFoundError
        return self._edition(tx, tenant, row)

    def _edition(self, tx: Transaction, tenant: int, row: tuple[Any, ...]) -> Edition:
        version, digest, builtin, applied_at = row
        policy = self._parsed.get(digest)
        if policy is None:
            if len(self._parsed) >= KEPT:
                self._parsed.clear()
            found = tx.one(store.SOURCE, tenant=tenant, version=version)
            policy = self._parsed[digest] = parse_source(orjson.loads(found[0] if found else b"{}"))
        return Edition(policy, digest, bool(builtin), applied_at)


class Policies:
    """The use cases of policies. `kinds` are what they may be about; those among them that are `whole` end or stay, and cannot be
    only stored."""

    def __init__(
        self,
        database: Database,
        log: AuditLog,
        book: PolicyBook,
        catalogue: Catalogue,
        kinds: frozenset[str],
        *,
        whole: frozenset[str] = frozenset(),
    ) -> None:
        self._database = database
        self._log = log
        self._book = book
        self._catalogue = catalogue
        self._kinds = kinds
        self._whole = whole

    def apply(self, tenant: int, source: Mapping[str, Any], by: By) -> Comparison:
        """Put a policy in force. The one that is in force already stays as it is.

        Raises:
            PolicyError: it may not be used; the field is named.
            PolicyConflictError: it contradicts what was applied; the field is named.
        """
        policy = parse_source(source)

        def work(tx: Transaction) -> Comparison:
            store.lock_policy(tx, tenant)
            comparison = self._compared(tx, tenant, source, policy, by)
            if comparison.news:
                self._put(tx, tenant, source, by, builtin=False)
            return comparison

        return self._database.write(tenant, work)

    def compare(self, tenant: int, source: Mapping[str, Any], by: By) -> Comparison:
        """What `apply` would do, done to nothing. Raises what it raises."""
        policy = parse_source(source)
        return self._database.read(tenant, lambda tx: self._compared(tx, tenant, source, policy, by))

    def settled(self, tx: Transaction, tenant: int, at: int) -> Edition:
        """The policy in force, on record from now on."""
        edition = self._book.in_force(tx, tenant)
        if edition.applied_at == 0:
            store.lock_policy(tx, tenant)
            if tx.one(store.HEAD, tenant=tenant) is None:
                self._put(tx, tenant, builtin_source(), by_itself(at), builtin=True)
            edition = self._book.in_force(tx, tenant)
        return edition

    def edition(self, tenant: int, version: int | None = None) -> Edition:
        """The policy in force, or an earlier version. Raises PolicyNotFoundError."""
        if version is None:
            return self._database.read(tenant, lambda tx: self._book.in_force(tx, tenant))
        return self._database.read(tenant, lambda tx: self._book.version(tx, tenant, version))

    def versions(self, tenant: int) -> Sequence[Edition]:
        """Every version that was applied, in order."""

        def work(tx: Transaction) -> list[Edition]:
            rows = tx.all(store.VERSIONS, tenant=tenant)
            return [self._book.version(tx, tenant, int(row[0])) for row in rows]

        return self._database.read(tenant, work)

    def source(self, tenant: int, version: int | None = None) -> dict[str, Any]:
        """The tree of the policy in force, or of an earlier version. Raises PolicyNotFoundError."""
        edition = self.edition(tenant, version)
        if edition.applied_at == 0:
            return builtin_source()
        wanted = edition.policy.version
        row = self._database.read(tenant, lambda tx: tx.one(store.SOURCE, tenant=tenant, version=wanted))
        found: dict[str, Any] = orjson.loads(row[0] if row else b"{}")
        return found

    def _compared(self, tx: Transaction, tenant: int, source: Mapping[str, Any], policy: Policy, by: By) -> Comparison:
        _refuse_unknown(policy, self._kinds, self._catalogue.purposes(tx, tenant), by)
        _refuse_restricting(policy, self._whole)
        row = tx.one(store.HEAD, tenant=tenant)
        if row is None:
            return Comparison(policy, None, rule_changes(builtin_policy(), policy))
        before = self._book.in_force(tx, tenant)
        was, same = before.policy.version, before.digest == source_digest(source_text(source))
        if policy.version == was and not same:
            raise PolicyConflictError(f"version: {was} was applied with other content; take {was + 1}")
        if policy.version < was:
            raise PolicyConflictError(f"version: {was} is in force; take {was + 1}")
        return Comparison(policy, was, rule_changes(before.policy, policy))

    def _put(self, tx: Transaction, tenant: int, source: Mapping[str, Any], by: By, *, builtin: bool) -> None:
        text = source_text(source)
        digest, version = source_digest(text), parse_source(source).version
        tx.insert(store.INSERT_POLICIES, [(tenant, version, digest, text, builtin, by.at)])
        done = [Group(Outcome.DONE, rows=[version], wording=digest)]
        self._log.append(tx, Act(Action.RETENTION_POLICY_APPLY, by.actor, tenant, by.at, by.call, done))


def builtin_edition() -> Edition:
    """The built-in policy, as it is in force where nothing was applied."""
    return Edition(builtin_policy(), source_digest(source_text(builtin_source())), True, 0)


def rule_changes(before: Policy, after: Policy) -> list[RuleChange]:
    old, new = ({rule.id: rule for rule in policy.rules} for policy in (before, after))
    found = [RuleChange(name, ("added",)) for name in new if name not in old]
    found += [RuleChange(name, ("removed",)) for name in old if name not in new]
    for name in old.keys() & new.keys():
        facets = tuple(one for one in _FACETS if getattr(old[name], one) != getattr(new[name], one))
        found += [RuleChange(name, facets)] if facets else []
    return sorted(found, key=lambda one: one.rule)


def _refuse_unknown(policy: Policy, kinds: frozenset[str], told: Mapping[str, ToldPurpose], by: By) -> None:
    """Raises PolicyError where a rule is not about what is there, or says other than what people are told."""
    today = moment(by.at + FURTHEST_EAST_MS).date()
    for rule in policy.rules:
        place = f"rules.{rule.id}"
        for kind in sorted(rule.kinds - kinds):
            raise PolicyError(f"{place}.kinds: the vault has no kind {kind}")
        for purpose in sorted(rule.purposes):
            if purpose not in told:
                raise PolicyError(f"{place}.purposes: the catalogue has no purpose {purpose}")
            _refuse_untold(place, rule, purpose, told[purpose])
        if rule.reviewed > today:
            raise PolicyError(f"{place}.reviewed: a day that has not come")


def _refuse_restricting(policy: Policy, whole: frozenset[str]) -> None:
    """Raises PolicyError where a rule has something only stored that can be used or be gone, and nothing between."""
    for rule in policy.rules:
        if rule.action is RuleAction.RESTRICT:
            for kind in sorted(rule.kinds & whole):
                raise PolicyError(f"rules.{rule.id}.action: {kind} cannot be only stored; take delete")


def _refuse_untold(place: str, rule: Rule, purpose: str, told: ToldPurpose) -> None:
    if rule.start is Start.CONSENT_WITHDRAWN and not told.rests_on_consent:
        raise PolicyError(f"{place}.start: {purpose} rests on no consent, so that none can be withdrawn")
    if told.days is not None and rule.period.least_days > told.days:
        raise PolicyError(f"{place}.period: the notice of {purpose} promises {told.days} days at most")
