"""The relay as orders need it: a number between courier and customer, made with the assignment and closed with it."""

from collections.abc import Callable
from typing import TypeVar

from audit.entry import Actor
from database.transaction import Transaction
from masking.relay import store
from masking.relay.binding import Bindings
from masking.relay.bound import Bound, By, Wish
from masking.relay.errors import RelayError
from masking.relay.http import order_of
from masking.relay.mode import Mode
from masking.relay.ports import Directories, Directory, PartyName
from vault.ports import OrderLine

Answer = TypeVar("Answer")

POOL = "orders"
"""The pool of numbers that orders take theirs from. A tenant without it has orders without numbers."""

ORDER_ENDED = "order_ended"


class BoundOrders:
    """Bindings of orders. Where there is no number for an order, its assignment stands all the same."""

    def __init__(self, bindings: Bindings, directories: Directories) -> None:
        self._bindings = bindings
        self._directories = directories

    def numbers(self, tx: Transaction, tenant: int) -> Callable[[], bool]:
        """Whether the tenant has a pool: without one there is no binding either, whoever would have made it."""
        found = tx.later(store.ANY_POOL, tenant=tenant)
        return lambda: found() is not None

    def using(self, tenant: int, actor: Actor, request: str, attempt: Callable[[OrderLine], Answer]) -> Answer:
        """What `attempt` returns, with the keys of the relay at hand."""
        return self._directories.using(
            tenant, lambda directory: attempt(_Line(self._bindings, directory, tenant, actor, request))
        )


class _Line:
    def __init__(self, bindings: Bindings, directory: Directory, tenant: int, actor: Actor, request: str) -> None:
        self._bindings = bindings
        self._directory = directory
        self._tenant = tenant
        self._actor = actor
        self._request = request

    def open(self, tx: Transaction, *, order: str, courier: str, customer: str, at: int) -> str | None:
        a, b = PartyName(None, courier), PartyName(None, customer)
        try:
            wish = Wish(mode=Mode.AXB, pool=POOL, order=order_of(order), a=a, b=b)
            bound = self._bindings.bind_in(tx, self._directory, self._by(at), wish)
        except RelayError:
            return None
        values: dict[int, str] = dict(tx.all(store.VALUES, rows=[(bound.x,)], tenant=self._tenant))
        return values.get(bound.x)

    def close(self, tx: Transaction, *, order: str, at: int) -> None:
        for bound in self._live(tx, order, at):
            self._bindings.unbind_in(tx, self._by(at), bound.id, ORDER_ENDED)

    def _live(self, tx: Transaction, order: str, at: int) -> list[Bound]:
        rows = tx.all(
            store.BINDINGS_OF_ORDERS, rows=[(self._directory.order_ref(order_of(order)),)], tenant=self._tenant
        )
        return [bound for row in rows if (bound := Bound.of(row)).live(at)]

    def _by(self, at: int) -> By:
        return By(self._tenant, self._actor, self._request, at)
