"""The keyring: every key of a tenant, opened once and kept with the epoch it was opened in.

Keys are wrapped by the provider's root key, outside any transaction, in the context

    "moat/keyring/v1" 0x00 | u64 tenant | u32 version | usage 0x00 scope (ASCII)

so that no wrapped key can stand in for another. A database that already holds keys is opened only with the root that
wrapped them: anything else creates nothing and raises.
"""

import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from struct import Struct
from typing import TypeVar

from audit.entry import Act, Action, Actor, ActorKind, Group, Outcome
from audit.event_id import uuid7
from audit.log import AuditLog
from database.columns import millis
from database.engine import Database
from database.transaction import Transaction
from vault import store
from vault.errors import FormatKeyNeededError, IntegrityError, KeysChangedError, RootKeyError
from vault.identifier import KINDS
from vault.keys import DataKey, FormatKey, KeyEncryptionKey, MacKey, SearchKey, TokenKey
from vault.ports import KeyProvider

ACTIVE = "active"
REFRESHES = 3

KEK = "kek"
SUBJECT_INDEX = "subject_index"
REF = "ref"
IDEMPOTENCY = "idempotency"
TOKEN = "token"  # noqa: S105 - the usage of a key, not a secret
FORMAT = "format"
SEARCH = "search"

Key = TypeVar("Key")
Answer = TypeVar("Answer")

_LABEL = b"moat/keyring/v1\x00"
_PLACE = Struct(">QI").pack
_CHECK = b"moat root key check v1"


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class TenantKeys:
    """The opened keys of one tenant. `epoch` is the keyring's when they were read."""

    epoch: int
    kek: KeyEncryptionKey
    keks: Mapping[int, KeyEncryptionKey]
    subject_index: MacKey
    refs: MacKey
    idempotency: MacKey
    token: TokenKey
    tokens: Mapping[int, TokenKey]
    formats: Mapping[str, Mapping[int, FormatKey]]
    format_versions: Mapping[str, int]
    search: Mapping[str, Mapping[int, SearchKey]]


class Keyring:
    """Opens, creates and caches the keys of tenants."""

    def __init__(self, database: Database, provider: KeyProvider, log: AuditLog, now: Callable[[], datetime]) -> None:
        self._database = database
        self._provider = provider
        self._log = log
        self._now = now
        self._cached: dict[int, TenantKeys] = {}
        self._lock = threading.Lock()

    def open(self) -> None:
        """Make sure that this root belongs to this database; a new database takes it as its own.

        Raises:
            RootKeyError: the database was made with another root key.
        """
        check = self._provider.wrap(_CHECK, _LABEL)
        at = millis(self._now())

        def adopt(tx: Transaction) -> list[tuple[str, str, bytes]]:
            store.lock_keyring(tx)
            known = [(row[1], row[2], row[3]) for row in tx.all(store.ROOTS)]
            if not known:
                tx.insert(store.INSERT_ROOTS, [(self._provider.name, self._provider.root(), check, ACTIVE, at)])
            return known

        for provider, root, stored in self._database.write(None, adopt):
            if (provider, root) != (self._provider.name, self._provider.root()):
                raise RootKeyError("other_database")
            self._prove(stored)

    @staticmethod
    def exists(database: Database) -> bool:
        """Whether the database holds keys that some root has wrapped."""
        return database.read(None, lambda tx: tx.one(store.ANY_KEK)) is not None

    def check(self) -> None:
        """Make sure that the provider still opens what its root wrapped.

        Raises:
            RootKeyError: it does not.
        """
        roots = self._database.read(None, lambda tx: tx.all(store.ROOTS))
        for _, provider, root, proof, _ in roots:
            if (provider, root) == (self._provider.name, self._provider.root()):
                self._prove(proof)
                return
        raise RootKeyError("other_database")

    def of(self, tenant: int) -> TenantKeys:
        """The tenant's keys, opened; made first if it has none."""
        keys = self._cached.get(tenant)
        return keys if keys is not None else self.refresh(tenant)

    def refresh(self, tenant: int) -> TenantKeys:
        """The tenant's keys, read anew."""
        with self._lock:
            epoch, rows = self._database.read(tenant, _rows_of(tenant))
            if epoch is None:
                self._create(tenant)
                epoch, rows = self._database.read(tenant, _rows_of(tenant))
            if epoch is None:
                raise IntegrityError
            keys = self._opened(tenant, epoch, rows)
            self._cached[tenant] = keys
            return keys

    def using(self, tenant: int, attempt: Callable[[TenantKeys], Answer]) -> Answer:
        """Run `attempt` with the tenant's keys, and again with fresh ones when it finds that they moved on."""
        for _ in range(REFRESHES):
            try:
                return attempt(self.of(tenant))
            except KeysChangedError:
                self.refresh(tenant)
            except FormatKeyNeededError as needed:
                self.mint(tenant, FORMAT, needed.kind)
        return attempt(self.of(tenant))

    def renew_token_keys(self) -> None:
        """Mint a token key version for every tenant.

        Done at every start. A database that was put back from a copy will give out row numbers again that others have
        tokens for; under a new version none of those tokens can meet the new rows.
        """
        for (tenant,) in self._database.read(None, lambda tx: tx.all(store.TENANTS_WITH_KEYS)):
            self.mint(tenant, TOKEN, "")

    def mint(self, tenant: int, usage: str, scope: str) -> None:
        """Make the next version of a key the active one; the versions before it only read."""
        latest = self._database.read(
            tenant, lambda tx: tx.one(store.LATEST_VERSION, tenant=tenant, usage=usage, scope=scope)
        )
        version = (latest[0] if latest else 0) + 1
        wrapped = self._wrap_new(tenant, usage, scope, version)
        at = millis(self._now())
        act = Act(Action.KEYS_MINT, Actor(ActorKind.SYSTEM), tenant, at, str(uuid7(at)), [Group(Outcome.DONE)])

        def work(tx: Transaction) -> None:
            store.lock_keyring(tx)
            if tx.one(store.LATEST_VERSION, tenant=tenant, usage=usage, scope=scope) != latest:
                return
            root = next(row[0] for row in tx.all(store.ROOTS) if row[4] == ACTIVE)
            tx.run(store.RETIRE_KEY, tenant=tenant, usage=usage, scope=scope)
            tx.insert(store.INSERT_PURPOSE_KEYS, [(tenant, usage, scope, version, root, wrapped, ACTIVE, at)])
            tx.run(store.MOVE_EPOCH, tenant=tenant)
            self._log.append(tx, act)

        self._database.write(tenant, work)
        self.refresh(tenant)

    def _prove(self, check: bytes) -> None:
        try:
            if self._provider.unwrap(check, _LABEL) == _CHECK:
                return
        except IntegrityError:
            pass
        raise RootKeyError("other_database")

    def _create(self, tenant: int) -> None:
        usages = [(usage, "") for usage in (SUBJECT_INDEX, REF, IDEMPOTENCY, TOKEN)]
        usages += [(SEARCH, kind.name) for kind in KINDS.values() if kind.searchable]
        wrapped = [(usage, scope, self._wrap_new(tenant, usage, scope, 1)) for usage, scope in usages]
        kek = self._wrap_new(tenant, KEK, "", 1)
        at = millis(self._now())
        act = Act(Action.KEYS_CREATE, Actor(ActorKind.SYSTEM), tenant, at, str(uuid7(at)))

        def create(tx: Transaction) -> None:
            store.lock_keyring(tx)
            if tx.one(store.EPOCH, tenant=tenant):
                return
            root = next(row[0] for row in tx.all(store.ROOTS) if row[4] == ACTIVE)
            tx.insert(store.INSERT_EPOCHS, [(tenant, 1)])
            tx.insert(store.INSERT_KEKS, [(tenant, 1, root, kek, ACTIVE, at)])
            rows = [(tenant, usage, scope, 1, root, key, ACTIVE, at) for usage, scope, key in wrapped]
            tx.insert(store.INSERT_PURPOSE_KEYS, rows)
            self._log.append(tx, act)

        self._database.write(tenant, create)

    def _wrap_new(self, tenant: int, usage: str, scope: str, version: int) -> bytes:
        return self._provider.wrap(DataKey.generate().expose(), wrapping_context(tenant, usage, scope, version))

    def _opened(self, tenant: int, epoch: int, rows: list[store.KeyRow]) -> TenantKeys:
        octets = {
            (row.usage, row.scope, row.version): self._provider.unwrap(
                row.wrapped, wrapping_context(tenant, row.usage, row.scope, row.version)
            )
            for row in rows
        }
        keks = {row.id: KeyEncryptionKey(octets[KEK, "", row.version], id=row.id) for row in rows if row.usage == KEK}
        tokens = {row.version: TokenKey(octets[TOKEN, "", row.version], version=row.version)
                  for row in rows if row.usage == TOKEN}  # fmt: skip
        active = {(row.usage, row.scope): row for row in rows if row.state == ACTIVE}

        def mac(usage: str) -> MacKey:
            return MacKey(octets[usage, "", active[usage, ""].version])

        return TenantKeys(
            epoch=epoch,
            kek=keks[active[KEK, ""].id],
            keks=keks,
            subject_index=mac(SUBJECT_INDEX),
            refs=mac(REF),
            idempotency=mac(IDEMPOTENCY),
            token=tokens[active[TOKEN, ""].version],
            tokens=tokens,
            formats=_by_scope(rows, octets, FORMAT, FormatKey),
            format_versions={scope: row.version for (usage, scope), row in active.items() if usage == FORMAT},
            search=_by_scope(rows, octets, SEARCH, SearchKey),
        )


def _by_scope(
    rows: list[store.KeyRow], octets: Mapping[tuple[str, str, int], bytes], usage: str, make: Callable[[bytes], Key]
) -> dict[str, dict[int, Key]]:
    found: dict[str, dict[int, Key]] = {}
    for row in rows:
        if row.usage == usage:
            found.setdefault(row.scope, {})[row.version] = make(octets[usage, row.scope, row.version])
    return found


def _rows_of(tenant: int) -> Callable[[Transaction], tuple[int | None, list[store.KeyRow]]]:
    def read(tx: Transaction) -> tuple[int | None, list[store.KeyRow]]:
        epoch = tx.one(store.EPOCH, tenant=tenant)
        return (epoch[0] if epoch else None), [store.KeyRow(*row) for row in tx.all(store.KEYS, tenant=tenant)]

    return read


def wrapping_context(tenant: int, usage: str, scope: str, version: int) -> bytes:
    """What a wrapped key is bound to."""
    return _LABEL + _PLACE(tenant, version) + usage.encode() + b"\x00" + scope.encode()
