"""Making the next version of keys: it becomes the active one, and the one before it only decrypts."""

from collections.abc import Sequence
from typing import Any, NamedTuple

from audit.entry import Act, Action, Actor, ActorKind, Group, Outcome
from audit.event_id import uuid7
from database.transaction import Transaction
from vault import store as vault_store
from vault.custody.roots import ACTIVE, Roots
from vault.keyring import KEK, new_key
from vault.means import Means
from vault.rotation import store


class KeyName(NamedTuple):
    """One version of a key of a tenant. `scope` is the kind that it serves, if any."""

    usage: str
    scope: str
    version: int

    @property
    def code(self) -> str:
        """The version as entries of the log name it."""
        return "_".join(str(part) for part in self if part)


class Minting:
    """Makes successors. Each is named by the version that it follows, so that asking twice makes one."""

    def __init__(self, means: Means, roots: Roots) -> None:
        self._means = means
        self._roots = roots

    def active(self, tx: Transaction, tenant: int) -> list[KeyName]:
        """The versions that are active now."""
        return [KeyName(*row) for row in tx.all(store.ACTIVE_VERSIONS, tenant=tenant)]

    def succeed(self, tenant: int, before: Sequence[KeyName]) -> None:
        """Make the version after each of `before` the active one, where that still is the latest; all in one transaction.

        Raises:
            KeysUnavailableError: the key provider does not answer.
        """
        at = self._means.at()
        names = [one._replace(version=one.version + 1) for one in before]

        def keep(root: int, wrapped: list[bytes]) -> None:
            def work(tx: Transaction) -> None:
                vault_store.lock_keyring(tx)
                self._roots.hold(tx, root)
                made = [
                    (name, octets)
                    for name, octets in zip(names, wrapped, strict=True)
                    if _latest(tx, tenant, name) == name.version - 1
                ]
                for name, octets in made:
                    _insert(tx, tenant, name, (root, octets, ACTIVE, at))
                if made:
                    tx.run(vault_store.MOVE_EPOCH, tenant=tenant)
                    groups = [Group(Outcome.DONE, kind=name.code) for name, _ in made]
                    act = Act(Action.KEYS_MINT, Actor(ActorKind.SYSTEM), tenant, at, str(uuid7(at)), groups)
                    self._means.log.append(tx, act)

            self._means.database.write(tenant, work)

        self._roots.wrap([new_key(tenant, *name) for name in names], keep)
        self._means.keyring.refresh(tenant)


def _latest(tx: Transaction, tenant: int, name: KeyName) -> int:
    if name.usage == KEK:
        row = tx.one(store.LATEST_KEK, tenant=tenant)
    else:
        row = tx.one(vault_store.LATEST_VERSION, tenant=tenant, usage=name.usage, scope=name.scope)
    return int(row[0]) if row else 0


def _insert(tx: Transaction, tenant: int, name: KeyName, values: tuple[Any, ...]) -> None:
    usage, scope, version = name
    if usage == KEK:
        tx.run(store.RETIRE_KEK, tenant=tenant)
        tx.insert(vault_store.INSERT_KEKS, [(tenant, version, *values)])
    else:
        tx.run(vault_store.RETIRE_KEY, tenant=tenant, usage=usage, scope=scope)
        tx.insert(vault_store.INSERT_PURPOSE_KEYS, [(tenant, usage, scope, version, *values)])
