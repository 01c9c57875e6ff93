"""The day of an order, played against a service in this process."""

from collections.abc import Mapping
from io import StringIO
from pathlib import Path

from rich.cells import cell_len
from rich.console import Console

from commands.demo import DemoService, DemoStart
from composition.clock import utc_now
from demo.cast import SEED, Place
from demo.cli import DOORS
from demo.company import CREDENTIALS, company
from demo.day import KINDS, REFUSED, Cast, Day, Doors, Sights
from demo.people import person
from demo.stagecraft import Terminal
from demo.trade import add_numbers

CAST = Cast(person("customer", 7, SEED), person("courier", 1, SEED), person("courier", 2, SEED), "shop-0001")


class Seen:
    """Remembers what was shown."""

    def __init__(self) -> None:
        self.moments: list[Sights] = []
        self.lines: list[str] = []

    def sights(self, sights: Sights) -> None:
        self.moments.append(sights)

    def line(self, text: str) -> None:
        self.lines.append(text)

    def said(self, words: str) -> str:
        return next(line for line in self.lines if words in line)


def played(place: Path) -> Seen:
    seen = Seen()
    with DemoStart().opened(Place(place), 8080) as service:
        texts = {name: service.credential(name, role, scopes) for name, role, scopes in CREDENTIALS}
        _play(service, texts, seen)
    return seen


def _play(service: DemoService, texts: Mapping[str, str], seen: Seen) -> None:
    with company(service, texts, utc_now()) as platform:
        add_numbers(platform)
        doors = {name: platform.door(name) for name in DOORS}
        for one in (CAST.customer, CAST.courier):
            doors["orders"].put_subject(one.subject, purpose="account", fields={"phone": one.phone})
        Day(Doors(**doors), CAST, "day-abcdefgh", seen, lambda so: so()).play()


def test_a_day_shows_a_building_then_the_door_then_nothing_and_refuses_who_must_be(tmp_path: Path) -> None:
    seen = played(tmp_path)
    address = [moment.courier[KINDS.index("address")] for moment in seen.moments]
    home = CAST.customer.home
    assert address[0] == f"{REFUSED}not_assigned"
    assert address[1].endswith("***")
    assert address[2] == home
    assert address[3] == address[1] != home
    assert address[4] == f"{REFUSED}stage"
    for moment in seen.moments:
        for column in (moment.courier, moment.merchant, moment.support):
            assert CAST.customer.phone not in column
            assert CAST.customer.name not in column
    assert "not_assigned" in seen.said("a wrong courier")
    assert "frozen" in seen.said("a frozen courier")
    assert "stage" in seen.said("a late courier")
    assert "pickup_refused" in seen.said("wrong code")
    assert "frozen_by_you" in seen.said("lifts its own freeze")
    assert "+861701234" in seen.said("gets the order as")
    assert "applied is False" in seen.said("arrives late")


def test_columns_stand_side_by_side_however_wide_their_letters_are() -> None:
    shown = StringIO()
    columns = [
        tuple(f"{kind}{letter}" for kind in ("顾客 A7", "138", "杭州市余杭区", "少放辣", "–")) for letter in "abcd"
    ]
    Terminal(Console(width=120, file=shown)).sights(Sights("一个订单", *columns))
    rows = [line for line in shown.getvalue().splitlines() if "138" in line or "杭州" in line or "顾客" in line]
    assert len(rows) == 3
    assert len({cell_len(row) for row in rows}) == 1
    assert len({len(row) for row in rows}) > 1
