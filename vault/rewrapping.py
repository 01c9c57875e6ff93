"""Moving every wrapped key from one root key to another: a rotation of the root, or a move to another provider, while all runs.

    1. introduce   a root key is made in its provider, or found there, and becomes the one that wraps; the one before only opens
    2. step        some keys are opened with their root and wrapped with the active one, again and again until none is left
    3. destroy     a root key that nothing names any more is destroyed in its provider, by the decision of two persons

Each is a transaction of its own with its audit entry, with the calls to the providers before or after it, and finds out from the
database what there is to do: cut off anywhere, it is taken up by doing it again. Processes that serve meanwhile need both
providers; what they have opened stays good.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from itertools import groupby
from typing import NamedTuple

from audit.entry import Act, Action, Actor, ActorKind, Group, Outcome
from audit.event_id import uuid7
from audit.log import AuditLog
from database.columns import millis
from database.engine import Database
from database.transaction import Transaction
from vault.custody import store
from vault.custody.roots import Held, Roots
from vault.custody.store import RootRow
from vault.errors import KeysChangedError, RootInUseError, RootKeyError
from vault.keyring import KEK, wrapping_context
from vault.store import MOVE_EPOCH, lock_keyring

AT_ONCE = 200
SYSTEM = 0


@dataclass(frozen=True, slots=True)
class Decision:
    """Who wants it: a person or the service's timetable, and a second person where it takes two."""

    actor: Actor
    approver: Actor | None = None

    @property
    def by_two(self) -> bool:
        """Whether two different persons agree."""
        second = self.approver
        return second is not None and (self.actor.kind, self.actor.id) != (second.kind, second.id)


class _Key(NamedTuple):
    tenant: int
    id: int
    usage: str
    scope: str
    version: int
    wrapped: bytes
    root: int


class Rewrapping:
    """The steps of a move. Every member may raise KeysUnavailableError, after which doing it again goes on."""

    def __init__(self, database: Database, roots: Roots, log: AuditLog, now: Callable[[], datetime]) -> None:
        self._database = database
        self._roots = roots
        self._log = log
        self._now = now

    def active(self) -> RootRow:
        """The root key that wraps now.

        Raises:
            RootKeyError: this database knows none yet.
        """
        for row in self.all():
            if row.state == "active":
                return row
        raise RootKeyError("missing")

    def all(self) -> list[RootRow]:
        """Every root key that ever was, in order."""
        return [RootRow(*row) for row in self._database.read(None, lambda tx: tx.all(store.ROOTS))]

    def introduce(self, decision: Decision, *, before: int, provider: str | None = None) -> RootRow:
        """Let a new root key of a provider, by default the present one's, take the place of the root `before`. If another has
        taken it already, that one is the answer and nothing is done.

        A root key that the provider has and this database has never known is taken rather than a further one made: an earlier
        attempt may have left it, or an operator put it there.
        """
        active = self.active()
        if active.id != before:
            return active
        keeper = self._roots.provider(provider or active.provider)
        known = {row.root for row in self.all() if row.provider == keeper.name}
        try:
            root = keeper.newest()
        except RootKeyError as error:
            if error.cause != "missing":
                raise
            root = keeper.create_root()
        if root in known:
            root = keeper.create_root()
        values = self._roots.introduce(keeper, root)

        def work(tx: Transaction) -> None:
            lock_keyring(tx)
            if tx.one(store.ACTIVE_ROOT) != (active.id, active.provider, active.root):
                return
            tx.run(store.RETIRE_ROOT)
            tx.insert(store.INSERT_ROOTS, [values])
            self._note(tx, Action.KEYS_ROOT_ACTIVATE, decision, SYSTEM, keeper.name)

        self._database.write(None, work)
        return self.active()

    def left(self) -> int:
        """How many keys are wrapped by another root than the active one."""
        active = self.active().id
        return int(self._database.read(None, lambda tx: tx.all(store.KEYS_LEFT, root=active))[0][0])

    def wraps(self, root: int) -> int:
        """How many keys are wrapped by a root key."""
        return int(self._database.read(None, lambda tx: tx.all(store.KEYS_OF_ROOT, root=root))[0][0])

    def step(self, decision: Decision, limit: int = AT_ONCE) -> int:
        """Wrap up to `limit` keys anew with the active root; tells how many. None is left when that is 0.

        Raises:
            IntegrityError: a wrapped key was damaged or moved; what was done before it stays done.
        """
        active = self.active()
        rows = self._database.read(None, lambda tx: tx.all(store.KEYS_TO_REWRAP, root=active.id, limit=limit))
        keys = [_Key(*row) for row in rows]
        contexts = [wrapping_context(key.tenant, key.usage, key.scope, key.version) for key in keys]
        held = [Held(key.root, bytes(key.wrapped), context) for key, context in zip(keys, contexts, strict=True)]
        bound = list(zip(self._roots.unwrap(held), contexts, strict=True))

        def keep(root: int, wrapped: list[bytes]) -> None:
            pairs = zip(keys, wrapped, strict=True)
            for tenant, group in groupby(pairs, key=lambda pair: pair[0].tenant):
                self._keep(tenant, root, list(group), decision, self._roots.row(root).provider)

        if bound:
            self._roots.wrap(bound, keep)
        return len(bound)

    def destroy(self, root: int, decision: Decision) -> None:
        """Destroy a root key that nothing names, in its provider, for good. Nothing may name an older one of the provider either,
        because transit destroys all versions up to one.

        Raises:
            RootInUseError: it is active, a key names it, or fewer than two persons want it; nothing was changed.
        """
        if not decision.by_two:
            raise RootInUseError("two_persons")

        def intend(tx: Transaction) -> None:
            lock_keyring(tx)
            state = tx.one(store.HOLD_ROOT, id=root)
            if state in {("destroying",), ("destroyed",)}:
                return
            provider = self._provider_of(tx, root)
            if tx.all(store.KEYS_UP_TO_ROOT, root=root, provider=provider) != [(0,)]:
                raise RootInUseError("keys")
            if not tx.run(store.DESTROY_ROOT, id=root):
                raise RootInUseError("active")
            self._note(tx, Action.KEYS_ROOT_DESTROY, decision, SYSTEM, provider)

        self._database.write(None, intend)
        self.finish()

    def finish(self) -> int:
        """Destroy what was to be destroyed when an earlier process ended; tells how many root keys that were."""
        doomed = [row for row in self.all() if row.state == "destroying"]
        for row in doomed:
            self._roots.provider(row.provider).destroy_root(row.root)
            self._database.write(None, partial(self._destroyed, row))
        return len(doomed)

    def _keep(
        self, tenant: int, root: int, pairs: Sequence[tuple[_Key, bytes]], decision: Decision, provider: str
    ) -> None:
        def work(tx: Transaction) -> None:
            self._roots.hold(tx, root)
            moved = 0
            for key, wrapped in pairs:
                statement = store.REWRAP_KEK if key.usage == KEK else store.REWRAP_PURPOSE_KEY
                moved += tx.run(
                    statement,
                    tenant=tenant,
                    id=key.id,
                    root=root,
                    wrapped=wrapped,
                    was=key.root,
                    before=bytes(key.wrapped),
                )
            if moved:
                tx.run(MOVE_EPOCH, tenant=tenant)
                self._note(tx, Action.KEYS_REWRAP, decision, tenant, provider, moved)

        self._database.write(tenant, work)

    def _destroyed(self, row: RootRow, tx: Transaction) -> None:
        if tx.run(store.DESTROYED_ROOT, id=row.id, at=millis(self._now())):
            self._note(tx, Action.KEYS_ROOT_DESTROYED, Decision(Actor(ActorKind.SYSTEM)), SYSTEM, row.provider)

    def _provider_of(self, tx: Transaction, root: int) -> str:
        row = tx.one(store.ROOT, id=root)
        if row is None:
            raise KeysChangedError
        return RootRow(*row).provider

    def _note(
        self, tx: Transaction, action: Action, decision: Decision, tenant: int, provider: str, count: int | None = None
    ) -> None:
        at = millis(self._now())
        group = Group(Outcome.DONE, kind=provider, count=count)
        act = Act(action, decision.actor, tenant, at, str(uuid7(at)), [group], approver=decision.approver)
        self._log.append(tx, act)
