"""Keys over HTTP: asking for rotations and destructions, what is refused, and what the log says of it."""

from typing import Any

import orjson
import pytest

from database.statement import Statement
from tests.api.conftest import Api, refused
from web.principal import Role, Scope


@pytest.fixture(autouse=True)
def idle(api: Api) -> None:
    """No job of another test is under way."""
    operator = api.role(Role.OPERATOR)
    listed = api.call("GET", "/v1/jobs", credential=operator).json
    assert listed is not None
    for job in listed["items"]:
        if job["state"] in {"queued", "awaiting_approval"}:
            api.call("POST", f"/v1/jobs/{job['job']}/cancel", {}, credential=operator)


def rotate(api: Api, key: str, body: dict[str, Any] | None = None, **options: Any) -> Any:
    return api.call("POST", f"/v1/keys/{key}/rotate", body or {}, **{"credential": api.role(Role.OPERATOR), **options})


def destroy(api: Api, version: str, body: dict[str, Any] | None = None) -> Any:
    return api.call("POST", f"/v1/keys/{version}/destroy", body or {}, credential=api.role(Role.OPERATOR))


def entry(api: Api, answer: Any) -> Any:
    """What the log says of a call."""
    asked = Statement("SELECT body FROM audit_entry ORDER BY id")
    found = [orjson.loads(body) for (body,) in api.moat.database.read(None, lambda tx: tx.all(asked))]
    [one] = [entry for entry in found if entry["request"] == answer.headers["X-Request-Id"]]
    return one


@pytest.mark.parametrize("key", ["root", "kek", "dek", "index", "token"])
def test_a_rotation_is_a_job_and_there_is_one_of_its_kind_at_a_time(api: Api, key: str) -> None:
    answer = rotate(api, key, {"throttle": 100})
    assert answer.status_code == 202
    assert answer.json["state"] == "queued"
    job = api.call("GET", f"/v1/jobs/{answer.json['job']}", credential=api.role(Role.OPERATOR)).json
    assert job is not None
    assert (job["kind"], job["asked_by"]["role"]) == (f"rotate_{key}", "operator")
    refused(rotate(api, key), 409, "rotation_under_way")
    assert api.call("POST", f"/v1/jobs/{job['job']}/cancel", {}, credential=api.role(Role.OPERATOR)).status_code == 200
    assert rotate(api, key).status_code == 202
    noted = entry(api, answer)
    assert (noted["action"], noted["kind"], noted["outcome"]) == ("keys.rotate", key, "done")


def test_a_rotation_that_destroys_waits_for_a_second_person(api: Api) -> None:
    answer = rotate(api, "kek", {"destroy": True})
    assert (answer.status_code, answer.json["state"]) == (202, "awaiting_approval")
    path = f"/v1/jobs/{answer.json['job']}/approve"
    assert api.call("POST", path, {}, credential=api.role(Role.OPERATOR)).status_code == 403
    approved = api.call("POST", path, {}, credential=api.credential(Role.OPERATOR)).json
    assert approved is not None
    assert approved["state"] == "queued"


def test_data_keys_are_chosen_by_person_or_age_and_other_keys_by_neither(api: Api) -> None:
    api.token(subject="cust-1001")
    assert rotate(api, "dek", {"subject": "cust-1001"}).status_code == 202
    refused(rotate(api, "dek", {"subject": "cust-nobody"}), 409, "rotation_under_way")
    refused(rotate(api, "kek", {"subject": "cust-1001"}), 422, "invalid_request")
    refused(rotate(api, "kek", {"older_than_days": 3}), 422, "invalid_request")
    refused(rotate(api, "dek", {"subject": "cust-1001", "older_than_days": 3}), 422, "invalid_request")
    refused(rotate(api, "dek", {"subject": "13812345678"}), 422, "invalid_request")
    refused(rotate(api, "lock"), 422, "invalid_request")


def test_nobody_unknown_is_rotated(api: Api) -> None:
    refused(rotate(api, "dek", {"subject": "cust-nobody"}), 404, "not_found")


def test_what_is_in_use_or_needed_or_not_there_is_not_destroyed(api: Api) -> None:
    api.token(subject="cust-1001")
    refused(destroy(api, "kek/versions/1"), 409, "key_is_active")
    refused(destroy(api, "search/versions/1", {"kind": "phone"}), 409, "key_is_active")
    refused(destroy(api, "kek/versions/7"), 404, "not_found")
    refused(destroy(api, "search/versions/1", {"kind": "no_kind"}), 404, "not_found")
    refused(destroy(api, "search/versions/1"), 422, "invalid_request")
    refused(destroy(api, "kek/versions/1", {"kind": "phone"}), 422, "invalid_request")
    refused(destroy(api, "root/versions/1"), 422, "invalid_request")
    api.moat.keyring.renew_token_keys()
    needed = destroy(api, "token/versions/1")
    refused(needed, 409, "key_in_use")
    assert "tokens were issued under it" in needed.json["detail"]


def test_a_destruction_that_may_be_waits_for_a_second_person(api: Api) -> None:
    for _ in range(2):
        api.moat.keyring.renew_token_keys()
    tokens = [one for one in status(api) if one["usage"] == "token"]
    unused = tokens[-2]["version"]
    answer = destroy(api, f"token/versions/{unused}")
    assert (answer.status_code, answer.json["state"]) == (202, "awaiting_approval")
    noted = entry(api, answer)
    assert (noted["action"], noted["kind"], noted["actor"]["role"]) == ("keys.destroy", f"token_{unused}", "operator")


def test_keys_are_rotated_by_those_whose_role_and_scope_allow_it(api: Api) -> None:
    for role in (Role.SERVICE, Role.AUDITOR, Role.PRIVACY_OFFICER):
        refused(rotate(api, "kek", credential=api.role(role)), 403, "forbidden")
    support = api.credential(Role.SUPPORT, extra=frozenset({Scope.VAULT_ADMIN}))
    for asked in ({}, {"destroy": True}):
        answer = rotate(api, "kek", asked, credential=support)
        refused(answer, 403, "denied")
        noted = entry(api, answer)
        assert (noted["action"], noted["outcome"], noted["reason"]) == ("keys.rotate", "denied", "policy")


def status(api: Api) -> Any:
    answer = api.call("GET", "/v1/keys", credential=api.credential(Role.OPERATOR)).json
    assert answer is not None
    assert answer["deks"]["count"] >= 1
    return answer["items"]


def test_the_state_of_keys_tells_ages_and_what_is_due(api: Api) -> None:
    api.clock.advance(days=31)
    kek, root = (next(one for one in status(api) if one["usage"] == usage) for usage in ("kek", "root"))
    assert (kek["state"], kek["age_days"], kek["due"]) == ("active", 31, "age")
    assert kek["wraps"] >= 1
    assert (root["scope"], root["due"], root["state"]) == ("file", "age", "active")
