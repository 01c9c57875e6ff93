"""What is due goes, what is not stays, and what a hold or a law keeps stays longer: over HTTP, on both databases."""

from typing import Any

import pytest

from tests.api.conftest import refused
from tests.dsar.retention.conftest import Platform
from web.principal import Role


def test_a_phone_of_two_orders_loses_the_use_that_is_due_and_goes_with_the_last(platform: Platform) -> None:
    old, young = platform.order(), platform.order()
    phone = platform.store("cust-two", old, young)
    platform.tell("order.completed", old, days=31)
    platform.tell("order.completed", young, days=1)
    run = platform.purge()
    assert (run["planned"], run["disposed"], run["records"]) == (1, 1, 0)
    assert platform.uses(phone) == {("delivery", young)}
    assert platform.seen(phone, ref=young).startswith("138")
    platform.api.clock.advance(days=30)
    assert platform.purge()["records"] == 1
    assert platform.uses(phone) is None
    assert platform.seen(phone, ref=young) == "not_found"


@pytest.mark.parametrize("held", [0, 1], ids=["the_older_order", "the_younger_order"])
def test_a_hold_on_either_order_keeps_the_phone_until_it_is_released(platform: Platform, held: int) -> None:
    refs = platform.order(), platform.order()
    phone = platform.store(f"cust-held-{held}", *refs)
    for ref in refs:
        platform.tell("order.completed", ref, days=31)
    hold = platform.hold(ref=refs[held])
    platform.purge()
    assert platform.uses(phone) == {("delivery", refs[held])}
    assert platform.seen(phone, ref=refs[held]).startswith("138")
    platform.release(hold)
    platform.purge()
    assert platform.uses(phone) is None


def test_a_hold_that_is_placed_after_the_plan_keeps_what_was_planned(platform: Platform) -> None:
    ref = platform.order()
    phone = platform.store("cust-late-hold", ref)
    platform.tell("order.completed", ref, days=31)
    plan = platform.plan()
    hold = platform.hold(subject="cust-late-hold")
    run = platform.run(plan)
    assert (run["planned"], run["held"], run["disposed"]) == (1, 1, 0)
    assert platform.uses(phone) == {("delivery", ref)}
    assert [item["outcome"] for item in platform.items(plan)] == ["held"]
    platform.release(hold)
    assert platform.purge()["disposed"] == 1


def test_what_was_told_after_the_plan_is_asked_again_and_what_is_gone_is_no_loss(platform: Platform) -> None:
    refs = [platform.order() for _ in range(3)]
    phones = [platform.store(f"cust-again-{number}", ref) for number, ref in enumerate(refs)]
    for ref in refs:
        platform.tell("order.completed", ref, days=31)
    plan = platform.plan()
    platform.tell("order.completed", refs[0], days=2)
    assert platform.api.call("DELETE", f"/v1/tokens/{phones[1]}").status_code in {200, 204}
    run = platform.run(plan)
    assert (run["planned"], run["not_due"], run["gone"], run["disposed"]) == (3, 1, 1, 1)
    assert [platform.uses(phone) for phone in phones] == [{("delivery", refs[0])}, None, None]
    platform.tell("order.completed", refs[0], days=1)


def test_a_name_is_stored_for_the_law_and_used_no_more_until_the_law_lets_it_go(platform: Platform) -> None:
    old, young = platform.order(), platform.order()
    name = platform.store("cust-law", old, young, kind="name", value="王小明")
    platform.tell("order.completed", old, days=31)
    platform.tell("order.completed", young, days=1)
    run = platform.purge()
    assert (run["restricted"], run["records"]) == (1, 0)
    assert platform.uses(name) == {("delivery", old), ("delivery", young)}
    assert platform.seen(name, ref=old) == "restricted"
    assert platform.seen(name, ref=young) == "王小明"
    platform.api.clock.advance(days=31)
    assert platform.purge()["restricted"] == 1
    assert [platform.seen(name, **asked) for asked in ({"ref": young}, {}, {"purpose": "account"})] == [
        "restricted"
    ] * 3
    plan = platform.plan()
    (kept,) = [one for one in plan["kept"] if (one["reason"], one["kind"]) == ("law", "name")]
    assert kept["count"] == 2
    assert kept["laws"][0] == "E-commerce Law of the PRC, art. 31: P3Y"
    assert kept["first_until"] is not None
    platform.api.clock.advance(days=3 * 366)
    platform.purge()
    assert platform.uses(name) is None


def test_a_person_whose_last_record_goes_with_the_account_is_shredded(platform: Platform) -> None:
    phone = platform.store("cust-leaves", "", purpose="account")
    kept = platform.store("cust-stays", "", purpose="account")
    platform.store("cust-stays", platform.order())
    for subject in ("cust-leaves", "cust-stays"):
        platform.tell("account.closed", subject, days=16)
    run = platform.purge()
    assert run["people"] == 1
    assert (platform.uses(phone), platform.uses(kept)) == (None, None)
    asked = {"purpose": "account", "items": [{"subject": "cust-leaves", "kind": "phone", "value": "13800000000"}]}
    (item,) = platform.api.items("/v1/tokenize", asked)
    assert item["error"]["code"] == "subject_erased"
    assert platform.store("cust-stays", "", purpose="account").startswith("tok_")


def test_what_has_to_be_looked_at_goes_only_after_two_persons_have_agreed(platform: Platform) -> None:
    phone = platform.store("cust-fraud", "", purpose="fraud_control")
    platform.api.clock.advance(days=366)
    plan = platform.plan()
    run = platform.run(plan)
    assert run["to_review"] == 1
    assert platform.uses(phone) == {("fraud_control", "")}
    plan = platform.plan()
    asked = platform.ask(plan, reviewed=True)
    assert asked["state"] == "awaiting_approval"
    own = platform.api.call("POST", f"/v1/jobs/{asked['job']}/approve", credential=platform.officer)
    refused(own, 403, "own_job")
    platform.call("POST", f"/v1/jobs/{asked['job']}/approve", credential=platform.colleague)
    platform.carry(asked["job"])
    assert platform.look(asked["run"])["disposed"] >= 1
    assert platform.uses(phone) is None
    (entry,) = [one for one in platform.entries("retention.done") if one["request"] == asked["run"]]
    assert (entry["approver"]["kind"], entry["wording"]) == ("credential", plan["root"])


def test_what_is_anonymised_leaves_a_count_and_nothing_else(platform: Platform) -> None:
    geo = platform.store("cust-geo", "", kind="geo", value="31.2304,121.4737", purpose="recommendation")
    month = platform.api.clock().strftime("%Y-%m")
    platform.api.clock.advance(days=91)
    assert platform.purge()["disposed"] >= 1
    assert platform.uses(geo) is None
    items = platform.call("GET", "/v1/retention/counts")["items"]
    assert {"kind": "geo", "purpose": "recommendation", "month": month, "count": 1} in items


def test_what_rests_on_consent_goes_when_that_is_withdrawn_and_stays_where_it_is_given_again(
    platform: Platform,
) -> None:
    api = platform.api
    phones = [platform.store(f"cust-sms-{number}", "", purpose="marketing_sms") for number in range(2)]
    for number in range(2):
        platform_says(platform, f"cust-sms-{number}", "given")
        platform_says(platform, f"cust-sms-{number}", "withdrawn")
    platform_says(platform, "cust-sms-0", "given")
    api.clock.advance(seconds=1)
    platform.purge()
    assert [platform.uses(phone) for phone in phones] == [{("marketing_sms", "")}, None]


def platform_says(platform: Platform, subject: str, state: str) -> None:
    """Take down what a person says about messages."""
    said: dict[str, Any] = {"subject": subject, "purpose": "marketing_sms", "state": state}
    if state == "given":
        asked = {
            "subject": subject,
            "purposes": ["marketing_sms"],
            "locale": "en",
            "channel": "app",
            "asked_by": "person",
        }
        shown: Any = platform.api.call("POST", "/v1/presentations", asked).json
        said["presentation"] = shown["presentation"]
    platform.api.clock.advance(seconds=1)
    (item,) = platform.api.items("/v1/consents", {"items": [said]})
    assert "error" not in item, item


def test_an_event_that_never_comes_ends_at_the_fallback(platform: Platform) -> None:
    phone = platform.store("cust-never", platform.order())
    platform.api.clock.advance(days=180)
    platform.purge()
    assert platform.uses(phone) is not None
    alerts = platform.call("GET", "/v1/retention/alerts")["items"]
    (late,) = [one for one in alerts if one["code"] == "clock_not_started" and one["kind"] == "phone"]
    assert (late["rule"], late["purpose"]) == ("delivery_contact", "delivery")
    platform.api.clock.advance(days=1)
    platform.purge()
    assert platform.uses(phone) is None


def test_a_field_of_a_profile_goes_with_the_use_for_which_it_was_written(platform: Platform) -> None:
    ref, subject = platform.order(), "cust-profile"
    fields = {"purpose": "account", "fields": {"phone": "13899990000"}}
    assert platform.api.call("PUT", f"/v1/subjects/{subject}", fields).status_code == 200
    phone = platform.store(subject, ref, value="13899990000")
    platform.tell("account.closed", subject, days=16)
    platform.purge()
    assert platform.uses(phone) == {("delivery", ref)}
    profile: Any = platform.api.call("GET", f"/v1/subjects/{subject}").json
    assert profile["fields"] == {}


def test_runs_take_a_plan_that_is_ready_new_and_under_the_policy_in_force(platform: Platform) -> None:
    ref = platform.order()
    platform.store("cust-plans", ref)
    platform.tell("order.completed", ref, days=31)
    making = platform.call("POST", "/v1/retention/plans", expected=202)
    body = {"plan": making["plan"]}
    refused(platform.api.call("POST", "/v1/retention/runs", body, credential=platform.officer), 409, "plan_not_ready")
    refused(platform.api.call("POST", "/v1/retention/plans", credential=platform.officer), 409, "retention_under_way")
    platform.carry(making["job"])
    plan = platform.call("GET", f"/v1/retention/plans/{making['plan']}")
    run = platform.ask(plan)
    refused(
        platform.api.call("POST", "/v1/retention/runs", body, credential=platform.officer), 409, "retention_under_way"
    )
    platform.carry(run["job"])
    refused(platform.api.call("POST", "/v1/retention/runs", body, credential=platform.officer), 409, "plan_used")
    old = platform.plan()
    platform.api.clock.advance(days=7)
    stale = {"plan": old["plan"]}
    refused(platform.api.call("POST", "/v1/retention/runs", stale, credential=platform.officer), 409, "plan_stale")
    nobody = {"plan": "01a20211-eebb-7b0f-8d29-9f5f5b1f0a8e"}
    refused(platform.api.call("POST", "/v1/retention/runs", nobody, credential=platform.officer), 404, "not_found")


def test_the_report_says_what_would_go_and_what_stays_as_json_and_as_a_table(platform: Platform) -> None:
    ref, other = platform.order(), platform.order()
    platform.store("cust-report", ref)
    platform.store("cust-report", other, kind="address", value="上海市浦东新区世纪大道1号")
    platform.store("cust-report", platform.order())
    platform.tell("order.completed", ref, days=40)
    platform.hold(ref=ref)
    platform.tell("order.completed", other, days=40)
    plan = platform.plan()
    assert {
        "rule": "delivery_order",
        "kind": "address",
        "purpose": "delivery",
        "action": "restrict",
        "count": 1,
    } in plan["due"]
    reasons = {(one["reason"], one["kind"]) for one in plan["kept"]}
    assert {("held", "phone"), ("waiting", "phone")} <= reasons
    assert plan["planned"] == sum(one["count"] for one in plan["due"])
    assert plan["seen"] == plan["planned"] + sum(one["count"] for one in plan["kept"])
    text = platform.api.call(
        "GET", f"/v1/retention/plans/{plan['plan']}?format=csv", credential=platform.officer
    ).text.splitlines()
    assert text[0].startswith("rule,kind,purpose,fate,action,count")
    assert "delivery_order,address,delivery,due,restrict,1,,," in text
    platform.run(plan)


def test_every_call_takes_its_scope_and_another_tenant_finds_nothing(platform: Platform) -> None:
    api, plan = platform.api, platform.plan()
    for method, path in (("POST", "plans"), ("GET", "plans"), ("GET", "runs"), ("GET", "policy"), ("GET", "alerts")):
        assert api.call(method, f"/v1/retention/{path}").status_code == 403
    assert api.call("POST", "/v1/retention/plans", credential=api.role(Role.AUDITOR)).status_code == 403
    assert api.call("GET", "/v1/retention/plans", credential=api.role(Role.AUDITOR)).status_code == 200
    foreign = api.credential(Role.PRIVACY_OFFICER, tenant=api.other_tenant)
    for path in (f"plans/{plan['plan']}", f"plans/{plan['plan']}/items", f"runs/{plan['plan']}"):
        refused(api.call("GET", f"/v1/retention/{path}", credential=foreign), 404, "not_found")
    refused(api.call("POST", "/v1/retention/runs", {"plan": plan["plan"]}, credential=foreign), 404, "not_found")
