"""Requests over HTTP: taken, decided, completed; and what of them is told, counted and kept."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from database.statement import Statement
from dsar.desk.errors import RequestStateError
from dsar.request import Level, RequestState
from tests.dsar.desk.conftest import Office

SECRET = "13912345678"


def test_a_request_is_taken_acknowledged_verified_accepted_prepared_approved_and_completed(
    office: Office, name: str
) -> None:
    office.person(name)
    made = office.ask(name, "erasure", "pipl")
    assert made["state"] == "received"
    assert office.jobs(made) == ["request_received"]
    office.carry_messages(made)
    assert office.show(made)["state"] == "acknowledged"
    office.do(made, "verifying")
    office.verify(made)
    office.decide(made, "accept")
    assert office.jobs(made)[-1] == "dsar_prepare_erasure"
    office.do(made, "prepared", True)
    office.decide(made, "approve", expected=409)
    office.decide(made, "approve", by=office.colleague)
    assert office.jobs(made)[-1] == "dsar_execute_erasure"
    office.do(made, "completed")
    shown = office.show(made)
    assert (shown["state"], shown["overdue"], shown["clock"]) == ("completed", False, "running")
    assert [one["move"] for one in shown["timeline"]] == [
        "receive",
        "acknowledge",
        "verify",
        "verify",
        "accept",
        "review",
        "approve",
        "complete",
    ]
    assert office.entries("dsar.approve")[-2]["reason"] == "same_person"


def test_what_needs_no_second_person_is_executed_at_once(office: Office, name: str) -> None:
    office.person(name)
    made = office.ask(name, "erasure")
    office.verify(made)
    office.decide(made, "accept")
    assert office.do(made, "prepared", False).state is RequestState.EXECUTING
    assert office.jobs(made, "dsar_")[-2:] == ["dsar_prepare_erasure", "dsar_execute_erasure"]
    office.decide(made, "complete", expected=409)


def test_the_desk_accepts_by_itself_what_the_regime_lets_it(office: Office, name: str) -> None:
    office.person(name)
    made = office.ask(name, "access")
    office.verify(made, Level.NONE)
    assert office.show(made)["state"] == "verifying"
    office.verify(made, Level.CHANNEL)
    assert (office.show(made)["state"], office.show(made)["accepted_by"]) == ("executing", 0)
    office.decide(made, "complete", partially=["others_rights"])
    assert office.show(made)["reasons"] == ["others_rights"]


def test_a_request_for_nobody_is_answered_alike_and_can_only_be_denied(office: Office, name: str) -> None:
    office.person(name)
    known = office.ask(name, "erasure", "pipl")
    unknown = office.ask(f"{name}-nobody", "erasure", "pipl")
    assert without(known, *TIMES) == without(unknown, *TIMES)
    for made in (known, unknown):
        office.carry_messages(made)
    assert without(office.show(known), *TIMES) == without(office.show(unknown), *TIMES)
    office.verify(unknown)
    problem = office.decide(unknown, "accept", expected=409)
    assert problem["code"] == "nobody_known"
    office.decide(unknown, "deny", reason="nothing_held")
    assert office.show(unknown)["state"] == "denied"


def test_a_second_request_for_the_same_is_kept_as_a_duplicate_of_the_first(office: Office, name: str) -> None:
    for subject in (name, f"{name}-nobody"):
        if subject == name:
            office.person(name)
        first = office.ask(subject, "access")
        second = office.ask(subject, "access")
        assert (second["state"], second["duplicate_of"]) == ("duplicate", first["request"])
        assert office.ask(subject, "erasure")["state"] == "received"
        office.decide(first, "withdraw", by=office.service)
        assert office.ask(subject, "access")["state"] == "received"


def test_of_requests_for_the_same_at_once_one_is_taken(office: Office, name: str) -> None:
    with ThreadPoolExecutor(4) as pool:
        made = list(pool.map(lambda _: office.ask(name, "access"), range(4)))
    assert sorted(one["state"] for one in made) == ["duplicate"] * 3 + ["received"]
    (taken,) = [one["request"] for one in made if one["state"] == "received"]
    assert {one["duplicate_of"] for one in made} == {None, taken}


def test_who_asks_for_another_person_must_be_entitled(office: Office, name: str) -> None:
    office.person(name)
    made = office.ask(name, "access", requester="guardian")
    office.verify(made)
    assert office.show(made)["state"] == "verifying"
    assert office.decide(made, "accept", expected=409)["code"] == "requester_not_verified"


def test_a_requester_who_is_not_known_surely_enough_gets_nothing(office: Office, name: str) -> None:
    office.person(name)
    made = office.ask(name, "rectification", corrections={"phone": SECRET})
    assert office.decide(made, "accept", expected=409)["code"] == "requester_not_verified"
    office.verify(made, Level.NONE)
    assert office.decide(made, "accept", expected=409)["code"] == "requester_not_verified"


@pytest.mark.parametrize("act", ["acknowledge", "accept", "approve", "resume"])
def test_what_has_ended_stays_so(office: Office, name: str, act: str) -> None:
    made = office.ask(name, "access")
    office.decide(made, "deny", reason="unfounded")
    assert office.decide(made, act, expected=409)["code"] == "request_state"
    with pytest.raises(RequestStateError):
        office.verify(made)


def test_a_denial_is_told_with_its_reason_and_the_remedies(office: Office, name: str) -> None:
    office.person(name)
    made = office.ask(name, "erasure", "pipl", locale="zh-Hant")
    office.decide(made, "deny", reason="legal_obligation")
    assert office.jobs(made)[-1] == "request_denied"
    sent = office.sent(made)
    assert sent[-1] == ("request_denied", "zh-Hant")
    assert office.told[-1]["reason"].startswith("法律、行政法規規定的保存期限")
    assert "人民法院" in office.told[-1]["remedy"]
    office.decide(made, "deny", reason="because", expected=422)


def test_time_is_extended_once_and_only_while_it_runs(office: Office, name: str) -> None:
    made = office.ask(name, "access", "gdpr")
    longer = office.decide(made, "extend", reason="complex")
    assert longer["due_at"] > made["due_at"]
    assert longer["extended"]
    assert office.decide(made, "extend", reason="complex", expected=409)["code"] == "not_extendable"
    assert office.jobs(made)[-1] == "request_extended"
    final = office.ask(name, "objection", "ccpa")
    assert office.decide(final, "extend", reason="complex", expected=409)["code"] == "not_extendable"


@pytest.mark.parametrize(("regime", "clock"), [("gdpr", "standing"), ("ccpa", "running")])
def test_the_clock_stands_while_the_desk_waits_where_the_law_lets_it(
    office: Office, name: str, regime: str, clock: str
) -> None:
    made = office.ask(name, "access", regime)
    paused = office.decide(made, "pause", reason="clarification")
    assert (paused["state"], paused["clock"]) == ("needs_info", clock)
    assert office.jobs(made)[-1] == "request_needs_info"
    office.api.clock.advance(days=7)
    running = office.decide(made, "resume")
    assert (running["state"], running["clock"]) == ("verifying", "running")
    assert (running["due_at"] > made["due_at"]) is (clock == "standing")


def test_a_held_request_goes_on_by_itself_when_the_hold_is_released(office: Office, name: str) -> None:
    office.person(name)
    made = office.executing(name)
    office.do(made, "held", reasons=["legal_hold"])
    shown = office.show(made)
    assert (shown["state"], shown["clock"], shown["reasons"]) == ("on_hold", "standing", ["legal_hold"])
    office.do(made, "held", reasons=["legal_hold"])
    office.do(made, "held", restricted=True, reasons=["legal_obligation"])
    assert office.jobs(made)[-1] == "request_restricted"
    office.do(made, "resume")
    assert office.show(made)["state"] == "executing"
    assert office.jobs(made)[-1] == "dsar_execute_erasure"
    office.do(made, "completed", partially=["legal_obligation"])
    assert office.show(made)["state"] == "partially_denied"


def test_what_is_prepared_after_the_request_has_ended_changes_nothing(office: Office, name: str) -> None:
    office.person(name)
    made = office.ask(name, "erasure")
    office.verify(made)
    office.decide(made, "accept")
    office.decide(made, "withdraw", by=office.service)
    assert office.do(made, "prepared", False).state is RequestState.WITHDRAWN


def test_a_repeated_call_does_nothing_twice(office: Office, name: str) -> None:
    body = {"subject": name, "right": "erasure", "regime": "gdpr"}
    key = {"Idempotency-Key": f"key-{name}"}
    first, second = (office.post("/v1/requests", body, by=office.service, expected=201, headers=key) for _ in range(2))
    assert first == second
    for _ in range(2):
        path = f"/v1/requests/{first['request']}/deny"
        office.post(path, {"reason": "unfounded"}, headers={"Idempotency-Key": f"deny-{name}"})
    assert office.moves(first) == ["receive", "deny"]
    office.post("/v1/requests", {**body, "right": "access"}, by=office.service, expected=409, headers=key)
    other = office.ask(f"{name}-other", "erasure", "gdpr")
    path, said = f"/v1/requests/{other['request']}/deny", {"reason": "unfounded"}
    problem = office.post(path, said, expected=409, headers={"Idempotency-Key": f"deny-{name}"})
    assert problem["code"] == "idempotency_mismatch"


def test_words_are_sealed_shown_to_officers_and_gone_with_the_request(office: Office, name: str) -> None:
    made = office.ask(name, "rectification", "gdpr", corrections={"phone": SECRET}, text="my number is wrong")
    path = f"/v1/requests/{made['request']}/words"
    words: Any = office.api.call("GET", path, credential=office.officer).json
    assert words == {"text": "my number is wrong", "corrections": {"phone": SECRET}}
    assert office.api.call("GET", path, credential=office.service).status_code == 403
    rows = office.database.read(office.tenant, lambda tx: tx.all(_WORDS, tenant=office.tenant))
    assert not [row for row in rows if SECRET.encode() in bytes(row[0])]
    office.decide(made, "deny", reason="unfounded")
    assert office.api.call("GET", path, credential=office.officer).json == {"text": None, "corrections": {}}


def without(answer: Any, *names: str) -> Any:
    return {name: value for name, value in answer.items() if name not in names}


TIMES = ("request", "received_at", "acknowledged_at", "timeline")
_WORDS = Statement("SELECT sealed FROM dsar_request_words WHERE tenant = :tenant")
