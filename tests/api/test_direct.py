"""Decisions over HTTP, by the two ways that answer them: from memory, and as every call."""

from pathlib import Path
from typing import Any

import pytest

from tests.api.conftest import Api, composed
from tests.support.clock import Clock
from web.principal import Role

PURPOSE = "marketing_sms"
ASKED = {"items": [{"subject": "cust-1001", "purpose": PURPOSE, "kind": "phone"}]}


@pytest.fixture
def known(api: Api, monkeypatch: pytest.MonkeyPatch) -> Clock:
    """A person who has consented, asked about so often that the answer is in memory; the clock by which it grows old."""
    clock = Clock()
    for place in ("web.auth", "database.changes"):
        monkeypatch.setattr(f"{place}.monotonic", lambda: clock().timestamp())
    evidence = {"items": [{"subject": "cust-1001", "purpose": PURPOSE, "state": "given", "evidence": {"kind": "test"}}]}
    assert api.call("POST", "/v1/consents", evidence).status_code == 200
    for _ in range(2):
        decide(api)
    return clock


def decide(api: Api, **changed: Any) -> Any:
    return api.call("POST", "/v1/decisions", changed.pop("body", ASKED), **changed)


def test_both_ways_give_the_same_answer(api: Api, known: Clock, monkeypatch: pytest.MonkeyPatch) -> None:
    from_memory = decide(api)
    monkeypatch.setattr("web.auth.Gate.recall", lambda *_: None)
    as_every_call = decide(api)
    assert from_memory.json == as_every_call.json
    assert dict(from_memory.headers).keys() == dict(as_every_call.headers).keys()
    assert from_memory.json["items"][0]["decision"] == "allow"


def test_a_revoked_credential_ends_within_a_second(api: Api, known: Clock) -> None:
    credential = api.credential(Role.SERVICE)
    for _ in range(2):
        assert decide(api, credential=credential).status_code == 200
    listed: Any = api.call("GET", "/v1/credentials", credential=api.role(Role.ADMIN)).json
    number = max(one["id"] for one in listed["items"] if one["role"] == "service")
    assert api.call("DELETE", f"/v1/credentials/{number}", credential=api.role(Role.ADMIN)).status_code in {200, 204}
    known.advance(seconds=1)
    assert decide(api, credential=credential).status_code == 401


def test_a_caller_who_may_not_is_refused_again_and_again(api: Api, known: Clock) -> None:
    refused = [decide(api, credential=api.role(Role.AUDITOR)) for _ in range(3)]
    assert [answer.status_code for answer in refused] == [403, 403, 403]


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b'{"items": [], "items": []}', 400),
        (b'{"items": [{"subject": "cust-1001"}]}', 422),
        (b"\xff", 400),
        (b"[" * 60_000, 400),
    ],
)
def test_a_body_that_is_no_question_is_refused_as_ever(api: Api, known: Clock, body: bytes, status: int) -> None:
    assert decide(api, body=None, data=body).status_code == status


def test_a_withdrawal_counts_where_the_answer_was_in_memory(api: Api, known: Clock) -> None:
    withdrawn = {"items": [{"subject": "cust-1001", "purpose": PURPOSE, "state": "withdrawn"}]}
    assert api.call("POST", "/v1/consents", withdrawn).status_code == 200
    known.advance(seconds=1)
    assert decide(api).json["items"][0]["decision"] == "deny"


def test_the_rate_of_a_credential_holds_for_answers_from_memory(tmp_path: Path) -> None:
    with composed(tmp_path, None, call_rate=0.001, call_burst=12) as api:
        asked = [decide(api) for _ in range(20)]
    statuses = [answer.status_code for answer in asked]
    assert statuses == sorted(statuses)
    assert set(statuses) == {200, 429}
    assert "Retry-After" in asked[-1].headers
