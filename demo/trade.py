"""The demo's everyday: orders come in, are carried and closed; couriers, shops and customer service look at what they may, and
are refused what they may not; calls go over masked numbers, and one caller tries them out."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Final

from moat_client.retention import Happened

from demo.company import Company
from demo.loading import Loaded, LoadedOrder, hand_out, load
from demo.orders import Order
from demo.people import Person, made_up_phone

POOL: Final = "orders"
NUMBERS: Final = 20
FIRST_NUMBER: Final = "+861701234"
PROBED: Final = 8
"""How many numbers that lead nowhere somebody tries within a few minutes: enough to be taken for a prober."""
STRANGER: Final = 29_999_999


def add_numbers(company: Company) -> None:
    """A pool of made-up numbers."""
    relay = company.door("operator").relay
    relay.create_pool(POOL, ["axb"])
    relay.import_numbers(POOL, "number\n" + "".join(f"{number}\n" for number in numbers()))


def numbers() -> list[str]:
    """The relay numbers of the demo."""
    return [f"{FIRST_NUMBER}{number:04d}" for number in range(NUMBERS)]


def sell(company: Company, people: Sequence[Person], orders: Sequence[Order], at: datetime) -> Loaded:
    """Take orders in at a moment, and tell that those are completed which are."""
    loaded = load(company.door("orders"), people, orders)
    told = [
        Happened("order.completed", at.isoformat(), ref=f"order:{order.number}") for order in orders if order.done_at
    ]
    if told:
        company.door("orders").retention.tell(told)
    return loaded


def serve(company: Company, loaded: Loaded) -> None:
    """Look at orders as people do on a day: mostly masked, sometimes plain, sometimes in vain."""
    for place, entry in enumerate(loaded.past):
        ref, phone = f"order:{entry.order.number}", entry.tokens["phone"]
        if place % 2 == 0:
            company.door("orders").detokenize(list(entry.tokens.values()), purpose="delivery", ref=ref)
        if place % 3 == 0:
            company.door("merchant").detokenize([entry.tokens["name"]], purpose="delivery", ref=ref)
        if place % 4 == 0:
            company.door("support").detokenize([phone], purpose="support")
        if place % 9 == 0:
            ticket = f"ticket:t-{place}"
            company.door("support").detokenize([phone], purpose="support", ref=ticket, view="plain")
        if place % 7 == 0:
            company.door("support").detokenize([phone], purpose="support", view="plain")
        if place % 11 == 0:
            company.door("support").search([("phone", entry.order.customer.phone)], purpose="support")
        if place % 13 == 0:
            company.door("orders").detokenize([phone], purpose="marketing_sms", view="plain")
        if place % 6 == 0:
            _deliver(company, entry)


def _deliver(company: Company, entry: LoadedOrder) -> None:
    """A courier has it, looks where it goes, and brings it there."""
    order, orders = entry.order, company.door("orders")
    for version, stage in enumerate(("assigned", "picked_up", "delivered"), start=1):
        orders.handover.assign(
            order.number,
            courier=order.courier.subject,
            stage=stage,
            version=version,
            customer=order.customer.subject,
            merchant=order.merchant,
        )
        if stage != "delivered":
            _look(company, entry, order.courier)


def _look(company: Company, entry: LoadedOrder, courier: Person) -> None:
    """A courier asks for the address and the phone of an order."""
    company.door("orders").detokenize(
        [entry.tokens["address"], entry.tokens["phone"]],
        purpose="delivery",
        ref=f"order:{entry.order.number}",
        view="plain",
        on_behalf_of={"role": "courier", "subject": courier.subject},
    )


def carry(company: Company, running: Sequence[LoadedOrder]) -> None:
    """Hand running orders out; couriers look at where they go, a wrong one tries to, and two of them are called."""
    hand_out(company.door("orders"), running)
    for entry, other in zip(running, [*running[1:], running[0]], strict=True):
        for courier in (entry.order.courier, other.order.courier):
            _look(company, entry, courier)


def call(company: Company, running: Sequence[LoadedOrder]) -> None:
    """Calls between customers and couriers, long and short, and some that nobody answers."""
    switch = company.door("switch").switching
    for place, (entry, number) in enumerate(_called(company, running)):
        order = entry.order
        sides = (order.customer.phone, order.courier.phone)
        answer = switch.route(number, f"+86{sides[place % 2]}")
        if answer.get("action") != "connect":
            continue
        leg = str(answer["leg"])
        if place % 4 == 3:
            switch.tell(leg, "failed", status=486)
            continue
        switch.tell(leg, "answered")
        switch.tell(leg, "ended", seconds=20 + 7 * place)


def probe(company: Company) -> None:
    """Somebody who is nobody's party dials one number after another."""
    caller = f"+86{made_up_phone(STRANGER, 1)}"
    for number in reversed(numbers()[-PROBED:]):
        company.door("switch").switching.route(number, caller)


def _called(company: Company, running: Sequence[LoadedOrder]) -> Iterator[tuple[LoadedOrder, str]]:
    for entry in running:
        for binding in company.door("orders").relay.bindings(order=entry.order.number):
            yield entry, binding.x
            yield entry, binding.x
