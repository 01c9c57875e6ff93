"""The signing keys of the audit log and of its exports: Ed25519 seeds, wrapped by the root like every other key, of no tenant.

A rotation makes a key and announces it by an entry of the log. The key before it keeps signing beside it until the next
rotation, so that whoever has pinned it can read the announcement in a log that it still signs.
"""

import threading
from collections.abc import Callable, Sequence
from datetime import datetime

from nacl.signing import SigningKey

from audit.entry import Act, Action, Actor, ActorKind, Group, Outcome
from audit.event_id import uuid7
from audit.log import AuditLog
from database.columns import millis
from database.engine import Database
from database.transaction import Transaction
from vault import store
from vault.custody.roots import ACTIVE, Held, Roots
from vault.keyring import wrapping_context
from vault.keys import DataKey

SYSTEM = 0
"""The tenant of what belongs to the deployment."""

LOG_SIGNING = "log_signing"
EXPORT_SIGNING = "export_signing"
ERASURE_SIGNING = "erasure_signing"
SIGN_AT_ONCE = 2


class LogKey:
    """One signing key. It signs and cannot be shown, compared or copied."""

    __slots__ = ("_key",)

    def __init__(self, seed: bytes) -> None:
        self._key = SigningKey(seed)

    @property
    def public(self) -> bytes:
        """The Ed25519 public key, 32 octets."""
        return bytes(self._key.verify_key)

    def sign(self, message: bytes) -> bytes:
        """The signature of `message`, 64 octets."""
        return self._key.sign(message).signature

    def __repr__(self) -> str:
        return "LogKey()"

    def __reduce__(self) -> str:
        raise TypeError("a key is not copied")


class LogKeyring:
    """Opens, makes and keeps the keys of one usage: the log's own, or those that sign its exports."""

    def __init__(
        self,
        database: Database,
        roots: Roots,
        log: AuditLog,
        now: Callable[[], datetime],
        *,
        usage: str = LOG_SIGNING,
    ) -> None:
        self._usage = usage
        self._database = database
        self._roots = roots
        self._log = log
        self._now = now
        self._opened: dict[int, LogKey] = {}
        self._lock = threading.Lock()
        roots.seal.on_closing(self._opened.clear)

    def signers(self) -> Sequence[LogKey]:
        """The keys that sign now, the newest first. The first call makes the first key.

        Raises:
            IntegrityError: a key was not wrapped by its root.
            KeysUnavailableError: the seal is closed, or the provider of a key that is not in memory does not answer.
        """
        return self._keys()[:SIGN_AT_ONCE]

    def publics(self) -> Sequence[bytes]:
        """The public keys of all keys that ever signed, the newest first."""
        return [key.public for key in self._keys()]

    def rotate(self, actor: Actor) -> bytes:
        """Make a key that signs from now on, announce it in the log, and give its public half."""
        seed = DataKey.generate().expose()
        latest = self._latest()
        version = latest + 1
        at = millis(self._now())
        public = LogKey(seed).public
        announced = [Group(Outcome.DONE, kind=self._usage)]
        act = Act(Action.AUDIT_KEY_CREATE, actor, SYSTEM, at, str(uuid7(at)), announced, key=public.hex())

        def keep(root: int, wrapped: list[bytes]) -> None:
            def work(tx: Transaction) -> None:
                store.lock_keyring(tx)
                if self._version(tx) != latest:
                    return
                self._roots.hold(tx, root)
                tx.run(store.RETIRE_KEY, tenant=SYSTEM, usage=self._usage, scope="")
                tx.insert(store.INSERT_PURPOSE_KEYS, [(SYSTEM, self._usage, "", version, root, wrapped[0], ACTIVE, at)])
                self._log.append(tx, act)

            self._database.write(None, work)

        self._roots.wrap([(seed, wrapping_context(SYSTEM, self._usage, "", version))], keep)
        return self._keys()[0].public

    def _latest(self) -> int:
        return self._database.read(None, self._version)

    def _version(self, tx: Transaction) -> int:
        row = tx.one(store.LATEST_VERSION, tenant=SYSTEM, usage=self._usage, scope="")
        return int(row[0]) if row and row[0] else 0

    def _keys(self) -> list[LogKey]:
        """All keys, the newest first."""
        self._roots.seal.require()
        if self._latest() == 0:
            self.rotate(Actor(ActorKind.SYSTEM))
        rows = self._database.read(None, lambda tx: [store.KeyRow(*row) for row in tx.all(store.KEYS, tenant=SYSTEM)])
        with self._lock:
            missing = [row for row in rows if row.usage == self._usage and row.version not in self._opened]
            held = [
                Held(row.root, bytes(row.wrapped), wrapping_context(SYSTEM, self._usage, row.scope, row.version))
                for row in missing
            ]
            for row, seed in zip(missing, self._roots.unwrap(held), strict=True):
                self._opened[row.version] = LogKey(seed)
            return [self._opened[version] for version in sorted(self._opened, reverse=True)]
