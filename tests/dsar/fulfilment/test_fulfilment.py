"""What people get who ask for corrections, restrictions, objections and the end of consents."""

import itertools
from typing import Any

import pytest

from tests.api.conftest import refused
from tests.dsar.fulfilment.conftest import Desk
from web.principal import Role

NUMBERS = itertools.count(1)


@pytest.fixture
def name() -> str:
    """An id that no other test uses."""
    return f"f{next(NUMBERS)}"


def test_a_restriction_stops_every_use_until_it_is_lifted_and_the_person_is_told(desk: Desk, name: str) -> None:
    token = desk.api.token(subject=name)
    request = desk.done(name, "restriction")
    assert desk.outcome(request) == ("completed", [])
    assert desk.api.seen(token) == ["restricted"]
    desk.carry(desk.lift(request))
    assert desk.api.seen(token) == ["13812345678"]
    told = [job.params["template"] for job in desk.jobs(request) if job.kind == "dsar_message"]
    assert "restriction_lifted" in told


def test_what_restricts_nothing_cannot_be_lifted(desk: Desk, name: str) -> None:
    desk.api.token(subject=name)
    for request in (desk.ask(name, "restriction"), desk.done(name, "consent_withdrawal")):
        answer = desk.api.call("POST", f"/v1/requests/{request}/lift", credential=desk.officer)
        refused(answer, 409, "request_not_restricting")


def test_two_restrictions_of_one_person_end_with_the_second(desk: Desk, name: str) -> None:
    token = desk.api.token(subject=name)
    first = desk.done(name, "restriction")
    second = desk.done(name, "restriction")
    desk.carry(desk.lift(first))
    assert desk.api.seen(token) == ["restricted"]
    desk.carry(desk.lift(second))
    assert desk.api.seen(token) == ["13812345678"]


def test_a_rectification_changes_the_profile_and_not_the_orders_and_its_words_go(desk: Desk, name: str) -> None:
    order = desk.api.token("13812345678", subject=name)
    body = {"purpose": "account", "fields": {"phone": "13812345678"}}
    assert desk.api.call("PUT", f"/v1/subjects/{name}", body).status_code == 200
    before = desk.api.rows()["dsar_request_words"]
    request = desk.ask(name, "rectification", corrections={"phone": "13987654321"})
    assert desk.api.rows()["dsar_request_words"] == before + 1
    desk.accept(request)
    desk.execute(request)
    assert desk.outcome(request) == ("completed", [])
    assert desk.api.rows()["dsar_request_words"] == before
    shown: Any = desk.api.call("GET", f"/v1/subjects/{name}").json
    assert shown["fields"]["phone"]["masked"] == "139****4321"
    assert desk.api.seen(order) == ["13812345678"]


@pytest.mark.parametrize("corrections", [{}, {"phone": "not a phone"}, {"shoe_size": "44"}])
def test_a_rectification_that_says_nothing_right_ends_and_says_so(
    desk: Desk, name: str, corrections: dict[str, str]
) -> None:
    desk.api.token(subject=name)
    request = desk.done(name, "rectification", corrections=corrections)
    assert desk.state(request) == "partially_denied"
    assert desk.shown(request)["reasons"]


def test_an_objection_stops_what_rests_on_a_legitimate_interest_only(desk: Desk, name: str) -> None:
    token = desk.api.token(subject=name, purpose="fraud_control")
    request = desk.done(name, "objection", regime="gdpr_de", purposes=["fraud_control"])
    assert desk.outcome(request) == ("completed", [])
    risk = {"credential": desk.api.role(Role.RISK), "purpose": "fraud_control", "ref": "case:c-1", "view": "masked"}
    assert desk.api.seen(token, **risk) == ["restricted"]
    assert desk.api.seen(token) == ["13812345678"]


@pytest.mark.parametrize(("regime", "purpose"), [("pipl", "fraud_control"), ("gdpr_de", "delivery")])
def test_what_a_contract_or_a_law_asks_for_goes_on_against_an_objection(
    desk: Desk, name: str, regime: str, purpose: str
) -> None:
    token = desk.api.token(subject=name)
    request = desk.done(name, "objection", regime=regime, purposes=[purpose])
    assert desk.outcome(request) == ("partially_denied", ["not_covered"])
    assert desk.api.seen(token) == ["13812345678"]


def test_consents_are_withdrawn_as_asked_and_all_where_none_is_named(desk: Desk, name: str) -> None:
    for purpose in ("marketing_sms", "marketing_call", "recommendation"):
        desk.consent(name, purpose)
    given = desk.given(name)
    assert len(given) == 3
    named = desk.done(name, "consent_withdrawal", purposes=["marketing_sms"])
    assert desk.outcome(named) == ("completed", [])
    assert desk.given(name) == given - {"marketing_sms"}
    desk.done(name, "objection", purposes=[min(desk.given(name))])
    assert len(desk.given(name)) == len(given) - 2
    desk.done(name, "consent_withdrawal")
    assert desk.given(name) == set()


def test_next_of_kin_may_not_speak_for_the_dead_beyond_what_the_law_gives_them(desk: Desk, name: str) -> None:
    token = desk.api.token(subject=name)
    request = desk.ask(name, "restriction", requester="kin")
    desk.accept(request, "death", "kinship")
    desk.execute(request)
    assert desk.outcome(request) == ("partially_denied", ["no_authority"])
    assert desk.api.seen(token) == ["13812345678"]


def test_each_request_ends_once_in_its_history_and_in_the_log(desk: Desk, name: str) -> None:
    desk.api.token(subject=name)
    request = desk.done(name, "restriction")
    moves = [one["move"] for one in desk.shown(request)["timeline"]]
    assert moves.count("complete") == 1
    assert moves[-1] == "complete"
