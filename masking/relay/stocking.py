"""Pools and the numbers in them: made, added, listed, and moved through their life."""

from collections.abc import Sequence
from dataclasses import dataclass

from audit.entry import Act, Action, Group, Outcome
from audit.log import AuditLog
from database.engine import Database
from database.transaction import Transaction
from masking.relay import store
from masking.relay.bound import By
from masking.relay.decision import NumberState
from masking.relay.errors import NumberNotFoundError, TakenNameError
from masking.relay.life_cycle import rests_until
from masking.relay.number import NumberKind, RelayNumber
from masking.relay.pool import Pool, Terms

DAY_MS = 86_400_000


@dataclass(frozen=True, slots=True, kw_only=True)
class NewNumber:
    """A number to be added, where it is from, and what it can do."""

    number: RelayNumber
    area: str = ""
    province: str = ""
    carrier: str = ""
    voice: bool = True
    texts: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Owned:
    """A number that is there. Times are milliseconds since the epoch."""

    id: int
    pool: int
    kind: NumberKind
    value: str
    area: str
    province: str
    carrier: str
    voice: bool
    texts: bool
    state: NumberState
    since: int
    not_before: int
    load: int

    @classmethod
    def of(cls, row: tuple[object, ...] | None) -> "Owned":
        """The number of a row. Raises NumberNotFoundError where there is none."""
        if row is None:
            raise NumberNotFoundError
        read = dict(zip(cls.__dataclass_fields__, row, strict=True))
        read |= {"kind": NumberKind(str(read["kind"])), "state": NumberState(str(read["state"]))}
        read |= {"voice": bool(read["voice"]), "texts": bool(read["texts"])}
        return cls(**read)  # type: ignore[arg-type]  # the columns of the table, as its description types them


class Stocking:
    """The use cases around pools and numbers."""

    def __init__(self, database: Database, log: AuditLog) -> None:
        self._database = database
        self._log = log

    def create_pool(self, by: By, name: str, terms: Terms) -> Pool:
        """A pool without numbers.

        Raises:
            TakenNameError: there is one of this name.
            ModeFieldsError: numbers with extensions and numbers that are one person's alone cannot share a pool.
        """
        terms.check()

        def work(tx: Transaction) -> Pool:
            if tx.one(store.POOL_BY_NAME, tenant=by.tenant, name=name) is not None:
                raise TakenNameError
            number = tx.reserve("relay_pool", 1)[0]
            tx.insert(store.INSERT_POOLS, [(number, by.tenant, name, *terms.row(), 1, by.at)])
            self._note(tx, by, Action.RELAY_POOL_CREATE, [number])
            return Pool.of(tx.one(store.POOL, tenant=by.tenant, id=number))

        return self._database.write(by.tenant, work)

    def change_pool(self, by: By, name: str, terms: Terms) -> Pool:
        """The terms on which numbers are given out from now on; bindings that there are keep theirs. Raises PoolNotFoundError,
        and ModeFieldsError as `create_pool`."""
        terms.check()

        def work(tx: Transaction) -> Pool:
            pool = Pool.of(tx.one(store.POOL_BY_NAME, tenant=by.tenant, name=name))
            values = dict(zip(store.TERMS, terms.row(), strict=True))
            tx.run(store.CHANGE_POOL, tenant=by.tenant, id=pool.id, **values)
            self._note(tx, by, Action.RELAY_POOL_CHANGE, [pool.id])
            return Pool.of(tx.one(store.POOL, tenant=by.tenant, id=pool.id))

        return self._database.write(by.tenant, work)

    def pool(self, tenant: int, name: str) -> Pool:
        """One pool. Raises PoolNotFoundError."""
        return Pool.of(self._database.read(tenant, lambda tx: tx.one(store.POOL_BY_NAME, tenant=tenant, name=name)))

    def pools(self, tenant: int, *, after: int = 0, limit: int = 1_000) -> list[Pool]:
        """Pools in the order in which they were made."""
        rows = self._database.read(tenant, lambda tx: tx.all(store.POOLS, tenant=tenant, after=after, limit=limit))
        return [Pool.of(row) for row in rows]

    def add(self, by: By, pool_name: str, numbers: Sequence[NewNumber]) -> list[bool]:
        """Put numbers into a pool, ready to be given out; which of them were new. One that is there already, in whatever pool and
        state, stays as it is.

        Raises:
            PoolNotFoundError: no such pool.
        """

        def work(tx: Transaction) -> list[bool]:
            pool = Pool.of(tx.one(store.POOL_BY_NAME, tenant=by.tenant, name=pool_name))
            values = [(one.number.value,) for one in numbers]
            known = {row[0] for row in tx.all(store.KNOWN_VALUES, rows=values, tenant=by.tenant)}
            new: dict[str, NewNumber] = {}
            added = []
            for one in numbers:
                value = one.number.value
                added.append(value not in known and value not in new)
                if added[-1]:
                    new[value] = one
            rows = [_row(by, pool.id, one) for one in new.values()]
            tx.insert(store.INSERT_NUMBERS, rows)
            if rows:
                tx.run(store.MOVE_EPOCH, tenant=by.tenant, pool=pool.id)
                self._note(tx, by, Action.RELAY_NUMBERS_ADD, [pool.id])
            return added

        return self._database.write(by.tenant, work)

    def move(self, by: By, value: str, state: NumberState, *, rest: int = 30 * DAY_MS) -> Owned:
        """Bring a number into a state; a quarantine lasts `rest` milliseconds.

        Raises:
            NumberNotFoundError: there is none.
            StateChangeError: it does not go from its state to that one, not yet, or not while it is bound.
        """

        def work(tx: Transaction) -> Owned:
            row = tx.one(store.NUMBER_TO_CHANGE, tenant=by.tenant, value=value)
            if row is None:
                raise NumberNotFoundError
            number, pool, now, not_before, load = row
            until = rests_until(NumberState(now), state, by.at, not_before=not_before, load=load, rest=rest)
            tx.run(store.SET_NUMBER_STATE, tenant=by.tenant, id=number, state=state.value, at=by.at, not_before=until)
            tx.run(store.MOVE_EPOCH, tenant=by.tenant, pool=pool)
            self._note(tx, by, Action.RELAY_NUMBER_CHANGE, [number])
            return Owned.of(tx.one(store.NUMBER, tenant=by.tenant, value=value))

        return self._database.write(by.tenant, work)

    def numbers(self, tenant: int, pool: str | None, *, after: int, limit: int) -> list[Owned]:
        """Numbers of a pool, or of all, from behind the one with the id `after`. Raises PoolNotFoundError."""
        chosen = 0 if pool is None else self.pool(tenant, pool).id
        rows = self._database.read(
            tenant, lambda tx: tx.all(store.NUMBERS, tenant=tenant, pool=chosen, after=after, limit=limit)
        )
        return [Owned.of(row) for row in rows]

    def states(self, tenant: int, at: int) -> dict[int, dict[str, tuple[int, int]]]:
        """How many numbers of each pool are in which state, and how many live bindings they have."""
        found: dict[int, dict[str, tuple[int, int]]] = {}
        for pool, state, count, load in self._database.read(
            tenant, lambda tx: tx.all(store.COUNT_STATES, tenant=tenant, at=at)
        ):
            found.setdefault(pool, {})[state] = count, int(load)
        return found

    def _note(self, tx: Transaction, by: By, action: Action, rows: Sequence[int]) -> None:
        group = Group(Outcome.DONE, rows=rows)
        self._log.append(tx, Act(action, by.actor, by.tenant, by.at, by.request, [group]))


def _row(by: By, pool: int, one: NewNumber) -> tuple[object, ...]:
    where = one.area, one.province, one.carrier
    state = NumberState.AVAILABLE.value
    number = one.number
    return (
        by.tenant,
        pool,
        number.kind.value,
        number.value,
        *where,
        one.voice,
        one.texts,
        state,
        by.at,
        by.at,
        0,
        None,
    )
