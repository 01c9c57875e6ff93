"""Erasures from the plan to the certificate: what goes, what stays and why, and that nothing is done twice or by halves."""

import itertools
from functools import partial
from typing import Any

import pytest

from tests.api.conftest import refused
from tests.dsar.erasure.office import Office
from web.principal import Role

NUMBERS = itertools.count(1)


@pytest.fixture
def name() -> str:
    """An id that no other test uses."""
    return f"somebody-{next(NUMBERS)}"


def test_an_erasure_destroys_everything_everywhere_and_is_certified(office: Office, name: str) -> None:
    number = office.person(name)
    office.beside.hold(number, ("visit", "account", ""), 3, since=1_000)
    request = office.ask(number)
    office.work()
    plan = office.plan(request)
    assert (plan["phase"], plan["dispose"], plan["keep"], office.state(request)) == ("planned", 5, 0, "review")
    assert [(line["holder"], line["category"], line["count"]) for line in plan["items"]] == [
        ("order_service", "visit", 3),
        ("vault", "account", 1),
        ("vault", "phone", 1),
    ]
    office.approve(request)
    office.work()
    assert (office.state(request), office.shredded(number), office.beside.held[number]) == ("completed", True, {})
    facts = office.facts(request)
    assert facts["outcome"] == "erased"
    assert [(one["system"], one["category"], one["count"], one["technique"]) for one in facts["erased"]] == [
        ("order_service", "visit", 3, "delete"),
        ("vault", "account", 1, "cryptographic_erase"),
        ("vault", "phone", 1, "cryptographic_erase"),
    ]
    assert facts["approvers"] == [11, 12]
    assert sum(one["count"] for one in facts["erased"]) == plan["dispose"]


def test_what_a_law_keeps_stays_restricted_until_its_period_ends_and_then_goes_by_itself(
    office: Office, name: str
) -> None:
    number = office.person(name)
    token = office.api.token("北京市朝阳区建国路88号", "address", subject=name, ref=f"order:{name}")
    office.beside.hold(number, ("order", "delivery", f"order:{name}"), 2, since=office.at)
    request = office.ask(number)
    office.erased(request)
    assert (office.state(request), office.shredded(number)) == ("restricted", False)
    assert [(kind, purpose) for kind, purpose, _ in office.kept(number)] == [(5, "delivery")]
    assert office.beside.restricted >= {number}
    assert office.api.seen(token, ref=f"order:{name}") == ["restricted"]
    facts = office.facts(request)
    assert (facts["outcome"], facts["key"], facts["verification"]["result"]) == (
        "partly_erased",
        None,
        "nothing_but_what_is_kept",
    )
    assert [
        (one["system"], one["category"], one["by"], one["article"], one["until"][:10]) for one in facts["kept"]
    ] == [
        ("order_service", "order", "ecommerce_31", "31", "2029-11-02"),
        ("vault", "account", "ecommerce_31", "31", "2029-11-02"),
        ("vault", "address", "catering_orders", "15", "2027-05-02"),
    ]
    with office.at_another_time(days=182):
        assert office.resumed(request) == "restricted"
        assert (office.kept(number), office.shredded(number)) == ([], False)
        assert [one["category"] for one in office.facts(request)["kept"]] == ["order", "account"]
    with office.at_another_time(days=3 * 366):
        assert office.resumed(request) == "completed"
        assert (office.shredded(number), office.beside.held[number]) == (True, {})
    facts = office.facts(request)
    assert (facts["outcome"], sum(one["count"] for one in facts["erased"])) == ("erased", 5)


def test_what_a_hold_keeps_goes_when_two_persons_release_it(office: Office, name: str) -> None:
    number = office.person(name)
    office.api.token("010-62345678", "landline", subject=name, ref="order:other")
    hold = office.place(ref=f"order:{name}")
    request = office.ask(number)
    office.work()
    kept = [line["kept"] for line in office.plan(request)["items"] if line["kept"]]
    assert [(one["reason"], one["by"], one["until"]) for one in kept] == [("legal_hold", "litigation", None)] * 2
    office.approve(request)
    office.work()
    assert (office.state(request), [kind for kind, _, _ in office.kept(number)]) == ("restricted", [2])
    assert office.plan(request)["resume_at"] is None
    office.release(hold)
    office.work()
    assert (office.state(request), office.shredded(number)) == ("completed", True)


@pytest.mark.parametrize("phase", ["disposing", "verifying", "destroying", "confirming", "ending"])
def test_what_a_hold_kept_goes_too_when_it_is_released_while_the_round_goes_on(
    office: Office, name: str, phase: str
) -> None:
    number = office.person(name)
    office.api.token("010-62345678", "landline", subject=name, ref="order:other")
    hold = office.place(ref=f"order:{name}")
    request = office.ask(number)
    office.work()
    office.approve(request)
    while office.plan(request)["phase"] != phase:
        office.step()
    office.release(hold)
    office.work()
    office.work()  # A step that begins another round waits for a moment.
    assert (office.state(request), office.shredded(number)) == ("completed", True)


def test_a_hold_that_comes_between_the_plan_and_the_deed_keeps_what_was_to_go(office: Office, name: str) -> None:
    number = office.person(name)
    request = office.ask(number)
    office.work()
    office.approve(request)
    office.step()
    hold = office.place(subject=name)
    office.work()
    assert (office.state(request), len(office.kept(number))) == ("restricted", 1)
    assert {one["by"] for one in office.facts(request)["kept"]} == {"litigation"}
    office.release(hold)
    office.work()
    assert office.shredded(number)


def test_a_hold_that_comes_inside_the_vaults_own_transaction_is_obeyed_and_nothing_counts_twice(
    office: Office, name: str
) -> None:
    number = office.person(name)
    request = office.ask(number)
    office.work()
    office.approve(request)
    while office.plan(request)["phase"] != "destroying":
        office.step()
    with office.just_before_the_vault_disposes(lambda: office.place(ref=f"order:{name}")) as placed:
        office.work()
    assert (len(office.kept(number)), office.plan(request)["waiting"]["code"]) == (1, "legal_hold")
    office.work()
    assert (office.state(request), office.facts(request)["erased"]) == ("restricted", [])
    office.release(placed[0])
    office.work()
    assert (office.shredded(number), sum(one["count"] for one in office.facts(request)["erased"])) == (True, 2)


def test_a_holder_that_says_it_did_and_did_not_is_found_out(office: Office, name: str) -> None:
    number = office.person(name)
    office.beside.hold(number, ("visit", "account", ""), 3, since=1_000)
    request = office.ask(number)
    office.beside.lies = 2
    office.erased(request)
    assert office.plan(request)["waiting"]["code"] == "not_clean"
    for _ in range(2):
        office.work()
    facts = office.facts(request)
    assert (office.state(request), facts["verification"]["rounds"]) == ("completed", 3)
    assert sum(one["count"] for one in facts["erased"]) == 5


def test_a_holder_that_does_not_answer_is_waited_for_and_nothing_is_certified_before(office: Office, name: str) -> None:
    number = office.person(name)
    office.beside.hold(number, ("visit", "account", ""), 1, since=1_000)
    request = office.ask(number)
    office.beside.away = True
    office.work()
    waiting = office.plan(request)["waiting"]
    assert (waiting["holder"], waiting["code"], waiting["attempts"]) == ("order_service", "away", 1)
    office.work()
    assert office.plan(request)["waiting"]["attempts"] == 2
    office.beside.away = False
    office.work()
    assert (office.plan(request)["phase"], office.plan(request)["waiting"]) == ("planned", None)
    office.approve(request)
    office.beside.away = True
    office.work()
    assert (office.plan(request)["waiting"]["holder"], office.shredded(number)) == ("order_service", False)
    refused(
        office.api.call("GET", f"/v1/requests/{request}/certificate", credential=office.officer), 409, "no_certificate"
    )
    office.beside.away = False
    office.work()
    assert (office.state(request), office.shredded(number)) == ("completed", True)


def test_what_turns_up_after_it_was_destroyed_is_destroyed_in_another_round(office: Office, name: str) -> None:
    number = office.person(name)
    request = office.ask(number)
    office.work()
    office.approve(request)
    while office.plan(request)["phase"] != "verifying":
        office.step()
    office.beside.hold(number, ("visit", "account", ""), 4, since=1_000)
    office.work()
    assert office.plan(request)["waiting"]["code"] == "not_clean"
    office.work()
    facts = office.facts(request)
    assert (office.state(request), facts["verification"]["rounds"], office.beside.held[number]) == ("completed", 2, {})


@pytest.mark.parametrize("keeps", [False, True])
@pytest.mark.parametrize("before", [False, True])
def test_a_crash_at_any_commit_changes_nothing_about_the_end(
    office: Office, name: str, *, keeps: bool, before: bool
) -> None:
    for crash in itertools.count(1):
        who = f"{name}-{crash}"
        number = office.person(who)
        office.beside.hold(number, ("visit", "account", ""), 3, since=1_000)
        if keeps:
            office.beside.hold(number, ("order", "delivery", f"order:{who}"), 1, since=office.at)
        counted = office.counted()
        request = office.ask(number)
        crashed = office.crashing(crash, partial(office.work_through, request), before=before)
        office.work_through(request)
        facts = office.facts(request)
        assert office.state(request) == ("restricted" if keeps else "completed")
        assert (office.shredded(number), len(office.kept(number))) == (not keeps, 0)
        assert sum(one["count"] for one in facts["erased"]) == (4 if keeps else 5)
        assert [one["act"] for one in facts["recipients"]].count("dispose") == 5
        assert office.counted(since=counted) == {"plan": 1, "dispose": 6 if keeps else 5, "end": 1}
        if not crashed:
            break
    assert crash > 15


def test_a_closed_account_ends_its_consents_and_waits_for_the_order_that_still_runs(office: Office, name: str) -> None:
    number = office.person(name)
    office.assign(f"courier-{name}", name, "picked_up")
    office.give_consent(name)
    request = office.ask(number, "account_closure")
    office.erased(request)
    assert office.state(request) == "restricted"
    assert {one["reason"] for one in office.facts(request)["kept"]} == {"order_running"}
    (withdrawn,) = [one for one in office.entries("consent.withdraw") if one["request"] == str(request)]
    assert withdrawn["purpose"] == "marketing_sms"
    office.assign(f"courier-{name}", name, "delivered")
    with office.at_another_time(days=1.1):
        assert office.resumed(request) == "completed"
    assert office.shredded(number)


def test_an_order_that_one_holder_has_under_way_keeps_what_the_others_hold_for_it(office: Office, name: str) -> None:
    number = office.person(name)
    office.api.token("010-62345678", "landline", subject=name, ref="order:other")
    office.beside.hold(number, ("visit", "delivery", f"order:{name}"), 1, since=office.at)
    office.beside.under_way.add(f"order:{name}")
    request = office.ask(number)
    office.work()
    assert (office.plan(request)["keep"], office.plan(request)["dispose"]) == (3, 1)
    office.approve(request)
    office.work()
    assert (office.state(request), [kind for kind, _, _ in office.kept(number)]) == ("restricted", [2])
    assert [one["reason"] for one in office.facts(request)["kept"]] == ["order_running"] * 3
    office.beside.under_way.clear()
    with office.at_another_time(days=1.1):
        assert office.resumed(request) == "completed"
    assert office.shredded(number)


def test_nothing_that_names_anybody_stays_in_the_rows_of_an_erasure(office: Office, name: str) -> None:
    number = office.person(name)
    office.beside.hold(number, ("张三的订单", "13812345678", f"order:{name}"), 1, since=office.at)
    request = office.ask(number)
    office.erased(request)
    rows = office.rows_of(request)
    assert len(rows) > 6
    said = " ".join(str(value) for row in rows for value in row)
    assert [word for word in (name, "order:", "138123", "张三") if word in said] == []
    assert "other" in said
    assert office.number_kept(request) is None


def test_over_http_nobody_erases_alone_and_only_officers_see_what_goes(office: Office, name: str) -> None:
    number = office.person(name)
    wanted = {"subject": name, "right": "erasure", "regime": "pipl"}
    made: Any = office.api.call("POST", "/v1/requests", wanted).json
    office.verify(made["request"])
    path = f"/v1/requests/{made['request']}"
    refused(office.api.call("GET", f"{path}/plan", credential=office.officer), 409, "no_plan")
    assert office.api.call("POST", f"{path}/accept", credential=office.officer).status_code == 200
    office.work()
    assert office.plan(made["request"])["dispose"] == 2
    pages: list[Any] = [
        office.api.call("GET", f"{path}/plan?limit=1&cursor={cursor}", credential=office.officer).json
        for cursor in (0, 1, 2)
    ]
    assert [[line["category"] for line in page["items"]] for page in pages] == [["account"], ["phone"], []]
    assert [(page["dispose"], page["next_cursor"]) for page in pages] == [(2, "1"), (2, "2"), (2, None)]
    refused(office.api.call("GET", f"{path}/plan"), 403, "forbidden")
    refused(office.api.call("GET", f"{path}/certificate"), 403, "forbidden")
    foreign = office.api.credential(Role.PRIVACY_OFFICER, tenant=office.api.other_tenant)
    refused(office.api.call("GET", f"{path}/plan", credential=foreign), 404, "not_found")
    refused(office.api.call("GET", f"{path}/certificate", credential=foreign), 404, "not_found")
    refused(office.api.call("POST", f"{path}/approve", credential=office.officer), 409, "same_person")
    office.work()
    assert not office.shredded(number)
    assert office.api.call("POST", f"{path}/approve", credential=office.colleague).status_code == 200
    office.work()
    shown: Any = office.api.call("GET", path, credential=office.officer).json
    assert (shown["state"], office.shredded(number)) == ("completed", True)
    (read,) = {entry["outcome"] for entry in office.entries("dsar.erasure_read")[-1:]}
    assert read == "done"


def test_what_is_left_is_used_again_when_the_request_is_withdrawn(office: Office, name: str) -> None:
    number = office.person(name)
    token = office.api.token("北京市朝阳区建国路88号", "address", subject=name, ref=f"order:{name}")
    request = office.ask(number)
    office.erased(request)
    assert office.api.seen(token, ref=f"order:{name}") == ["restricted"]
    answer = office.api.call("POST", f"/v1/requests/{request}/withdraw", {})
    assert answer.status_code == 200, answer.text
    assert office.resumed(request) == "withdrawn"
    assert office.api.seen(token, ref=f"order:{name}") == ["北京市朝阳区建国路88号"]
    assert (office.number_kept(request), office.plan(request)["phase"]) == (None, "ended")
    assert office.facts(request)["outcome"] == "partly_erased"


def test_who_cannot_be_named_any_more_is_certified_as_unreachable(office: Office, name: str) -> None:
    number = office.person(name)
    request = office.ask(number)
    office.work()
    assert office.shred(name) == (200, "erased")
    office.approve(request)
    office.beside.nameless = True
    office.work()
    office.beside.nameless = False
    facts = office.facts(request)
    assert (office.state(request), facts["outcome"], facts["verification"]["asked"]) == (
        "completed",
        "erased",
        ["consent", "relay", "vault"],
    )
    assert [one["method"] for one in facts["recipients"] if one["system"] == "order_service"] == ["unreachable"]


@pytest.mark.parametrize(("fails", "channel"), [(0, "sms"), (2, "sms"), (9, "none")])
def test_the_person_is_told_while_there_is_an_address_and_a_broken_way_out_keeps_nothing_alive(
    office: Office, name: str, fails: int, channel: str
) -> None:
    number = office.person(name)
    request = office.ask(number)
    with office.sending(fails) as sent:
        office.erased(request)
        for _ in range(fails):
            office.work()
    assert (office.state(request), office.shredded(number)) == ("completed", True)
    assert office.facts(request)["told"]["channel"] == channel
    told = [(template, locale, values["request"], kept) for template, locale, values, kept in sent]
    assert told == ([("erasure_last_word", "en", str(request), 1)] if channel == "sms" else [])
