"""The public keys by which a tenant's platform signs assertions: registered by its operator, revoked at once."""

from typing import NamedTuple

from audit.entry import Act, Action, Group, Outcome
from audit.log import AuditLog
from database.engine import Database
from database.transaction import Transaction
from dsar.identity import store
from dsar.identity.errors import KeyNotFoundError, TooManyKeysError
from dsar.identity.public_key import PublicKey
from dsar.request import By

KEYS_AT_MOST = 8


class Registered(NamedTuple):
    """A key that verifies, and since when, in milliseconds since the epoch."""

    key: PublicKey
    made_at: int


class PlatformKeys:
    """The use cases of keys."""

    def __init__(self, database: Database, log: AuditLog) -> None:
        self._database = database
        self._log = log

    def add(self, tenant: int, pem: str, by: By) -> Registered:
        """Let assertions be signed by this key, too. Adding it twice is adding it once.

        Raises:
            PublicKeyError: it is no Ed25519 or P-256 public key in PEM.
            TooManyKeysError: the tenant has eight.
        """
        key = PublicKey.of_pem(pem)

        def work(tx: Transaction) -> Registered:
            known = {row[0]: row[2] for row in tx.all(store.KEYS, tenant=tenant)}
            if key.thumbprint in known:
                return Registered(key, known[key.thumbprint])
            if len(known) >= KEYS_AT_MOST:
                raise TooManyKeysError
            tx.run(store.PUT_KEY, tenant=tenant, thumbprint=key.thumbprint, der=key.der, at=by.at)
            self._record(tx, tenant, Action.IDENTITY_KEY_ADD, by)
            return Registered(key, by.at)

        return self._database.write(tenant, work)

    def all(self, tenant: int) -> list[Registered]:
        """Those that verify now, the oldest first."""
        rows = self._database.read(tenant, lambda tx: tx.all(store.KEYS, tenant=tenant))
        return sorted(
            (Registered(PublicKey.of_der(bytes(row[1])), row[2]) for row in rows), key=lambda one: one.made_at
        )

    def revoke(self, tenant: int, thumbprint: str, by: By) -> None:
        """Accept nothing more that is signed by this key. Raises KeyNotFoundError."""

        def work(tx: Transaction) -> None:
            if not tx.run(store.REVOKE_KEY, tenant=tenant, thumbprint=thumbprint, at=by.at):
                raise KeyNotFoundError
            self._record(tx, tenant, Action.IDENTITY_KEY_REVOKE, by)

        self._database.write(tenant, work)

    def _record(self, tx: Transaction, tenant: int, action: Action, by: By) -> None:
        self._log.append(tx, Act(action, by.actor, tenant, by.at, by.call, [Group(Outcome.DONE)]))
