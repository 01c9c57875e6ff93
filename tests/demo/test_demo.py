"""`moat demo`: a deployment of its own, filled with made-up people and their past through the service's own calls."""

import stat
from collections import Counter
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any, cast

import pytest
from click.testing import CliRunner, Result
from httpx import WSGITransport
from moat_client.answers import Item, Revealed
from moat_client.client import Moat as Client

from app import Moat
from commands.demo import DemoService, DemoStart
from database.statement import Statement
from demo.cast import FROZEN, HELD, SEED, Place, residents
from demo.cli import demo_group
from demo.company import CREDENTIALS
from demo.loading import Loaded, LoadedOrder
from demo.orders import World, orders
from demo.past import ORDERS
from demo.people import person
from demo.tour import tour

pytestmark = pytest.mark.xdist_group("demo")

EVERY_STATE = {
    "acknowledged", "verifying", "needs_info", "executing", "review", "restricted", "completed", "partially_denied",
    "denied", "withdrawn", "expired", "duplicate",
}  # fmt: skip
"""Of a request, but for those that last a moment (received, until the receipt has left; accepted, until its job begins), and for
on_hold: what a hold keeps is restricted meanwhile."""


def client(moat: Moat, credentials: Path, name: str) -> Client:
    return Client("http://demo", (credentials / name).read_text().strip(), transport=WSGITransport(moat.app))


def test_requests_of_people_are_in_every_state_one_is_late_and_one_is_extended(moat: Moat, credentials: Path) -> None:
    rows = moat.database.read(None, lambda tx: tx.all(Statement("SELECT state FROM dsar_request")))
    states = Counter(state for (state,) in rows)
    assert set(states) >= EVERY_STATE
    with client(moat, credentials, "privacy") as officer:
        queue = list(officer.requests.queue())
        assert any(one.overdue for one in queue)
        assert any(one.whole["extended"] for one in queue)
        held = person("customer", HELD, SEED).subject
        holds = list(officer.holds.all())
        assert any(hold.scope == {"subject": held} for hold in holds)
        assert any(hold.overdue for hold in holds)
        assert list(officer.holds.all(released=True))
        assert [run["state"] for run in officer.retention.runs()][-1] == "done"
        assert next(iter(officer.breaches.all())).told == 4
    with client(moat, credentials, "risk") as risk:
        assert [case["signal"] for case in risk.relay_calls.cases()] == ["probing"]
        assert {call["status"] for call in risk.relay_calls.calls({}, limit=200)} >= {"completed", "failed", "refused"}
        assert [one.subject for one in risk.handover.freezes()] == [person("courier", FROZEN, SEED).subject]


def test_couriers_see_what_they_carry_and_the_log_has_refusals_of_every_sort(moat: Moat, credentials: Path) -> None:
    running = {order.number: order for order in orders(World(SEED, ORDERS, 60, 8, 12)) if order.done_at is None}
    with client(moat, credentials, "orders") as service, client(moat, credentials, "auditor") as auditor:
        number, order = next(iter(running.items()))
        (issued,) = service.tokenize([_address(order)], purpose="delivery", ref=f"order:{number}")
        behalf = {"role": "courier", "subject": order.courier.subject}
        asked: dict[str, Any] = {"purpose": "delivery", "ref": f"order:{number}", "view": "building"}
        (seen,) = service.detokenize([issued.token], on_behalf_of=behalf, **asked)  # type: ignore[union-attr]
        assert isinstance(seen, Revealed)
        entries = auditor.audit_entries(outcome="denied", limit=1000)
        denied = Counter(cast(dict[str, Any], one["entry"]).get("reason") for one in entries)
        assert {"policy", "not_assigned", "no_consent"} <= set(denied)


def _address(order: Any) -> Any:

    return Item(order.customer.subject, "address", order.address, ref=f"order:{order.number}")


def test_the_demo_refuses_a_directory_in_use_and_keeps_its_secrets_to_the_owner(made: Result, place: Place) -> None:
    assert made.exit_code == 0, made.output
    assert "made-up people" in made.output
    for name, _, _ in CREDENTIALS:
        file = place.credentials / name
        assert file.read_text().startswith("moat_test_")
        assert stat.S_IMODE(file.stat().st_mode) == 0o600
        assert file.read_text().strip() not in made.output
    assert stat.S_IMODE(place.authenticators.stat().st_mode) == 0o600
    again = CliRunner().invoke(demo_group(DemoStart()), ["--data", str(place.root), "--load-only"])
    assert again.exit_code == 1
    assert "not empty" in again.output
    assert f"moat serve --data {place.data} --keys {place.keys}" in again.output


@pytest.mark.parametrize("variable", [("MOAT_BEHIND_PROXY", "10.0.0.0/8"), ("MOAT_BIND", "0.0.0.0")])
def test_a_demo_is_for_this_host_alone(
    variable: tuple[str, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MOAT_BEHIND_PROXY", "10.0.0.0/8")  # without TLS or a proxy no deployment would take the other
    monkeypatch.setenv(*variable)
    answer = CliRunner().invoke(demo_group(DemoStart()), ["--data", str(tmp_path / "demo")])
    assert answer.exit_code == 1
    assert "127.0.0.1 only" in answer.output
    assert not list((tmp_path / "demo").iterdir())


class Broken:
    """A start that fails halfway."""

    def opened(self, place: Place, *_: object) -> AbstractContextManager[DemoService]:
        place.data.mkdir()
        place.keys.mkdir()
        place.messages.touch()
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
    assert shown.startswith("Open http://localhost:1/ ")
    assert f"order:{running.number}" in shown
    assert '{"token": "tok_address"}' in shown
    assert "moat_test_" not in shown
    assert "$" not in shown.replace("$(cat", "").replace("$1", "").replace("$2", "").replace("$MOAT_URL", "").replace(
        "${@:3}", ""
    )


def test_everybody_on_the_front_page_is_known(moat: Moat, credentials: Path) -> None:
    with client(moat, credentials, "support") as support:
        for one in residents().values():
            assert support.subject(one.subject).fields
