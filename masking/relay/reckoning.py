"""What the bindings of a pool needed, from its own rows, beside the numbers that it has."""

from collections.abc import Iterator

from database.engine import Database
from database.transaction import Transaction
from masking.relay import store
from masking.relay.planning import Need, Span, need
from masking.relay.pool import Pool


class Reckoning:
    """The capacity plan of pools."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def of_pool(self, tenant: int, name: str, *, since: int) -> tuple[Need, int]:
        """What bindings since a moment needed, and how many numbers are given out. People who were erased since count as somebody
        each time.

        Raises:
            PoolNotFoundError: no such pool.
        """

        def work(tx: Transaction) -> tuple[Need, int]:
            pool = Pool.of(tx.one(store.POOL_BY_NAME, tenant=tenant, name=name))
            rows = tx.stream(store.SPANS, tenant=tenant, pool=pool.id, since=since)
            found = need(_spans(rows), cool=pool.cool, capacity=pool.capacity)
            owned = tx.one(store.COUNT_AVAILABLE, tenant=tenant, pool=pool.id)
            return found, 0 if owned is None else int(owned[0])

        return self._database.read(tenant, work)


def _spans(rows: Iterator[tuple[object, ...]]) -> Iterator[Span]:
    for number, a, b, begins, expires_at, closed_at in rows:
        ends = expires_at if closed_at is None else closed_at
        one, other = (f"gone-{number}-{side}" if party is None else str(party) for side, party in (("a", a), ("b", b)))
        yield Span(one, other, int(str(begins)), max(int(str(ends)), int(str(begins)) + 1))
