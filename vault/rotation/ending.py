"""The end of old key versions.

A version ends when nothing needs it any more. That nothing does is found out in the very transaction that destroys it, after
everybody who might still have been writing under it has ended (`vault.rotation.settling`):

    kek      no DEK is wrapped by it. Its row is deleted, which the restricting foreign key of the DEKs would refuse, and a row
             without a key takes its place
    token    no record was issued under it
    format   no record of its kind has a format-preserving token of it
    search   no row of the search index was made with it
    relay    no number is found by it, which the relay says (masking.relay.rekeying)

The wrapped octets go from the row. On SQLite their pages are overwritten, in the file and in the write-ahead log. On PostgreSQL
the dead row stays in its page until vacuum takes it, and in write-ahead logs as long as those are kept: without the root key it
opens nothing, which is why a key counts as gone for good only with its root (see docs/THREAT-MODEL.md).
"""

from collections.abc import Callable, Mapping
from typing import Any

from audit.entry import Act, Action, Actor, ActorKind, Group, Outcome
from audit.event_id import uuid7
from database.statement import Statement
from database.transaction import Transaction
from vault import store as vault_store
from vault.errors import KeyInUseError, KeyIsActiveError, NotFoundError
from vault.identifier import KINDS
from vault.keyring import FORMAT, KEK, RELAY_INDEX, SEARCH, TOKEN
from vault.means import Means
from vault.rotation import store
from vault.rotation.minting import KeyName
from vault.rotation.settling import settle

ACTIVE = "active"
DESTROYED = "destroyed"
ENDABLE = (KEK, TOKEN, FORMAT, SEARCH)
"""Usages whose versions can be destroyed. The others have one version, which everything needs."""

_NEEDED: Mapping[str, tuple[str, Statement]] = {
    KEK: ("data_keys", store.DEKS_UNDER),
    TOKEN: ("records", store.RECORDS_OF_TOKEN_VERSION),
    FORMAT: ("records", store.RECORDS_OF_FORMAT_VERSION),
    SEARCH: ("search_rows", store.ROWS_OF_EPOCH),
}


class Ending:
    """Destroys key versions that nothing needs. `settled` is waited for first."""

    def __init__(self, means: Means, settled: Callable[[], None] | None = None) -> None:
        self._means = means
        self._settled = settled or (lambda: settle(means.database))

    def old(self, tenant: int, *usages: str) -> list[KeyName]:
        """The versions of these usages that only decrypt."""
        rows = self._means.database.read(tenant, lambda tx: tx.all(store.OLD_VERSIONS, tenant=tenant))
        return sorted(KeyName(*row) for row in rows if row[0] in usages)

    def end(self, tenant: int, name: KeyName, first: Callable[[Transaction], object] = lambda _: None) -> bool:
        """Destroy a version, and do `first` in the same transaction; False where it has been destroyed before.

        Raises:
            NotFoundError: there is no such version.
            KeyIsActiveError: it is the one in use.
            KeyInUseError: something needs it; nothing was changed.
        """
        self._settled()
        at = self._means.at()

        def work(tx: Transaction) -> bool:
            vault_store.lock_keyring(tx)
            row = require_old(tx, tenant, name)
            if row[1] == DESTROYED:
                return False
            first(tx)
            if name.usage != RELAY_INDEX:
                refuse_needed(tx, tenant, name)
            _destroy(tx, tenant, name, row, at)
            tx.run(vault_store.MOVE_EPOCH, tenant=tenant)
            act = Act(Action.KEYS_DESTROYED, Actor(ActorKind.SYSTEM), tenant, at, str(uuid7(at)), [
                Group(Outcome.DONE, kind=name.code)
            ])  # fmt: skip
            self._means.log.append(tx, act)
            return True

        ended = self._means.database.write(tenant, work)
        self._means.database.overwrite()
        self._means.keyring.refresh(tenant)
        return ended


def require_old(tx: Transaction, tenant: int, name: KeyName) -> tuple[Any, ...]:
    """The row of a version that is not in use, held against changes: id, state and, for a KEK, root, time and seals.

    Raises:
        NotFoundError: there is none.
        KeyIsActiveError: it is in use.
    """
    if name.usage == KEK:
        row = tx.one(store.KEK_VERSION, tenant=tenant, version=name.version)
    else:
        row = tx.one(store.PURPOSE_KEY_VERSION, tenant=tenant, **name._asdict())
    if row is None:
        raise NotFoundError
    if row[1] == ACTIVE:
        raise KeyIsActiveError
    return row


def refuse_needed(tx: Transaction, tenant: int, name: KeyName) -> None:
    """Raises KeyInUseError where something needs the version. Whether the relay needs one of its own it alone knows: its rotation
    ends that, and nobody else."""
    if name.usage == RELAY_INDEX:
        raise KeyInUseError("relay_numbers", 1)
    what, statement = _NEEDED[name.usage]
    kind = KINDS[name.scope].code if name.scope else 0
    row = tx.one(statement, tenant=tenant, version=name.version, kind=kind)
    if row is not None and row[0]:
        raise KeyInUseError(what, row[0])


def _destroy(tx: Transaction, tenant: int, name: KeyName, row: tuple[Any, ...], at: int) -> None:
    if name.usage == KEK:
        number, _, root, created_at, seals = row
        tx.run(store.DELETE_KEK, tenant=tenant, id=number)
        remembered = (tenant, name.version, root, b"", DESTROYED, created_at, seals, at)
        tx.insert(store.INSERT_ENDED_KEK, [remembered])
    else:
        tx.run(store.END_PURPOSE_KEY, tenant=tenant, id=row[0], nothing=b"", at=at)
