"""Records of calls and bindings that are over end by the tenant's policy, like everything else that is kept: over HTTP, on both
databases."""

from collections.abc import Callable
from typing import Any

import pytest

from tests.dsar.retention.conftest import Platform
from web.principal import Role

POOL = "orders"
DAYS = 180


@pytest.fixture(scope="module")
def bind(platform: Platform) -> Callable[[str], str]:
    """Binds two new people for an order, has one call the other and ends the binding; the relay number."""
    api, service, switch = platform.api, platform.api.credential(Role.SERVICE), platform.api.credential(Role.SWITCH)
    platform.call("POST", "/v1/relay/pools", {"pool": POOL, "modes": ["axb"]}, expected=201, credential=service)
    numbers = {"pool": POOL, "items": [{"number": "+8617012340000"}]}
    platform.call("POST", "/v1/relay/numbers", numbers, credential=service)

    def bound(order: str) -> str:
        people = [f"{order.removeprefix('order:')}-{role}" for role in ("a", "b")]
        phones = [f"137{order.rpartition('-')[2]:0>7}{side}" for side in (1, 2)]
        for one, phone in zip(people, phones, strict=True):
            body = {"type": "customer", "purpose": "account", "fields": {"phone": phone}}
            platform.call("PUT", f"/v1/subjects/{one}", body, credential=service)
        wish = {
            "mode": "axb",
            "pool": POOL,
            "order": order,
            **{s: {"subject": p} for s, p in zip("ab", people, strict=True)},
        }
        made = platform.call("POST", "/v1/relay/bindings", wish, expected=201, credential=service)
        asked = {"called": made["x"], "caller": phones[0]}
        assert platform.call("POST", "/v1/relay/route", asked, credential=switch)["action"] == "connect"
        assert api.call("DELETE", f"/v1/relay/bindings/{made['binding']}", credential=service).status_code == 200
        return str(made["x"])

    return bound


def left(platform: Platform) -> dict[str, int]:
    """How many calls, bindings and parties there are."""
    tables = ("relay_call", "relay_binding", "relay_party")
    return {table: _counted(platform, table) for table in tables}


def test_calls_and_bindings_are_in_a_plan_with_their_time_a_hold_keeps_those_of_its_order_and_a_run_ends_the_others(
    platform: Platform, bind: Callable[[str], Any]
) -> None:
    held, free = platform.order(), platform.order()
    for order in (held, free):
        bind(order)
    platform.api.clock.advance(days=3)
    platform.api.moat.sweeper.sweep()
    kept = {
        (one["kind"], one["reason"]): one["count"] for one in platform.plan()["kept"] if one["rule"] == "relay_records"
    }
    assert kept == {("calls", "running"): 4, ("relay", "running"): 4}
    platform.api.clock.advance(days=DAYS)
    hold = platform.hold(ref=held)
    plan = platform.plan()
    due = {one["kind"]: one["count"] for one in plan["due"] if one["rule"] == "relay_records"}
    assert due == {"calls": 2, "relay": 2}
    run = platform.run(plan)
    assert run["held"] == 0
    assert left(platform) == {"relay_call": 1, "relay_binding": 1, "relay_party": 2}
    platform.release(hold)
    late = platform.plan()
    platform.hold(ref=held)
    assert platform.run(late)["held"] == 4
    assert left(platform) == {"relay_call": 1, "relay_binding": 1, "relay_party": 2}


def _counted(platform: Platform, table: str) -> int:
    return int(platform.sql(f"SELECT count(*) FROM {table}")[0][0])
