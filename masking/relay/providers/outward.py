"""Which bindings providers hold for us: put down in the transaction of each change of one, and carried out by jobs.

A binding of a pool that a provider has is carried there by a job that is submitted with the change. What no job carries, because
it was changed while nobody listened or a process died, is found every minute.
"""

from collections.abc import Callable, Sequence
from typing import Any, Final, NamedTuple

from database.engine import Database
from database.transaction import Row, Transaction
from masking.relay.providers import store
from masking.relay.providers.errors import OutwardNotFoundError
from work.desk import JobDesk

KIND: Final = "relay_carry"
POOLS_KEPT_MS: Final = 1_000
FOUND_AT_ONCE: Final = 200
LOST_MS: Final = 120_000
GONE_KEPT_MS: Final = 24 * 3_600_000
ENDED_KEPT_MS: Final = 24 * 3_600_000


class Outward(NamedTuple):
    """A binding at a provider. Times are milliseconds since the epoch."""

    binding: int
    account: int
    number: str
    held: str
    state: str
    version: int
    attempts: int
    next_at: int
    fault: str | None
    changed_at: int

    @classmethod
    def of(cls, row: Row | None) -> "Outward":
        """That of a row. Raises OutwardNotFoundError where there is none."""
        if row is None:
            raise OutwardNotFoundError
        return cls(*row)


class OutwardDesk:
    """Notices what has to be carried, and tells what was. Which pools providers have is remembered for a second."""

    def __init__(self, database: Database, jobs: JobDesk) -> None:
        self._database = database
        self._jobs = jobs
        self._pools: dict[int, tuple[int, frozenset[int]]] = {}

    def changed(self, tx: Transaction, tenant: int, pools: Sequence[int], bindings: Sequence[int], at: int) -> None:
        """Have bindings carried that were made, changed or ended, in the transaction that does so. `pools` are theirs."""
        if self._has_any(tx, tenant, pools, at):
            for number, account, value in tx.all(store.DUE_OF, rows=[(one,) for one in bindings], tenant=tenant):
                self._carry(tx, tenant, number, account, value, at)

    def nudge(self) -> None:
        """There may be something to carry: told after a commit."""
        self._jobs.nudge()

    def round(self, at: int) -> None:
        """Have everything carried that is behind."""
        found = self._database.read(None, lambda tx: tx.all(store.BEHIND, at=at, limit=FOUND_AT_ONCE))
        lost = self._database.read(None, lambda tx: tx.all(store.LEFT_BEHIND, before=at - LOST_MS, limit=FOUND_AT_ONCE))
        for tenant, binding in found:
            self._database.write(tenant, self._behind(tenant, binding, at))
        for tenant, binding in lost:
            self._database.write(tenant, self._again(tenant, binding, at))
        if found or lost:
            self._jobs.nudge()

    def forget(self, at: int) -> None:
        """Delete what is over: what providers hold no more, and the jobs that carried it."""
        self._database.write(None, lambda tx: tx.run(store.FORGET_GONE, before=at - GONE_KEPT_MS))
        self._database.write(None, lambda tx: self._jobs.forget_ended(tx, KIND, at - ENDED_KEPT_MS))

    def page(self, tenant: int, state: str, *, after: int, limit: int) -> list[Outward]:
        """What is in a state, in the order of bindings."""
        rows = self._database.read(
            tenant, lambda tx: tx.all(store.OUTWARDS, tenant=tenant, state=state, after=after, limit=limit)
        )
        return [Outward.of(row) for row in rows]

    def retry(self, tenant: int, binding: int, at: int) -> None:
        """Have a binding carried again that failed. Raises OutwardNotFoundError."""

        def work(tx: Transaction) -> None:
            Outward.of(tx.one(store.OUTWARD_TO_CHANGE, tenant=tenant, binding=binding))
            self._again(tenant, binding, at)(tx)

        self._database.write(tenant, work)
        self._jobs.nudge()

    def _has_any(self, tx: Transaction, tenant: int, pools: Sequence[int], at: int) -> bool:
        read_at, known = self._pools.get(tenant, (-POOLS_KEPT_MS, frozenset()))
        if at - read_at >= POOLS_KEPT_MS:
            known = frozenset(pool for (pool,) in tx.all(store.POOLS, tenant=tenant))
            self._pools[tenant] = (at, known)
        return not known.isdisjoint(pools)

    def _behind(self, tenant: int, binding: int, at: int) -> Callable[[Transaction], None]:
        def work(tx: Transaction) -> None:
            for number, account, value in tx.all(store.DUE_OF, rows=[(binding,)], tenant=tenant):
                self._carry(tx, tenant, number, account, value, at)

        return work

    def _again(self, tenant: int, binding: int, at: int) -> Callable[[Transaction], None]:
        def work(tx: Transaction) -> None:
            if tx.run(store.AWAKE, tenant=tenant, binding=binding, at=at):
                self._jobs.submit(tx, tenant, KIND, {"binding": binding}, at)

        return work

    def _carry(self, tx: Transaction, tenant: int, binding: int, account: int, value: str, at: int) -> None:
        row: tuple[Any, ...] = (tenant, binding, account, value, "", "waiting", 0, 0, at, None, at)
        tx.insert(store.INSERT_OUTWARD, [row])
        tx.run(store.AWAKE, tenant=tenant, binding=binding, at=at)
        self._jobs.submit(tx, tenant, KIND, {"binding": binding}, at)
