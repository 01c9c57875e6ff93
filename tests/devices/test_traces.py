"""Couriers' positions: exact for the running order's customer, cells for others, and gone after a time."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from database.columns import rfc3339
from database.statement import Statement
from tests.api.conftest import refused
from tests.devices.conftest import Order
from vault.traces.position import Position, cells, packed, unpacked
from web.principal import Role, Scope

PLACES = st.builds(
    Position.of,
    st.floats(-90, 90),
    st.floats(-180, 180),
    st.integers(0, 2**48),
    st.none() | st.floats(0, 100_000),
)


class Trip:
    """An order whose customer follows the courier."""

    def __init__(self, order: Order) -> None:
        self.order = order
        self.path = f"{order.path}/positions"
        self.customers = order.api.credential(Role.SERVICE, extra=frozenset({Scope.ACT_AS_CUSTOMER}))

    def record(self, *places: tuple[float, float], ago: int = 0, courier: str = "") -> Any:
        positions = [
            {"latitude": latitude, "longitude": longitude, "at": rfc3339(self.order.now - ago), "accuracy": 8}
            for latitude, longitude in places
        ]
        body = {"courier": courier or self.order.courier, "positions": positions}
        return self.order.api.call("POST", self.path, body)

    def followed(self, customer: str = "", limit: int = 1) -> Any:
        path = f"{self.path}?customer={customer or self.order.customer}&limit={limit}"
        return self.order.api.call("GET", path, credential=self.customers)

    def seen(self) -> Any:
        return self.order.api.call("GET", self.path)


@pytest.fixture
def trip(order: Order) -> Trip:
    return Trip(order)


def test_the_customer_sees_where_the_courier_is_and_others_a_cell(trip: Trip) -> None:
    assert trip.record((31.234567, 121.498765), (31.241111, 121.5)).status_code == 204
    assert trip.record((31.25, 121.51)).status_code == 204
    assert [(one["latitude"], one["longitude"]) for one in trip.followed().json["positions"]] == [(31.25, 121.51)]
    assert len(trip.followed(limit=20).json["positions"]) == 3
    answer = trip.seen().json
    assert (answer["view"], answer["cell_metres"]) == ("masked", 1113)
    assert [(one["latitude"], one["longitude"]) for one in answer["cells"]] == [
        (31.23, 121.49), (31.24, 121.5), (31.25, 121.51),
    ]  # fmt: skip
    assert "31.2345" not in trip.seen().text


def test_nobody_but_the_running_orders_customer_sees_exactly(trip: Trip) -> None:
    trip.record((31.234567, 121.498765))
    refused(trip.followed("cust-other"), 403, "denied")
    refused(trip.followed(trip.order.merchant), 403, "denied")
    refused(
        trip.order.api.call("GET", f"{trip.path}?customer={trip.order.customer}"), 403, "forbidden"
    )  # without the scope
    trip.order.stage("delivered")
    refused(trip.followed(), 403, "denied")
    assert trip.seen().status_code == 200


def test_an_older_courier_is_not_followed_after_a_reassignment(trip: Trip) -> None:
    trip.record((31.2, 121.4))
    trip.order.stage("assigned", courier=f"{trip.order.courier}-2")
    assert trip.followed().json["positions"] == []
    refused(trip.record((31.3, 121.5)), 403, "denied")
    assert trip.record((31.3, 121.5), courier=f"{trip.order.courier}-2").status_code == 204
    assert [one["latitude"] for one in trip.followed().json["positions"]] == [31.3]


def test_a_repeated_batch_is_stored_once(trip: Trip) -> None:
    body = {
        "courier": trip.order.courier,
        "positions": [{"latitude": 31.2, "longitude": 121.4, "at": rfc3339(trip.order.now)}],
    }
    for _ in range(2):
        answer = trip.order.api.call("POST", trip.path, body, headers={"Idempotency-Key": f"{trip.order.id}-1"})
        assert answer.status_code == 204
    assert _counts(trip, trip.order.id) == (1,)


def test_an_old_position_is_not_shown_as_where_the_courier_is(trip: Trip) -> None:
    trip.record((31.2, 121.4), ago=16 * 60_000)
    assert trip.followed().json["positions"] == []


def test_positions_are_taken_of_the_courier_of_a_running_order_only_and_of_this_time(trip: Trip) -> None:
    refused(trip.record((31.2, 121.4), courier="rider-other"), 403, "denied")
    fields = refused(trip.record((31.2, 121.4), ago=7 * 3_600_000), 422, "invalid_request")
    assert fields["positions.0.at"][0] == "out_of_time"
    refused(trip.record((91.0, 0.0)), 422, "invalid_request")
    trip.order.stage("delivered")
    refused(trip.record((31.2, 121.4)), 403, "denied")


def test_a_restricted_or_frozen_couriers_traces_are_neither_taken_nor_shown(trip: Trip) -> None:
    trip.record((31.2, 121.4))
    officer = trip.order.api.role(Role.PRIVACY_OFFICER)
    path = f"/v1/subjects/{trip.order.courier}"
    assert trip.order.api.call("POST", f"{path}/freeze", credential=officer).status_code == 200
    for answer in (trip.record((31.2, 121.4)), trip.followed(), trip.seen()):
        refused(answer, 403, "denied")


def test_traces_end_by_themselves_and_with_the_courier(trip: Trip) -> None:
    trip.record((31.2, 121.4))
    trip.order.api.clock.advance(hours=25)
    refused(trip.seen(), 404, "not_found")
    trip.order.api.moat.sweeper.sweep()
    assert _counts(trip, trip.order.id) == (0,)
    trip.record((31.2, 121.4))
    assert _counts(trip, trip.order.id) == (1,)
    officer = trip.order.api.role(Role.PRIVACY_OFFICER)
    shred = f"/v1/subjects/{trip.order.courier}/shred"
    assert trip.order.api.call("POST", shred, {"reason": "test"}, credential=officer).status_code == 200
    assert _counts(trip, trip.order.id) == (0,)


def test_no_position_stands_in_a_row(trip: Trip) -> None:
    trip.record((31.234567, 121.498765))
    rows = trip.order.api.moat.database.read(
        None,
        lambda tx: [tx.all(Statement(f"SELECT * FROM {table}")) for table in ("track", "track_batch", "inner_key")],
    )
    text = repr(rows)
    octets = packed([Position.of(31.234567, 121.498765, 0, 8)])[1:9]
    assert "31.23" not in text
    assert octets not in b"".join(value for table in rows for row in table for value in row if isinstance(value, bytes))


@given(st.lists(PLACES, max_size=20))
def test_a_batch_opens_to_what_was_packed(positions: list[Position]) -> None:
    assert unpacked(packed(positions)) == positions


@given(st.binary(max_size=60))
def test_any_octets_are_a_batch_or_refused(octets: bytes) -> None:
    try:
        assert packed(unpacked(octets)) == octets
    except ValueError:
        assert not octets or octets[0] != 1 or (len(octets) - 1) % 18


@given(PLACES)
def test_a_position_lies_in_its_cell(position: Position) -> None:
    (cell,) = cells([position])
    assert cell.south * 100_000 <= position.latitude < (cell.south + 1) * 100_000
    assert cell.west * 100_000 <= position.longitude < (cell.west + 1) * 100_000
    assert 0 <= position.at - cell.at < 300_000


def _counts(trip: Trip, order: str) -> Any:
    statement = Statement("""
        SELECT count(*) FROM track t JOIN track_batch b ON b.tenant = t.tenant AND b.track = t.id WHERE t.ref = :ref
    """)
    return trip.order.api.moat.database.read(None, lambda tx: tx.one(statement, ref=f"order:{order}"))
