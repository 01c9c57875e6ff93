"""Bounds on rates, memory and sources."""

from ipaddress import ip_network

import pytest
from hypothesis import given
from hypothesis import strategies as st

from audit.entry import Action, Reason
from audit.log import AuditLog
from database.columns import millis
from database.engine import Database
from tests.conftest import BOTH
from tests.web.house import Clock, House, build_house
from web.edge import Bounds
from web.limits import TokenBuckets
from web.refusals import KINDS_AT_MOST, Refusal, RefusalCounter
from web.source import SourceClass, classify, client_address, site


@pytest.fixture(params=BOTH)
def dialect(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def test_a_bucket_gives_its_burst_and_then_its_rate() -> None:
    buckets = TokenBuckets(rate=2, burst=3)
    assert [buckets.take("a", 0) for _ in range(4)] == [0, 0, 0, 0.5]
    assert buckets.take("a", 0.5) == 0
    assert buckets.take("a", 0.5) == 0.5
    assert buckets.take("b", 0.5) == 0


def test_a_rate_of_zero_is_no_limit() -> None:
    buckets = TokenBuckets(rate=0, burst=1)
    assert [buckets.take("a", 0) for _ in range(100)] == [0] * 100


@given(st.lists(st.tuples(st.integers(0, 3), st.floats(0, 10)), max_size=60))
def test_no_key_gets_more_than_burst_and_rate_allow(calls: list[tuple[int, float]]) -> None:
    buckets = TokenBuckets(rate=1.5, burst=4)
    now, granted = 0.0, dict.fromkeys(range(4), 0)
    for key, pause in calls:
        now += pause
        granted[key] += buckets.take(key, now) == 0
        assert granted[key] <= 4 + 1.5 * now + 1e-6


def test_the_longest_unused_bucket_makes_room() -> None:
    buckets = TokenBuckets(rate=0.001, burst=1, keys=2)
    assert [buckets.take(key, 0) for key in "aab"] == [0, 1000, 0]
    assert buckets.take("c", 0) == 0
    assert buckets.take("b", 0) > 0
    assert buckets.take("a", 0) == 0


@pytest.mark.parametrize(
    ("peer", "forwarded", "address"),
    [
        ("203.0.113.9", None, "203.0.113.9"),
        ("203.0.113.9", "198.51.100.1", "203.0.113.9"),
        ("10.0.0.1", "198.51.100.1", "198.51.100.1"),
        ("10.0.0.1", "198.51.100.7, 198.51.100.1, 10.9.9.9", "198.51.100.1"),
        ("10.0.0.1", "", "10.0.0.1"),
        ("10.0.0.1", "10.0.0.2", "10.0.0.2"),
        ("10.0.0.1", "unknown", ""),
        ("::ffff:203.0.113.9", None, "203.0.113.9"),
        ("", None, ""),
    ],
)
def test_only_a_declared_proxy_may_say_where_a_call_came_from(peer: str, forwarded: str | None, address: str) -> None:
    environ = {"REMOTE_ADDR": peer} | ({} if forwarded is None else {"HTTP_X_FORWARDED_FOR": forwarded})
    assert client_address(environ, (ip_network("10.0.0.0/8"),)) == address


def test_without_a_proxy_nothing_forwarded_counts() -> None:
    assert client_address({"REMOTE_ADDR": "10.0.0.1", "HTTP_X_FORWARDED_FOR": "198.51.100.1"}, ()) == "10.0.0.1"


def test_a_source_is_known_by_its_class_and_its_site() -> None:
    classes = [classify(address) for address in ("127.0.0.1", "::1", "10.1.1.1", "8.8.8.8", "")]
    assert classes == ["loopback", "loopback", "private", "public", "unknown"]
    assert site("2001:db8:1:2:3::4") == site("2001:db8:1:2::9") != site("2001:db8:1:3::4")
    assert site("8.8.8.8") == "8.8.8.8"


def test_refusals_take_bounded_memory_whoever_makes_them(database: Database) -> None:
    house = build_house(database, Clock(), Bounds())
    counter = house.edge.refusals
    at = millis(house.clock())
    for credential in range(1, KINDS_AT_MOST + 500):
        counter.note(Refusal(Action.RATE_LIMITED, Reason.RATE, SourceClass.PUBLIC, 1, credential), at)
    counter.close()
    made = house.entries()[1:]
    assert len(made) == KINDS_AT_MOST + 1
    assert sum(entry["count"] for entry in made) == KINDS_AT_MOST + 499
    assert (made[-1]["count"], made[-1]["tenant"]) == (499, 0)


def test_refusals_that_cannot_be_written_wait_for_the_next_try(house: House) -> None:
    failures: list[BaseException] = []

    class Broken:
        down = True

        def write(self, tenant: int | None, work: object) -> None:
            if self.down:
                raise OSError
            house.database.write(tenant, work)  # type: ignore[arg-type]  # a stand-in for the database

    stand_in = Broken()
    counter = RefusalCounter(stand_in, AuditLog(), now=house.clock, failed=failures.append)  # type: ignore[arg-type]  # likewise
    counter.note(Refusal(Action.CREDENTIAL_REFUSED, Reason.UNKNOWN, SourceClass.PUBLIC), millis(house.clock()))
    counter.flush()
    assert len(failures) == 1
    stand_in.down = False
    counter.close()
    assert house.entries()[-1]["count"] == 1
