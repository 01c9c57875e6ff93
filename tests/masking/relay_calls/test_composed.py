"""Calls in a deployment as it is composed: over HTTP, with real people, consents and their erasure."""

from collections.abc import Iterator
from typing import Any

import pytest

from database.statement import Statement
from tests.api.conftest import Api, composed
from web.principal import Role

CUSTOMER, RIDER, CUSTOMER_PHONE = "cust-call-1", "rider-call-1", "13812340001"


@pytest.fixture(scope="module")
def api(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Api]:
    with composed(tmp_path_factory.mktemp("composed"), None) as made:
        yield made


@pytest.fixture(scope="module")
def switch(api: Api) -> Any:
    return api.credential(Role.SWITCH)


@pytest.fixture(scope="module")
def bound(api: Api) -> dict[str, Any]:
    for subject, phone in ((CUSTOMER, CUSTOMER_PHONE), (RIDER, "13812340002")):
        fields = {"purpose": "account", "fields": {"phone": phone}}
        assert api.call("PUT", f"/v1/subjects/{subject}", fields).status_code == 200
    service = api.credential(Role.SERVICE)
    made(api, service, "/v1/relay/pools", {"pool": "main", "modes": ["axb"]})
    made(api, service, "/v1/relay/numbers", {"pool": "main", "items": [{"number": "+8617000000001"}]})
    a, b = {"subject": CUSTOMER}, {"subject": RIDER}
    asked = {"mode": "axb", "pool": "main", "order": "o-1", "a": a, "b": b, "record": True}
    return made(api, service, "/v1/relay/bindings", asked)


def made(api: Api, credential: Any, path: str, body: dict[str, Any]) -> dict[str, Any]:
    answer = api.call("POST", path, body, credential=credential)
    assert answer.status_code in {200, 201}, answer.text
    read: Any = answer.json
    assert isinstance(read, dict)
    return read


def routed(api: Api, switch: Any, bound: dict[str, Any]) -> dict[str, Any]:
    return made(api, switch, "/v1/relay/route", {"called": bound["x"], "caller": CUSTOMER_PHONE})


def said(api: Api, subject: str, state: str) -> None:
    asked = {"subject": subject, "purposes": ["call_recording"], "locale": "zh-Hans", "channel": "app"}
    token = api.call("POST", "/v1/presentations", asked).json["presentation"]  # type: ignore[index]  # an object
    item = {"subject": subject, "purpose": "call_recording", "state": state, "presentation": token}
    (answer,) = api.items("/v1/consents", {"items": [item]})
    assert "error" not in answer, answer


def test_a_call_is_recorded_while_both_consent_and_the_record_says_why_it_is_not(
    api: Api, switch: Any, bound: dict[str, Any]
) -> None:
    assert routed(api, switch, bound)["record"] is False
    said(api, CUSTOMER, "given")
    assert routed(api, switch, bound)["record"] is False
    said(api, RIDER, "given")
    assert routed(api, switch, bound)["record"] is True
    said(api, CUSTOMER, "withdrawn")
    assert routed(api, switch, bound)["record"] is False
    officer = api.credential(Role.PRIVACY_OFFICER)
    found: Any = api.call("GET", "/v1/relay/calls?order=o-1", credential=officer).json
    assert sorted(one["recording"] for one in found["items"]) == ["no_consent", "no_consent", "no_consent", "on"]
    assert {(one["caller"], one["callee"]) for one in found["items"]} == {(CUSTOMER, RIDER)}


def test_an_erased_customer_is_in_no_record(api: Api, switch: Any, bound: dict[str, Any]) -> None:
    routed(api, switch, bound)
    officer = api.credential(Role.PRIVACY_OFFICER)
    shred = api.call("POST", f"/v1/subjects/{CUSTOMER}/shred", {"reason": "test"}, credential=officer)
    assert shred.status_code == 200, shred.text
    found: Any = api.call("GET", f"/v1/relay/calls?subject={RIDER}", credential=officer).json
    assert {(one["caller"], one["callee"]) for one in found["items"]} == {(None, RIDER)}
    rows = api.moat.database.read(None, lambda tx: tx.all(Statement("SELECT caller, caller_subject FROM relay_call")))
    assert set(rows) == {(None, None)}
    assert routed(api, switch, bound)["action"] == "reject"


def test_without_a_switch_that_can_be_told_the_answer_says_so(api: Api, bound: dict[str, Any]) -> None:
    hung_up = made(api, api.credential(Role.SERVICE), f"/v1/relay/bindings/{bound['binding']}/hangup", {})
    assert hung_up == {"calls": 0, "switch": "none"}
