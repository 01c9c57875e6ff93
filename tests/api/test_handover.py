"""The handover, freezes and honey tokens over HTTP: who may call what, in which shapes, with which garbage."""

from typing import Any

import pytest

from tests.api.conftest import Api, refused
from web.principal import Role

ORDER = "/v1/orders/o-77/assignment"
ADDRESS = "浙江省杭州市西湖区云帆路12号朗庭花园3幢2单元501室"


def as_role(api: Api, role: Role, method: str, path: str, body: object = None) -> Any:
    answer = api.call(method, path, body, credential=api.role(role))
    assert answer.status_code == 200, answer.text
    return answer.json


def test_an_assignment_answers_what_stands(api: Api, subject: str) -> None:
    said = {"courier": "rider-77", "stage": "assigned", "version": 7, "customer": subject, "anonymous": True}
    first = api.call("PUT", ORDER, said).json
    assert first is not None
    assert set(first) == {"order", "courier", "stage", "version", "applied", "alias", "pickup_code", "relay"}
    assert (first["relay"], first["applied"], first["version"]) == ({"available": False, "x": None}, True, 7)
    assert api.call("PUT", ORDER, said).json == first
    late = api.call("PUT", ORDER, {"courier": "rider-78", "stage": "cancelled", "version": 6}).json
    assert late is not None
    assert (late["applied"], late["courier"], late["stage"]) == (False, "rider-77", "assigned")
    asked = {"order": "o-77", "code": first["pickup_code"]}
    taken = as_role(api, Role.MERCHANT, "POST", "/v1/orders/o-77/pickup", {"code": asked["code"]})
    assert taken == {"order": "o-77", "stage": "picked_up", "alias": first["alias"]}


def test_the_building_view_names_what_it_shows(api: Api, subject: str) -> None:
    token, phone = api.token(ADDRESS, "address", subject), api.token(subject=subject)
    api.call("PUT", "/v1/orders/o-1/assignment", {"courier": "rider-79", "stage": "assigned"})
    asked = {
        "purpose": "delivery",
        "ref": "order:o-1",
        "view": "building",
        "items": [{"token": token}, {"token": phone}],
    }
    acting = {"on_behalf_of": {"role": "courier", "subject": "rider-79"}}
    answers = api.items("/v1/detokenize", {**asked, **acting})
    assert [(one["view"], one["value"]) for one in answers] == [
        ("building", "浙江省杭州市西湖区云帆路12号朗庭花园3幢***"),
        ("masked", "138****5678"),
    ]


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({}, "missing"),
        ({"courier": "rider-1", "stage": "eaten"}, "enum"),
        ({"courier": "13812345678", "stage": "assigned"}, "subject_is_personal"),
        ({"courier": "rider-1", "stage": "assigned", "customer": "13812345678"}, "subject_is_personal"),
        ({"courier": "rider-1", "stage": "assigned", "version": 0}, "greater_than_equal"),
        ({"courier": "rider-1", "stage": "assigned", "version": "1"}, "int_type"),
        ({"courier": "rider-1", "stage": "assigned", "version": 2**53}, "less_than_equal"),
        ({"courier": "rider-1", "stage": "assigned", "more": 1}, "extra_forbidden"),
    ],
)
def test_garbage_is_no_assignment(api: Api, body: object, code: str) -> None:
    answer = api.call("PUT", ORDER, body)
    refused(answer, 422, "invalid_request")
    assert answer.json is not None
    assert code in {error["code"] for error in answer.json["errors"]}


def test_a_wrong_code_and_garbage_for_one_are_refused(api: Api) -> None:
    said = {"courier": "rider-80", "stage": "assigned", "customer": "cust-80", "anonymous": True}
    code = (api.call("PUT", "/v1/orders/o-80/assignment", said).json or {})["pickup_code"]
    wrong = f"{(int(code) + 1) % 10_000:04d}"
    refused(api.call("POST", "/v1/orders/o-80/pickup", {"code": wrong}), 403, "pickup_refused")
    for garbage in ("123", "12345", "abcd", "١٢٣٤"):
        refused(api.call("POST", "/v1/orders/o-80/pickup", {"code": garbage}), 422, "invalid_request")
    refused(api.call("POST", "/v1/orders/o-81/pickup", {"code": code}), 404, "not_found")


def test_choices_and_tables_have_their_roles(api: Api, subject: str) -> None:
    path = f"/v1/subjects/{subject}/preferences"
    assert api.call("PUT", path, {"anonymous_orders": True}).json == {"subject": subject, "anonymous_orders": True}
    assert api.call("PUT", path, {}).json == api.call("GET", path).json
    refused(api.call("PUT", path, {"anonymous_orders": True}, credential=api.role(Role.SUPPORT)), 403, "denied")
    before = as_role(api, Role.PRIVACY_OFFICER, "GET", "/v1/handover/table")
    assert set(before) == {"version", "source", "applied_at"}
    refused(api.call("PUT", "/v1/handover/table", {"source": before["source"]}), 403, "forbidden")
    phone = {"source": "stages: {assigned: {courier: {phone: full}}}"}
    refused(
        api.call("PUT", "/v1/handover/table", phone, credential=api.role(Role.PRIVACY_OFFICER)), 422, "handover_table"
    )
    again = {"source": before["source"]}
    applied = as_role(api, Role.PRIVACY_OFFICER, "PUT", "/v1/handover/table", again)
    assert applied["version"] == before["version"]


def test_a_frozen_credential_is_let_in_nowhere_until_another_person_lifts_it(api: Api) -> None:
    api.role(Role.ADMIN)
    text = api.credential(Role.SUPPORT)
    listed = as_role(api, Role.ADMIN, "GET", "/v1/credentials?limit=200")["items"]
    number = max(one["id"] for one in listed)
    told = {"kind": "credential", "credential": number, "reason": "leaked_credential"}
    frozen = as_role(api, Role.RISK, "POST", "/v1/freezes", told)
    assert set(frozen) == {"freeze", "kind", "subject", "credential", "reason", "by", "since", "lifted_at"}
    refused(
        api.call("POST", "/v1/search", {"purpose": "support", "items": []}, credential=text), 401, "unauthenticated"
    )
    one = f"/v1/freezes/{frozen['freeze']}"
    refused(api.call("DELETE", one, credential=api.role(Role.RISK)), 409, "frozen_by_you")
    as_role(api, Role.PRIVACY_OFFICER, "DELETE", one)
    refused(api.call("DELETE", one, credential=api.role(Role.PRIVACY_OFFICER)), 404, "not_found")
    assert api.call("POST", "/v1/search", {"purpose": "support", "items": []}, credential=text).status_code == 200


@pytest.mark.parametrize(
    "body",
    [
        {"kind": "subject", "reason": "complaint"},
        {"kind": "credential", "subject": "cust-1", "reason": "complaint"},
        {"kind": "courier", "subject": "cust-1", "credential": 1, "reason": "complaint"},
        {"kind": "courier", "subject": "13812345678", "reason": "complaint"},
        {"kind": "courier", "subject": "rider-1", "reason": "honey_token"},
        {"kind": "planet", "subject": "rider-1", "reason": "complaint"},
    ],
)
def test_garbage_freezes_nobody(api: Api, body: object) -> None:
    refused(api.call("POST", "/v1/freezes", body, credential=api.role(Role.RISK)), 422, "invalid_request")


def test_a_honey_token_is_made_once_for_each_key_and_tells_when_it_is_presented(api: Api) -> None:
    told, headers = {"kind": "address", "place": "old_export"}, {"Idempotency-Key": "honey-1"}
    risk = api.role(Role.RISK)
    first, again = (api.call("POST", "/v1/honey-tokens", told, credential=risk, headers=headers).json for _ in range(2))
    assert first is not None
    assert first == again
    other = api.call("POST", "/v1/honey-tokens", {**told, "place": "x"}, credential=risk, headers=headers)
    refused(other, 409, "idempotency_mismatch")
    assert api.seen(first["token"]) == ["not_found"]
    refused(api.call("GET", f"/v1/tokens/{first['token']}"), 404, "not_found")
    (listed,) = as_role(api, Role.RISK, "GET", "/v1/honey-tokens")["items"]
    assert (listed["place"], listed["kind"], listed["trips"]) == ("old_export", "address", 2)
    refused(api.call("POST", "/v1/honey-tokens", {**told, "kind": "blood"}, credential=risk), 422, "invalid_request")
    refused(api.call("GET", "/v1/honey-tokens"), 403, "forbidden")
