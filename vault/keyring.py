"""The keyring: every key of a tenant, opened once and kept with the epoch it was opened in.

Keys are wrapped by the provider's root key, outside any transaction, in the context

    "moat/keyring/v1" 0x00 | u64 tenant | u32 version | usage 0x00 scope (ASCII)

so that no wrapped key can stand in for another. Opened keys may be used while the seal is open, and are forgotten when it
closes (`vault.custody`).
"""

import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
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
from vault.custody.roots import ACTIVE, Held, Roots
from vault.errors import FormatKeyNeededError, IntegrityError, KeysChangedError
from vault.identifier import KINDS
from vault.keys import Bound, DataKey, FormatKey, KeyEncryptionKey, MacKey, SearchKey, TokenKey

REFRESHES = 3

KEK = "kek"
SUBJECT_INDEX = "subject_index"
REF = "ref"
IDEMPOTENCY = "idempotency"
TOKEN = "token"  # noqa: S105 - the usage of a key, not a secret
FORMAT = "format"
SEARCH = "search"
RELAY_INDEX = "relay_index"

Key = TypeVar("Key")
Answer = TypeVar("Answer")

_LABEL = b"moat/keyring/v1\x00"
_PLACE = Struct(">QI").pack


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class TenantKeys:
    """The opened keys of one tenant. `epoch` is the keyring's when they were read. Those of the relay are
    made when they are first needed."""

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
    relay_index: Mapping[int, MacKey] = field(default_factory=dict)


class Keyring:
    """Opens, creates and caches the keys of tenants."""

    def __init__(self, database: Database, roots: Roots, log: AuditLog, now: Callable[[], datetime]) -> None:
        self._database = database
        self._roots = roots
        self._log = log
        self._now = now
        self._cached: dict[int, TenantKeys] = {}
        self._lock = threading.Lock()
        roots.seal.on_closing(self._cached.clear)

    def of(self, tenant: int) -> TenantKeys:
        """The tenant's keys, opened; made first if it has none.

        Raises:
            KeysUnavailableError: the seal is closed, or the keys are not in memory and their provider does not answer.
        """
        self._roots.seal.require()
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

    def token_versions(self) -> dict[int, int]:
        """The newest token key version of every tenant."""
        return dict(self._database.read(None, lambda tx: tx.all(store.LATEST_VERSIONS, usage=TOKEN, scope="")))

    def renew_token_keys(self, beyond: Mapping[int, int] | None = None) -> None:
        """Mint a token key version for every tenant, or for each whose newest is not `beyond` that of before.

        Done at every start. A database that was put back from a copy will give out row numbers again that others have
        tokens for; under a new version none of those tokens can meet the new rows. Processes that begin together are given
        the versions of before they began, so that one of them mints and the others see that it did.
        """
        for tenant, version in self.token_versions().items():
            if beyond is None or version <= beyond.get(tenant, 0):
                self.mint(tenant, TOKEN, "", after=version)

    def mint(self, tenant: int, usage: str, scope: str, *, after: int | None = None) -> None:
        """Make the next version of a key the active one; the versions before it only read. With `after`, only while that is the
        newest: another process may have minted since it was looked up."""
        latest = self._database.read(
            tenant, lambda tx: tx.one(store.LATEST_VERSION, tenant=tenant, usage=usage, scope=scope)
        )
        version = (latest[0] if latest else 0) + 1
        if after is not None and version > after + 1:
            self.refresh(tenant)
            return
        at = millis(self._now())
        act = Act(Action.KEYS_MINT, Actor(ActorKind.SYSTEM), tenant, at, str(uuid7(at)), [Group(Outcome.DONE)])

        def keep(root: int, wrapped: list[bytes]) -> None:
            def work(tx: Transaction) -> None:
                store.lock_keyring(tx)
                if tx.one(store.LATEST_VERSION, tenant=tenant, usage=usage, scope=scope) != latest:
                    return
                self._roots.hold(tx, root)
                tx.run(store.RETIRE_KEY, tenant=tenant, usage=usage, scope=scope)
                tx.insert(store.INSERT_PURPOSE_KEYS, [(tenant, usage, scope, version, root, wrapped[0], ACTIVE, at)])
                tx.run(store.MOVE_EPOCH, tenant=tenant)
                self._log.append(tx, act)

            self._database.write(tenant, work)

        self._roots.wrap([new_key(tenant, usage, scope, version)], keep)
        self.refresh(tenant)

    def _create(self, tenant: int) -> None:
        usages = [(usage, "") for usage in (SUBJECT_INDEX, REF, IDEMPOTENCY, TOKEN)]
        usages += [(SEARCH, kind.name) for kind in KINDS.values() if kind.searchable]
        keys = [new_key(tenant, usage, scope, 1) for usage, scope in [(KEK, ""), *usages]]
        at = millis(self._now())
        act = Act(Action.KEYS_CREATE, Actor(ActorKind.SYSTEM), tenant, at, str(uuid7(at)))

        def keep(root: int, wrapped: list[bytes]) -> None:
            kek, *others = wrapped

            def create(tx: Transaction) -> None:
                store.lock_keyring(tx)
                if tx.one(store.EPOCH, tenant=tenant):
                    return
                self._roots.hold(tx, root)
                tx.insert(store.INSERT_EPOCHS, [(tenant, 1)])
                tx.insert(store.INSERT_KEKS, [(tenant, 1, root, kek, ACTIVE, at)])
                rows = [
                    (tenant, usage, scope, 1, root, key, ACTIVE, at)
                    for (usage, scope), key in zip(usages, others, strict=True)
                ]
                tx.insert(store.INSERT_PURPOSE_KEYS, rows)
                self._log.append(tx, act)

            self._database.write(tenant, create)

        self._roots.wrap(keys, keep)

    def _opened(self, tenant: int, epoch: int, rows: list[store.KeyRow]) -> TenantKeys:
        held = [
            Held(row.root, bytes(row.wrapped), wrapping_context(tenant, row.usage, row.scope, row.version))
            for row in rows
        ]
        names = [(row.usage, row.scope, row.version) for row in rows]
        octets = dict(zip(names, self._roots.unwrap(held), strict=True))
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
            relay_index={
                row.version: MacKey(octets[RELAY_INDEX, "", row.version]) for row in rows if row.usage == RELAY_INDEX
            },
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


def new_key(tenant: int, usage: str, scope: str, version: int) -> Bound:
    """A random key, ready to be wrapped in its place."""
    return DataKey.generate().expose(), wrapping_context(tenant, usage, scope, version)


def wrapping_context(tenant: int, usage: str, scope: str, version: int) -> bytes:
    """What a wrapped key is bound to."""
    return _LABEL + _PLACE(tenant, version) + usage.encode() + b"\x00" + scope.encode()
