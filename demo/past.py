"""Sixty days of the made-up platform, day by day, and what is going on now."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Final

from demo import agreeing, duties, trade
from demo.cast import FROZEN, SEED, residents
from demo.company import Company
from demo.loading import Loaded
from demo.oneself import Oneself
from demo.orders import Order, World, orders
from demo.people import Person, person
from demo.rights import CASES, Officers

ORDERS: Final = 300
CUSTOMERS: Final = 60
BATCHES: Final = 10
EVERY_DAYS: Final = 6
_WORLD: Final = World(seed=SEED, orders=ORDERS, customers=CUSTOMERS, couriers=8, merchants=12)
_AGREE: Final = 24
MORNING, NOON, EVENING = 8, 12, 20
LATELY_DAYS: Final = 5 / 1_440


@dataclass(frozen=True, slots=True)
class Scene:
    """What happens at an hour so many days ago."""

    days: int
    hour: int
    play: Callable[[], object]


class Past:
    """Plays it through the service's own calls. Raises MoatError, LoadingError, DemoStuckError."""

    def __init__(self, company: Company) -> None:
        self._company = company
        self._oneself = Oneself(company)
        all_orders = list(orders(_WORLD))
        self._running = [order for order in all_orders if order.done_at is None]
        self._done = [order for order in all_orders if order.done_at is not None]
        self._people, self._values = 0, 0

    def play(self) -> Loaded:
        """From the first day to now; what was put in."""
        for scene in sorted(self._scenes(), key=lambda one: (-one.days, one.hour)):
            self._company.go(scene.days, scene.hour)
            scene.play()
        return self._now()

    def _scenes(self) -> Iterator[Scene]:
        company, officers = self._company, Officers(self._company)
        yield Scene(61, MORNING, partial(trade.add_numbers, company))
        yield Scene(61, NOON, self._register)
        size = -(-len(self._done) // BATCHES)
        for batch in range(BATCHES):
            days = (BATCHES - batch) * EVERY_DAYS
            some = self._done[batch * size : (batch + 1) * size]
            yield Scene(days, EVENING, partial(self._sell, some, days))
        for case in CASES[:-1]:
            yield Scene(case.days, NOON, partial(officers.play, case))
        yield from self._duties()
        yield from self._own()

    def _duties(self) -> Iterator[Scene]:
        company = self._company
        agreeing_ones = [person("customer", number, SEED) for number in range(6, 6 + _AGREE)]
        yield Scene(57, MORNING, partial(agreeing.agree, company, agreeing_ones))
        yield Scene(45, MORNING, partial(duties.release, company))
        yield Scene(31, MORNING, partial(duties.hold, company))
        yield Scene(22, MORNING, partial(agreeing.withdraw, company, agreeing_ones))
        yield Scene(18, MORNING, partial(duties.tell_of_breach, company))
        yield Scene(15, MORNING, partial(duties.rotate, company))
        yield Scene(7, EVENING, partial(duties.export, company))
        yield Scene(3, MORNING, partial(duties.freeze, company))
        yield Scene(2, MORNING, partial(duties.dispose, company))

    def _own(self) -> Iterator[Scene]:
        one, company = self._oneself, self._company
        yield Scene(43, EVENING, partial(one.ask, "access"))
        yield Scene(28, EVENING, lambda: one.take_back(one.ask("erasure")))
        yield Scene(9, EVENING, partial(one.ask, "complaint", complaint={"category": "unwanted_contact"}, codes=False))
        yield Scene(4, EVENING, partial(one.ask, "portability", codes=False))
        yield Scene(3, EVENING, partial(one.ask, "access"))
        yield Scene(1, EVENING, partial(company.door("orders").handover.prefer, one.subject, anonymous_orders=True))

    def _register(self) -> None:
        known = {one.subject: one for order in (*self._done, *self._running) for one in (order.customer, order.courier)}
        known |= {one.subject: one for one in residents().values()}
        others = [person("courier", FROZEN, SEED), *(person("customer", case.customer, SEED) for case in CASES)]
        known |= {one.subject: one for one in others}
        self._put_in(list(known.values()), [], 61)

    def _sell(self, some: Sequence[Order], days: int) -> None:
        trade.serve(self._company, self._put_in([], some, days))

    def _put_in(self, people: Sequence[Person], some: Sequence[Order], days: int) -> Loaded:
        loaded = trade.sell(self._company, people, some, self._company.ago(days, MORNING))
        self._people += loaded.people
        self._values += loaded.values
        return loaded

    def _now(self) -> Loaded:
        """What is under way when the demo opens: it was begun a few minutes before."""
        company = self._company
        company.go(LATELY_DAYS)
        loaded = self._put_in([], self._running, 0)
        trade.carry(company, loaded.running)
        trade.call(company, loaded.running)
        trade.probe(company)
        company.opened.settle()
        company.opened.at(None)
        duties.export(company)
        Officers(company).play(CASES[-1])
        duties.keep_rotating(company)
        return Loaded(self._people, self._values, loaded.running)
