"""A key is registered once its device has shown that it has the secret half, to this person, in time and once."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from nacl.public import PrivateKey

from tests.api.conftest import Api, refused
from tests.devices.conftest import Order, challenged, offered
from tests.support.device import answer_of
from vault.base64url import text_of
from vault.devices.proving import LIFE_MS, Proof, is_proven, question
from vault.devices.public_key import PublicKey
from vault.keys import MacKey

REFS = MacKey(bytes(range(32)))
SECRET = PrivateKey(bytes(range(1, 33)))
KEY = PublicKey(SECRET.public_key.encode())
AT = 1_700_000_000_000
PLACE: dict[str, Any] = {"tenant": 7, "subject": "rider-1", "offered": KEY}


def _proof() -> Proof:
    asked = question(REFS, **PLACE, at=AT)
    return Proof(asked.challenge, answer_of(SECRET, asked.sealed))


def test_the_holder_of_the_secret_half_answers_until_the_time_is_over() -> None:
    proof = _proof()
    assert [is_proven(REFS, proof, **PLACE, at=AT + after) for after in (0, LIFE_MS - 1, LIFE_MS, -1)] == [
        True,
        True,
        False,
        False,
    ]


OTHER = PublicKey(PrivateKey(bytes(range(2, 34))).public_key.encode())


@pytest.mark.parametrize(
    "other", [{"tenant": 8}, {"subject": "rider-2"}, {"offered": OTHER}], ids=lambda one: next(iter(one))
)
def test_an_answer_is_to_one_question_of_one_person_and_key(other: dict[str, Any]) -> None:
    proof = _proof()
    assert not is_proven(REFS, proof, **(PLACE | other), at=AT)
    assert not is_proven(REFS, Proof(_proof().challenge, proof.answer), **PLACE, at=AT)
    assert not is_proven(MacKey(bytes(32)), proof, **PLACE, at=AT)


@given(challenge=st.binary(max_size=40), answer=st.binary(max_size=40))
def test_whatever_else_is_said_proves_nothing(challenge: bytes, answer: bytes) -> None:
    assert not is_proven(REFS, Proof(text_of(challenge), text_of(answer)), **PLACE, at=AT)


def test_a_device_answers_for_its_own_person_and_key_and_opens_nothing_for_others(order: Order) -> None:
    key = order.devices.act("keys", name="own")["public_key"]
    asked = challenged(order.api, order.courier, key)
    assert order.answer("own", asked["sealed"], order.customer) == {"refused": "asked for somebody else"}
    late = order.devices.act(
        "answer", name="own", sealed=asked["sealed"], subject=order.courier, now=order.now + LIFE_MS
    )
    assert late == {"refused": "too old"}
    order.devices.act("keys", name="other")
    assert order.answer("other", asked["sealed"], order.courier) == {"refused": "not sealed for this device"}
    _, registered = order.device("courier", name="sealed-for")
    order.stage("picked_up")
    token = order.api.token("金桥路1号603室", "address", subject=order.customer)
    acting = {"role": "courier", "subject": order.courier}
    asking = {"purpose": "delivery", "ref": f"order:{order.id}", "view": "plain", "on_behalf_of": acting}
    (item,) = order.api.items("/v1/detokenize", {**asking, "seal_to": registered, "items": [{"token": token}]})
    answer = order.answer("sealed-for", item["sealed"], order.courier)
    assert answer == {"refused": "not a question about a key"}


def test_a_key_is_registered_with_its_own_answer_only_and_a_refusal_changes_nothing(order: Order) -> None:
    path = f"/v1/subjects/{order.courier}/devices"
    first, _ = order.device("courier")
    secret = PrivateKey.generate()
    offer = offered(order.api, order.courier, secret)
    wrong = offered(order.api, order.courier, secret)["answer"]
    for changed in ({"answer": wrong}, {"challenge": "A" * 34}, {"answer": "A" * 43}):
        body = {**offer, **changed, "replaces": first}
        refused(order.api.call("POST", path, body), 422, "device_unproven")
    of_customer = offered(order.api, order.customer, secret)
    refused(order.api.call("POST", path, of_customer), 422, "device_unproven")
    listed: Any = order.api.call("GET", path).json
    assert [one["state"] for one in listed["items"]] == ["live"]
    assert order.api.call("POST", path, {**offer, "replaces": first}).status_code == 201


def test_an_answer_that_comes_late_is_worth_nothing(api: Api, subject: str) -> None:
    offer = offered(api, subject, PrivateKey.generate())
    api.clock.advance(minutes=10)
    refused(api.call("POST", f"/v1/subjects/{subject}/devices", offer), 422, "device_unproven")
