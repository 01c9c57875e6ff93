"""The orders of the made-up people, as the rows that a delivery platform would export, broken cells included."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone
from math import gcd
from typing import Final

from demo.draw import Draw
from demo.people import Person, estate, person
from demo.words import BROKEN_PHONES, DELIVERY_REVIEWS, FOOD_REVIEWS, PERSONAL_NOTES, PLAIN_NOTES

COLUMNS: Final = (
    "订单号", "用户ID", "收货人", "收货电话", "收货地址", "备注", "商家ID",
    "骑手ID", "骑手姓名", "骑手电话", "下单时间", "完成时间", "金额", "评价",
)  # fmt: skip
CHINA: Final = timezone(timedelta(hours=8))
FIRST_ORDER: Final = datetime(2026, 9, 1, tzinfo=CHINA)
PERIOD_S: Final = 77 * 86_400


@dataclass(frozen=True, slots=True)
class World:
    """How many of each there are, and the seed that they are drawn by. Person and order n stay the same as it grows."""

    seed: int
    orders: int
    customers: int
    couriers: int
    merchants: int

    @classmethod
    def of(cls, orders: int, seed: int) -> "World":
        """Return a world in proportion to a number of orders."""
        return cls(
            seed=seed,
            orders=orders,
            customers=max(3, orders * 35 // 100),
            couriers=max(2, min(5_000, orders * 3 // 100)),
            merchants=max(2, min(9_000, orders // 20)),
        )


@dataclass(frozen=True, slots=True)
class Order:
    """One order as it was meant, before the export breaks any cell of it. Money in yuan."""

    number: str
    customer: Person
    courier: Person
    merchant: str
    address: str = field(repr=False)
    note: str = field(repr=False)
    review: str = field(repr=False)
    ordered_at: datetime
    done_at: datetime | None
    amount: str


def orders(world: World) -> Iterator[Order]:
    """Yield the orders of a world by time, in constant memory. Their numbers are shuffled, as shards number them."""
    step = _coprime(world.orders)
    gap = max(1, 2 * PERIOD_S // max(1, world.orders))
    at = FIRST_ORDER
    for position in range(world.orders):
        draw = Draw(world.seed, "order", position)
        at += timedelta(seconds=draw.below(gap) + 1)
        number = (position * step + world.seed) % world.orders + 1
        yield _order(draw, world, f"o-{number:06d}", at)


def rows(count: int, seed: int) -> Iterator[list[str]]:
    """Yield ``count`` rows in the order of ``COLUMNS``. About one in 300 has something broken, as real exports have."""
    for position, order in enumerate(orders(World.of(count, seed))):
        yield _export(Draw(seed, "export", position), order)


def _order(draw: Draw, world: World, number: str, at: datetime) -> Order:
    # A cubed fraction makes a few customers frequent, as they are.
    fraction = draw.below(100_000) / 100_000
    customer = person("customer", 1 + int(world.customers * fraction**3), world.seed)
    return Order(
        number=number,
        customer=customer,
        courier=person("courier", 1 + draw.below(world.couriers), world.seed),
        merchant=f"shop-{1 + draw.below(world.merchants):04d}",
        address=customer.work if customer.work and draw.one_in(3) else customer.home,
        note=_note(draw, world),
        review=_review(draw, world),
        ordered_at=at,
        done_at=None if draw.one_in(32) else at + timedelta(seconds=1_200 + draw.below(3_600)),
        amount=f"{9 + draw.below(150)}.{draw.below(100):02d}",
    )


def _note(draw: Draw, world: World) -> str:
    what = draw.below(16)
    if what < 4:
        return ""
    if what < 13:
        return draw.pick(PLAIN_NOTES)
    other = person("bystander", 1 + draw.below(max(1, world.customers // 3)), world.seed)
    return draw.pick(PERSONAL_NOTES).format(
        name=other.name, phone=_writing(draw, other.phone), code=f"{draw.below(10_000):04d}", estate=estate(draw)
    )


def _review(draw: Draw, world: World) -> str:
    if not draw.one_in(3):
        return ""
    review = ",".join(filter(None, (draw.pick(FOOD_REVIEWS), draw.pick(DELIVERY_REVIEWS))))
    if review and draw.one_in(400):
        courier = person("courier", 1 + draw.below(world.couriers), world.seed)
        return f"{review}。骑手电话{courier.phone},给他加鸡腿"
    return review


def _export(draw: Draw, order: Order) -> list[str]:
    row = [
        order.number,
        order.customer.subject,
        order.customer.name,
        _writing(draw, order.customer.phone),
        order.address,
        order.note,
        order.merchant,
        order.courier.subject,
        order.courier.name,
        order.courier.phone,
        order.ordered_at.isoformat(),
        order.done_at.isoformat() if order.done_at else "",
        order.amount,
        order.review,
    ]
    if draw.one_in(350):
        row[3] = draw.pick(BROKEN_PHONES) if draw.below(4) else order.customer.phone + "8"
    if draw.one_in(2_500):
        row[1] = ""
    if draw.one_in(2_500):
        del row[11:]
    return row


def _writing(draw: Draw, phone: str) -> str:
    """Write a phone as people do: mostly plain, sometimes with the country code or in groups."""
    how = draw.below(100)
    if how < 90:
        return phone
    if how < 95:
        return f"+86{phone}"
    mark = " " if how < 98 else "-"
    return mark.join((phone[:3], phone[3:7], phone[7:]))


def _coprime(count: int) -> int:
    """Return a step that visits each of ``count`` places once before it comes back."""
    step = max(1, count * 618 // 1_000)
    while gcd(step, count) != 1:
        step += 1
    return step
