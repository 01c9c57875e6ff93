"""Wrong bodies of every sort end as problems that do not repeat them."""

import json
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.web.house import House, bearer
from web.principal import Role

CANARY = "13812345678"


def post(house: House, body: bytes, content_type: str | None = "application/json") -> Any:
    credential = house.credential()
    return house.client.post("/v1/parcels", data=body, content_type=content_type, headers=bearer(credential))


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b'{"items": []} trailing',
        b"\xef\xbb\xbf{}",
        b'{"items": [], "items": []}',
        b'{"items": [{"weight": 1, "weight": 2}]}',
        b'{"items": [], "ratio": NaN}',
        b'{"items": [], "ratio": -Infinity}',
        b'{"items": [{"weight": 1, "note": "\\ud83d"}]}',
        b'{"items": [{"weight": 1, "note": "\xff"}]}',
        b'{"items": [{"weight": 1, "note": "\x01"}]}',
        b'{"items": ' + b"[" * 250 + b"]" * 250 + b"}",
        b"[" * 50_000,
        b'{"items": [{"weight": ' + b"9" * 5_000 + b"}]}",
        b"{'items': []}",
    ],
)
def test_a_body_that_is_not_clean_json_is_malformed(house: House, body: bytes) -> None:
    answer = post(house, body)
    assert (answer.status_code, answer.json["code"]) == (400, "malformed_json")


@pytest.mark.parametrize(
    "content_type", [None, "text/plain", "application/x-www-form-urlencoded", "multipart/form-data"]
)
def test_a_body_that_is_not_declared_as_json_is_refused(house: House, content_type: str | None) -> None:
    answer = post(house, b'{"items": []}', content_type)
    assert (answer.status_code, answer.json["code"]) == (415, "unsupported_media_type")


@pytest.mark.parametrize(
    ("body", "fields"),
    [
        (b"{}", {"items": "missing"}),
        (b"[]", {"body": "model_type"}),
        (b"null", {"body": "model_type"}),
        (b'{"items": [{"weight": 1}, {"weight": 0}]}', {"items.1.weight": "greater_than_equal"}),
        (b'{"items": [{"weight": "x"}]}', {"items.0.weight": "int_parsing"}),
        (b'{"items": [], "ratio": 1e400}', {"ratio": "finite_number"}),
        (b'{"items": [], "13812345678": 1}', {"*": "extra_forbidden"}),
        (b'{"items": [], "labels": {"13812345678": "x"}}', {"labels.*": "int_parsing"}),
        (b'{"items": [{"weight": 1, "note": "13812345678"}]}', {"items.0.note": "value_error"}),
    ],
)
def test_a_body_that_does_not_fit_names_its_fields_and_no_value(
    house: House, body: bytes, fields: dict[str, str]
) -> None:
    answer = post(house, body)
    assert answer.status_code == 422
    assert answer.content_type == "application/problem+json"
    assert {error["field"]: error["code"] for error in answer.json["errors"]} == fields
    assert CANARY not in answer.text


def test_a_batch_that_is_wrong_throughout_names_a_hundred_fields(house: House) -> None:
    answer = post(house, b'{"items": [' + b",".join([b'{"weight": 0}'] * 150) + b"]}")
    assert len(answer.json["errors"]) == 100
    assert answer.json["detail"].startswith("150 fields")


def test_a_body_beyond_the_limit_is_too_large(house: House) -> None:
    answer = post(house, b'{"items": [' + b" " * 100_000 + b"]}")
    assert (answer.status_code, answer.json["code"]) == (413, "too_large")


def test_a_view_may_set_its_own_limit(house: House) -> None:
    credential = bearer(house.credential())
    assert house.client.post("/v1/parcels/stream", data=b"x" * 4_000, headers=credential).json == {"length": 4_000}
    assert house.client.post("/v1/parcels/stream", data=b"x" * 4_001, headers=credential).status_code == 413


def test_a_wrong_query_and_a_wrong_path_are_named(house: House) -> None:
    admin = bearer(house.credential(Role.ADMIN))
    answer = house.client.get(f"/v1/credentials?limit={CANARY}&who={CANARY}", headers=admin)
    assert answer.status_code == 422
    assert {error["field"] for error in answer.json["errors"]} == {"limit", "*"}
    assert CANARY not in answer.text
    answer = house.client.delete(f"/v1/credentials/x{CANARY}", headers=admin)
    assert [error["field"] for error in answer.json["errors"]] == ["id"]
    assert CANARY not in answer.text


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: (
        st.lists(inner) | st.dictionaries(st.text() | st.sampled_from(["items", "weight", "note", "labels"]), inner)
    ),
)


@given(value=JSON)
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=100, deadline=None)
def test_no_json_makes_the_service_fail(house: House, value: Any) -> None:
    assert post(house, json.dumps(value).encode()).status_code in {200, 400, 422}


@given(body=st.binary(max_size=200))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=100, deadline=None)
def test_no_bytes_make_the_service_fail(house: House, body: bytes) -> None:
    assert post(house, body).status_code in {200, 400, 422}
