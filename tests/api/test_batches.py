"""All or none, and calls that are repeated."""

from typing import Any

import pytest

from tests.api.conftest import Api, refused

ITEM = {"kind": "phone", "value": "13812345678"}


def _batch(subject: str, **options: Any) -> dict[str, Any]:
    return {"purpose": "delivery", "items": [{"subject": subject, **ITEM}], **options}


def test_an_atomic_batch_stores_all_or_nothing(api: Api, subject: str) -> None:
    wrong = {"subject": subject, "kind": "phone", "value": "12345"}
    batch = _batch(subject, atomic=True)
    before = api.rows()
    fields = refused(
        api.call("POST", "/v1/tokenize", {**batch, "items": [*batch["items"], wrong]}), 422, "atomic_batch_failed"
    )
    assert {field: code for field, (code, _) in fields.items()} == {"items.1": "not_a_phone"}
    assert api.rows() == before
    assert api.items("/v1/tokenize", batch)[0]["created"]


def test_a_repeated_call_is_answered_as_the_first_and_stores_nothing_more(api: Api, subject: str) -> None:
    batch = _batch(subject)
    batch["items"] = [{**batch["items"][0], "mode": "fresh"}, {"subject": subject, "kind": "phone", "value": "1"}]
    headers = {"Idempotency-Key": f"k-{subject}"}
    first = api.items("/v1/tokenize", batch, headers=headers)
    after = api.rows()
    assert api.items("/v1/tokenize", batch, headers=headers) == first
    assert api.rows() == after
    assert api.items("/v1/tokenize", batch)[0]["token"] != first[0]["token"]


def test_another_body_under_one_key_is_refused(api: Api, subject: str) -> None:
    headers = {"Idempotency-Key": f"k-{subject}"}
    api.items("/v1/tokenize", _batch(subject), headers=headers)
    before = api.rows()
    answer = api.call("POST", "/v1/tokenize", _batch(subject, ref="order:o-2"), headers=headers)
    refused(answer, 409, "idempotency_mismatch")
    assert api.rows() == before


def test_a_key_belongs_to_its_credential_and_its_route(api: Api, subject: str) -> None:
    headers = {"Idempotency-Key": f"k-{subject}"}
    (made,) = api.items("/v1/tokenize", _batch(subject), headers=headers)
    (other,) = api.items("/v1/tokenize", _batch(subject), headers=headers, credential=api.foreign)
    assert made["token"] != other["token"]
    asked = {"purpose": "delivery", "view": "plain", "items": [{"token": made["token"]}]}
    assert api.items("/v1/detokenize", asked, headers=headers)[0]["value"] == "13812345678"


def test_a_repeated_detokenize_spends_one_use(api: Api, subject: str) -> None:
    token = api.token(subject=subject, mode="fresh", max_uses=2)
    asked = {"purpose": "delivery", "view": "plain", "items": [{"token": token}]}
    headers = {"Idempotency-Key": f"k-{subject}"}
    for _ in range(4):
        assert api.items("/v1/detokenize", asked, headers=headers)[0]["value"] == "13812345678"
    assert api.seen(token, token) == ["13812345678", "not_found"]


def test_a_key_is_forgotten_after_a_day(api: Api, subject: str) -> None:
    headers = {"Idempotency-Key": f"k-{subject}"}
    batch = _batch(subject)
    batch["items"][0]["mode"] = "fresh"
    first = api.items("/v1/tokenize", batch, headers=headers)
    api.clock.advance(hours=24, seconds=1)
    assert api.items("/v1/tokenize", batch, headers=headers) != first


@pytest.mark.parametrize("key", ["", "k" * 256, "李雷", "a\tb"])
def test_a_key_that_cannot_be_one_is_refused(api: Api, subject: str, key: str) -> None:
    before = api.rows()
    headers = {"Idempotency-Key": key.encode().decode("latin-1")}
    refused(api.call("POST", "/v1/tokenize", _batch(subject), headers=headers), 422, "idempotency_key")
    assert api.rows() == before
