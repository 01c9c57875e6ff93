"""`moat demo`: a deployment of its own, filled with made-up people through the service's own calls."""

import stat
from collections.abc import Iterator
from contextlib import AbstractContextManager
from pathlib import Path

import pytest
from click.testing import CliRunner
from moat_client.answers import Revealed
from moat_client.client import Moat

from commands.demo import DemoService, DemoStart
from demo.cli import CREDENTIALS, demo_group
from demo.loading import Loaded, LoadedOrder, load
from demo.orders import World, orders
from demo.tour import tour

WORLD = World(seed=1, orders=200, customers=30, couriers=3, merchants=3)


def loaded_into(client: Moat) -> Loaded:
    some = list(orders(WORLD))
    people = {person.subject: person for order in some for person in (order.customer, order.courier)}
    return load(client, people.values(), some)


@pytest.fixture
def opened(tmp_path: Path) -> Iterator[DemoService]:
    with DemoStart().opened(tmp_path / "data", tmp_path / "keys") as service:
        yield service


def test_people_and_orders_go_in_and_couriers_see_what_they_carry(opened: DemoService) -> None:
    name, role, scopes = CREDENTIALS[0]
    with Moat("http://demo", opened.credential(name, role, scopes), transport=opened.transport) as client:
        loaded = loaded_into(client)
        assert loaded.people >= 20
        assert loaded.values >= 600
        carried = loaded.running[0]
        [address] = client.detokenize(
            [carried.tokens["address"]],
            purpose="delivery",
            ref=f"order:{carried.order.number}",
            view="plain",
            on_behalf_of={"role": "courier", "subject": carried.order.courier.subject},
        )
        assert isinstance(address, Revealed)
        assert address.value == carried.order.address
        profile = client.subject(carried.order.customer.subject)
        assert profile.fields["phone"].token == carried.tokens["phone"]


def test_the_demo_refuses_a_directory_in_use_and_keeps_its_credentials_to_the_owner(tmp_path: Path) -> None:
    command, place = demo_group(DemoStart()), tmp_path / "demo"
    result = CliRunner().invoke(command, ["--data", str(place), "--load-only"])
    assert result.exit_code == 0, result.output
    assert "made-up people" in result.output
    for name, _, _ in CREDENTIALS:
        file = place / "credentials" / name
        assert file.read_text().startswith("moat_test_")
        assert stat.S_IMODE(file.stat().st_mode) == 0o600
        assert file.read_text().strip() not in result.output
    again = CliRunner().invoke(command, ["--data", str(place), "--load-only"])
    assert again.exit_code == 1
    assert "not empty" in again.output
    assert f"moat serve --data {place / 'data'} --keys {place / 'keys'}" in again.output


class Broken:
    """A start that fails halfway."""

    def opened(self, data: Path, keys: Path) -> AbstractContextManager[DemoService]:
        data.mkdir()
        keys.mkdir()
        raise OSError("disk full")

    def serve(self, *_: object) -> None:
        """Never reached."""


def test_a_demo_that_failed_halfway_does_not_stand_in_the_way_of_the_next(tmp_path: Path) -> None:
    result = CliRunner().invoke(demo_group(Broken()), ["--data", str(tmp_path / "demo")])
    assert isinstance(result.exception, OSError)
    assert not list((tmp_path / "demo").iterdir())


def test_the_tour_names_the_order_under_way_and_no_credential() -> None:
    running = next(order for order in orders(World.of(500, 1)) if order.done_at is None)
    shown = tour(
        Loaded(1, 3, (LoadedOrder(running, {"phone": "tok_phone", "address": "tok_address"}),)),
        url="http://127.0.0.1:1",
        root="demo-data",
    )
    assert f"order:{running.number}" in shown
    assert '{"token": "tok_address"}' in shown
    assert "moat_test_" not in shown
    assert "$" not in shown.replace("$(cat", "").replace("$1", "").replace("$2", "").replace("$MOAT_URL", "").replace(
        "${@:3}", ""
    )
