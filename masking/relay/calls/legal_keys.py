"""The months' keys as the deployment knows them: public halves, when the private ones were destroyed, and what goes with them.

A key leaves in one of two ways. Its keepers destroy their halves: one of them suffices, and what was sealed to it goes in the
same transaction. Or its time is over: what was sealed goes, and readiness says so until the keepers have destroyed theirs.
"""

from collections.abc import Callable, Sequence
from datetime import datetime
from functools import partial
from typing import NamedTuple

from audit.entry import Act, Action, Actor, ActorKind, Group, Outcome
from audit.event_id import uuid7
from audit.log import AuditLog
from database.columns import millis
from database.engine import Database
from database.statement import Statement
from database.transaction import Row, Transaction
from masking.relay.bound import By
from masking.relay.calls import store
from masking.relay.calls.errors import LegalError
from masking.relay.calls.legal_halves import Which
from masking.relay.calls.legal_record import month_name, month_of
from masking.relay.calls.rule_book import RuleBook

DAY_MS = 86_400_000
WARNED_BEFORE_MS = 10 * DAY_MS
"""So long before a month begins without a key, readiness says so."""


class LegalKey(NamedTuple):
    """A key of a month. The digests name the files of its two halves; times are milliseconds since the epoch."""

    month: int
    public: bytes
    first_digest: bytes
    second_digest: bytes
    made_at: int
    first_gone_at: int | None = None
    second_gone_at: int | None = None

    @property
    def gone(self) -> bool:
        """Whether it opens nothing any more: one half is not enough."""
        return self.first_gone_at is not None or self.second_gone_at is not None


class LegalKeys:
    """The use cases around keys."""

    def __init__(self, database: Database, log: AuditLog, rules: RuleBook, now: Callable[[], datetime]) -> None:
        self._database = database
        self._log = log
        self._rules = rules
        self._now = now

    def all(self, tenant: int) -> Sequence[LegalKey]:
        """The keys of a tenant, by month."""
        return [_key(row) for row in self._database.read(tenant, lambda tx: tx.all(store.LEGAL_KEYS, tenant=tenant))]

    def add(self, by: By, key: LegalKey) -> None:
        """Seal the calls of a month to a key from now on. The same key again changes nothing.

        Raises:
            LegalError: the month has another key, or is over.
        """
        if key.month < month_of(by.at):
            raise LegalError(f"{month_name(key.month)} is over")

        def work(tx: Transaction) -> None:
            row = (by.tenant, key.month, key.public, key.first_digest, key.second_digest, by.at)
            if tx.insert(store.INSERT_LEGAL_KEYS, [row]):
                group = Group(Outcome.DONE, rows=[key.month], wording=key.public.hex())
                self._record(tx, by, Action.RELAY_LEGAL_KEY_ADD, group)
                return
            known = _require(tx.one(store.LEGAL_KEY, tenant=by.tenant, month=key.month), key.month)
            if (known.public, known.first_digest, known.second_digest) != (
                key.public,
                key.first_digest,
                key.second_digest,
            ):
                raise LegalError(f"{month_name(key.month)} has another key")

        self._database.write(by.tenant, work)

    def half_of(self, by: By, month: int, digest: bytes) -> Which:
        """Which half of the key of a month a file is, by its digest, if it may be destroyed.

        Raises:
            LegalError: there is no such key, or that is not the digest of one of its halves, or the month is not over.
        """
        return self._database.read(by.tenant, lambda tx: _half(tx, by, month, digest)[0])

    def destroyed(self, by: By, month: int, digest: bytes) -> Which:
        """Take note that a half was destroyed, known by the digest of its file, and delete what was sealed to the key.

        Raises:
            LegalError: as `half_of`.
        """

        def work(tx: Transaction) -> Which:
            which, statement = _half(tx, by, month, digest)
            if tx.run(statement, tenant=by.tenant, month=month, at=by.at):
                dropped = tx.run(store.DELETE_SEALED, tenant=by.tenant, month=month)
                group = Group(Outcome.DONE, view=which.name.lower(), rows=[month], wording=digest.hex())
                self._record(tx, by, Action.RELAY_LEGAL_KEY_DESTROY, group)
                if dropped:
                    self._record(tx, by, Action.RELAY_LEGAL_DROP, Group(Outcome.DONE, count=dropped))
            return which

        return self._database.write(by.tenant, work)

    def sweep(self, at: int) -> None:
        """Delete what was sealed longer ago than the tenant's rules keep it, and what its key opens no more: a restored copy of
        the database may have brought that back."""
        months = self._database.read(None, lambda tx: tx.all(store.SEALED_MONTHS, before=month_of(at) + 1))
        for tenant, month in months:
            self._database.write(tenant, partial(self._drop, tenant=tenant, month=month, at=at))

    def warning(self) -> str | None:
        """`relay_legal_key_missing` while a tenant that seals calls has no key for what comes in ten days;
        `relay_legal_key_overdue` while one that opens nothing more is not destroyed."""
        at = millis(self._now())
        for (tenant,) in self._database.read(None, lambda tx: tx.all(store.TENANTS_WITH_RULES)):
            if self._database.read(tenant, partial(self._misses, tenant=tenant, at=at)):
                return "relay_legal_key_missing"
        kept = self._database.read(None, lambda tx: tx.all(store.LEGAL_KEYS_LEFT, before=month_of(at)))
        for tenant, month in kept:
            rules = self._database.read(tenant, partial(self._rules.read, tenant=tenant))
            if month < month_of(at) - rules.legal_months:
                return "relay_legal_key_overdue"
        return None

    def _misses(self, tx: Transaction, *, tenant: int, at: int) -> bool:
        if not self._rules.read(tx, tenant).legal:
            return False
        wanted = {month_of(at), month_of(at + WARNED_BEFORE_MS)}
        return any(tx.one(store.LEGAL_KEY, tenant=tenant, month=month) is None for month in wanted)

    def _drop(self, tx: Transaction, *, tenant: int, month: int, at: int) -> None:
        row = tx.one(store.LEGAL_KEY, tenant=tenant, month=month)
        over = month < month_of(at) - self._rules.read(tx, tenant).legal_months
        if over or row is None or _key(row).gone:
            dropped = tx.run(store.DELETE_SEALED, tenant=tenant, month=month)
            system = By(tenant, Actor(ActorKind.SYSTEM), str(uuid7(at)), at)
            self._record(tx, system, Action.RELAY_LEGAL_DROP, Group(Outcome.DONE, count=dropped))

    def _record(self, tx: Transaction, by: By, action: Action, group: Group) -> None:
        self._log.append(tx, Act(action, by.actor, by.tenant, by.at, by.request, [group]))


def _half(tx: Transaction, by: By, month: int, digest: bytes) -> tuple[Which, Statement]:
    """Which half a file is, and the statement that notes that it is gone. Raises LegalError."""
    if month >= month_of(by.at):
        raise LegalError(f"{month_name(month)} is not over: calls are still sealed to its key")
    key = _require(tx.one(store.LEGAL_KEY, tenant=by.tenant, month=month), month)
    if digest == key.first_digest:
        return Which.FIRST, store.FIRST_GONE
    if digest == key.second_digest:
        return Which.SECOND, store.SECOND_GONE
    raise LegalError("that file is not a half of the key of that month")


def _require(row: Row | None, month: int) -> LegalKey:
    if row is None:
        raise LegalError(f"there is no key of {month_name(month)}")
    return _key(row)


def _key(row: Row) -> LegalKey:
    month, public, first, second, *times = row
    return LegalKey(month, bytes(public), bytes(first), bytes(second), *times)
