"""Events over HTTP: told once, again, late, in any order, many at a time, and of what nobody knows."""

from typing import Any

import pytest

from tests.api.conftest import refused
from tests.dsar.retention.conftest import Platform


def test_the_latest_moment_counts_in_whatever_order_they_are_told(platform: Platform) -> None:
    ref = platform.order()
    phone = platform.store("cust-order", ref)
    assert platform.tell("order.completed", ref, days=40)
    assert not platform.tell("order.completed", ref, days=40)
    assert platform.tell("order.completed", ref, days=20)
    assert not platform.tell("order.completed", ref, days=35)
    platform.purge()
    assert platform.uses(phone) == {("delivery", ref)}


def test_an_event_of_an_unknown_ref_is_kept_for_what_is_stored_afterwards(platform: Platform) -> None:
    ref = platform.order()
    platform.tell("order.completed", ref, days=31)
    phone = platform.store("cust-afterwards", ref)
    platform.purge()
    assert platform.uses(phone) is None


def test_many_events_are_taken_each_for_itself(platform: Platform) -> None:
    first, second = platform.order(), platform.order()
    platform.store("cust-many", first)
    body = [
        {"event": "order.completed", "ref": first, "at": platform.moment(days=1)},
        {"event": "order.completed", "ref": second, "at": platform.moment(days=-1)},
        {"event": "case.closed", "ref": "case:13812345678", "at": platform.moment(days=1)},
        {"event": "account.closed", "subject": "cust-nobody-knows", "at": platform.moment(days=1)},
        {"event": "last_activity", "subject": "cust-many", "at": platform.moment(days=1)},
        {"event": "order.completed", "ref": first, "at": platform.moment(days=1)},
    ]
    items = platform.api.items("/v1/retention/events", {"items": body})
    codes = [item.get("error", {}).get("code", item.get("news")) for item in items]
    assert codes == [True, "in_the_future", "ref_is_personal", "not_found", True, False]
    (entry, failed) = platform.entries("retention.event")[-2:]
    assert (entry["outcome"], entry["count"], failed["outcome"], failed["count"]) == ("done", 3, "failed", 3)


def test_a_repeated_call_gets_the_answer_of_the_first(platform: Platform) -> None:
    ref = platform.order()
    body = {"items": [{"event": "order.completed", "ref": ref, "at": platform.moment(days=1)}]}
    headers = {"Idempotency-Key": f"key-{ref}"}
    answers = [platform.api.call("POST", "/v1/retention/events", body, headers=headers).json for _ in range(2)]
    assert answers[0] == answers[1] == {"items": [{"news": True}]}


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"items": []},
        {"event": "order.completed", "at": "2026-11-01T00:00:00Z"},
        {"event": "order.completed", "subject": "cust-1", "at": "2026-11-01T00:00:00Z"},
        {"event": "account.closed", "ref": "order:o-1", "at": "2026-11-01T00:00:00Z"},
        {"event": "order.completed", "ref": "order:o-1", "at": "2026-11-01T00:00:00"},
        {"event": "consent.withdrawn", "subject": "cust-1", "at": "2026-11-01T00:00:00Z"},
        {"event": "order.completed", "ref": "o-1", "at": "2026-11-01T00:00:00Z"},
    ],
)
def test_what_is_no_event_is_refused(platform: Platform, body: dict[str, Any]) -> None:
    refused(platform.api.call("POST", "/v1/retention/events", body), 422, "invalid_request")


def test_activity_keeps_an_account_whose_events_never_come(platform: Platform) -> None:
    quiet, active = (platform.store(f"cust-{name}", "", purpose="account") for name in ("quiet", "active"))
    platform.api.clock.advance(days=3 * 366)
    platform.tell("last_activity", "cust-active", days=300)
    run = platform.purge()
    assert run["people"] >= 1
    assert platform.uses(quiet) is None
    assert platform.uses(active) == {("account", "")}


def test_events_of_a_person_go_with_the_persons_key(platform: Platform) -> None:
    platform.store("cust-erased", "", purpose="account")
    platform.tell("last_activity", "cust-erased", days=1)
    known = platform.sql("SELECT count(*) FROM retention_event WHERE subject > 0")[0][0]
    platform.call("POST", "/v1/subjects/cust-erased/shred", {"reason": "erasure_request"})
    assert platform.sql("SELECT count(*) FROM retention_event WHERE subject > 0")[0][0] == known - 1
