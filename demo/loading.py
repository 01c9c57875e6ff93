"""Puts the made-up people and their orders into a running service, as a platform's own services would."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from moat_client.answers import Item, Tokenized
from moat_client.client import Moat
from moat_client.errors import ItemError

from demo.errors import LoadingError
from demo.orders import Order
from demo.people import Person


@dataclass(frozen=True, slots=True)
class LoadedOrder:
    """An order as the platform keeps it: with tokens in the place of values."""

    order: Order = field(repr=False)
    tokens: dict[str, str]


@dataclass(frozen=True, slots=True)
class Loaded:
    """What was put in: how many people and values, the orders that are still under way, and those that are done."""

    people: int
    values: int
    running: tuple[LoadedOrder, ...]
    past: tuple[LoadedOrder, ...] = ()


def load(client: Moat, people: Iterable[Person], orders: Sequence[Order]) -> Loaded:
    """Register people, and exchange the values of orders for tokens. Raises LoadingError, MoatError."""
    registered = sum(1 for person in people if _register(client, person))
    issued = client.iter_tokenize(_items(orders), purpose="delivery")
    loaded = [
        LoadedOrder(order, {item.kind: _token(item, next(issued)) for item in _items([order])}) for order in orders
    ]
    running = tuple(entry for entry in loaded if entry.order.done_at is None)
    past = tuple(entry for entry in loaded if entry.order.done_at is not None)
    return Loaded(registered, sum(len(entry.tokens) for entry in loaded), running, past)


def hand_out(client: Moat, running: Sequence[LoadedOrder]) -> None:
    """Assign running orders to their couriers; every second one is picked up. Raises MoatError."""
    for place, entry in enumerate(running):
        order, stage = entry.order, "picked_up" if place % 2 == 0 else "assigned"
        client.handover.assign(
            order.number,
            courier=order.courier.subject,
            stage=stage,
            version=1,
            customer=order.customer.subject,
            merchant=order.merchant,
        )


def _register(client: Moat, person: Person) -> bool:
    fields: dict[str, str | None] = {"name": person.name, "phone": person.phone}
    if person.role == "customer":
        fields |= {"address.home": person.home, "email": f"{person.subject}@example.com"}
    if person.work:
        fields |= {"address.work": person.work}
    return bool(client.put_subject(person.subject, type=person.role, purpose="account", fields=fields))


def _items(orders: Iterable[Order]) -> Iterator[Item]:
    for order in orders:
        ref = f"order:{order.number}"
        subject = order.customer.subject
        yield Item(subject, "name", order.customer.name, ref=ref)
        yield Item(subject, "phone", order.customer.phone, ref=ref)
        yield Item(subject, "address", order.address, ref=ref)
        if order.note:
            yield Item(subject, "note", order.note, ref=ref)


def _token(item: Item, answer: Tokenized | ItemError) -> str:
    if isinstance(answer, ItemError):
        raise LoadingError(f"{answer.code} for a made-up {item.kind}")
    return answer.token
