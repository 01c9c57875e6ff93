"""Values that are sealed for a courier's device: only it opens them, and only for what it asked."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from nacl.public import PrivateKey, SealedBox

from database.statement import Statement
from tests.api.conftest import Api, refused
from tests.devices.conftest import Order, offered
from vault.base64url import octets_of, text_of
from vault.devices.public_key import PublicKey, WeakKeyError
from vault.devices.sealing import BLOCK, sealing_for
from vault.wiping import wipe
from web.principal import Role

ADDRESS = "上海市浦东新区金桥路1742弄9号603室"
LOW_ORDER = (
    bytes(32),
    b"\x01" + bytes(31),
    bytes.fromhex("e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800"),
    bytes.fromhex("5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f1157"),
    (2**255 - 20).to_bytes(32, "little"),
    (2**255 - 19).to_bytes(32, "little"),
    (2**255 - 18).to_bytes(32, "little"),
    b"\xff" * 32,
)


def sealed(order: Order, key: str, **asked: Any) -> dict[str, Any]:
    token = order.api.token(ADDRESS, "address", subject=order.customer)
    body = {
        "purpose": "delivery",
        "ref": f"order:{order.id}",
        "view": "plain",
        "on_behalf_of": {"role": "courier", "subject": order.courier},
        "seal_to": key,
        "items": [{"token": token}],
    }
    (item,) = order.api.items("/v1/detokenize", {**body, **asked})
    found: dict[str, Any] = item
    return found


def expected(order: Order, **other: Any) -> dict[str, Any]:
    asked = {"tenant": order.api.tenant, "ref": f"order:{order.id}", "kind": "address"}
    return {**asked, "now": order.now, "maxAgeMs": 60_000, **other}


def test_a_value_is_opened_by_the_device_it_was_sealed_for_and_stands_in_no_answer(order: Order) -> None:
    _, key = order.device("courier")
    order.stage("picked_up")
    item = sealed(order, key)
    assert "value" not in item
    assert ADDRESS not in repr(item)
    name = f"{order.id}-courier"
    opened = order.devices.act("open", name=name, box=item["sealed"], context=item["context"], expected=expected(order))
    assert (opened["value"], opened["view"]) == (ADDRESS, "plain")
    for other in ({"ref": "order:o-2"}, {"kind": "name"}, {"tenant": 99}, {"now": order.now + 61_000}):
        asked = {"name": name, "box": item["sealed"], "context": item["context"], "expected": expected(order, **other)}
        assert "refused" in order.devices.act("open", **asked)
    again = sealed(order, key, view="masked")
    asked = {"name": name, "box": item["sealed"], "context": again["context"], "expected": expected(order)}
    assert order.devices.act("open", **asked) == {"refused": "mixed up with another box"}
    _, _ = order.device("merchant")
    asked = {"name": f"{order.id}-merchant", "box": item["sealed"], "context": "", "expected": expected(order)}
    assert order.devices.act("open", **asked) == {"refused": "not sealed for this device"}


def test_nothing_is_sealed_for_a_key_that_is_not_a_live_one_of_the_courier_who_is_acted_for(order: Order) -> None:
    device, key = order.device("courier")
    _, of_customer = order.device("customer")
    order.stage("picked_up")
    stranger = text_of(PrivateKey.generate().public_key.encode())
    for other in ({"seal_to": of_customer}, {"seal_to": stranger}):
        assert sealed(order, key, **other)["error"]["reason"] == "unknown_device"
    nobody = sealed(order, key, on_behalf_of=None)
    assert nobody["error"]["reason"] == "unknown_device"
    assert order.api.call("DELETE", f"/v1/subjects/{order.courier}/devices/{device}").status_code == 204
    assert sealed(order, key)["error"]["reason"] == "unknown_device"
    fields = refused(order.api.call("POST", "/v1/detokenize", _asking(key[:-1] + "B")), 422, "invalid_request")
    assert fields["seal_to"][0] == "base64url"


def test_the_decision_comes_before_the_device(order: Order) -> None:
    _, key = order.device("courier")
    assert sealed(order, key)["error"]["reason"] != "unknown_device"  # Full addresses only from pick-up on.
    order.stage("picked_up")
    assert "sealed" in sealed(order, key)
    order.stage("delivered")
    order.api.clock.advance(hours=2)
    assert "error" in sealed(order, key)


def test_what_is_shown_in_the_place_of_a_value_is_sealed_in_its_place_too(order: Order) -> None:
    _, key = order.device("courier")
    asked = {"name": f"{order.id}-courier", "expected": expected(order)}
    item = sealed(order, key, view="building")
    if "error" not in item:
        opened = order.devices.act("open", box=item["sealed"], context=item["context"], **asked)
        assert "603" not in opened["value"]
    masked = sealed(order, key, view="masked")
    opened = order.devices.act("open", box=masked["sealed"], context=masked["context"], **asked)
    assert "603" not in opened["value"]


def test_an_alias_is_sealed_for_an_anonymous_customer(order: Order) -> None:
    _, key = order.device("courier")
    order.stage("picked_up", anonymous=True)
    name = order.api.token("欧阳蛟麒", "name", subject=order.customer)
    for view in ("masked", "plain"):
        item = sealed(order, key, view=view, items=[{"token": name}])
        if "error" not in item:
            asked = {"box": item["sealed"], "context": item["context"], "expected": expected(order, kind="name")}
            opened = order.devices.act("open", name=f"{order.id}-courier", **asked)
            assert opened["value"].startswith("顾客")
            assert item["subject"] is None


def test_a_device_is_renewed_listed_and_forgotten_with_the_person(order: Order) -> None:
    first, key = order.device("courier")
    devices = f"/v1/subjects/{order.courier}/devices"
    offer = _offer(order)
    renewed = offer["public_key"]
    answer = order.api.call("POST", devices, {**offer, "replaces": first})
    assert answer.status_code == 201
    listed: Any = order.api.call("GET", devices).json
    assert [(one["public_key"], one["state"]) for one in listed["items"]] == [(key, "revoked"), (renewed, "live")]
    refused(order.api.call("POST", devices, offer), 409, "device_key_taken")
    refused(order.api.call("POST", devices, {**_offer(order), "replaces": first}), 404, "not_found")
    for _ in range(4):
        assert order.api.call("POST", devices, _offer(order)).status_code == 201
    refused(order.api.call("POST", devices, _offer(order)), 409, "too_many_devices")
    officer = order.api.role(Role.PRIVACY_OFFICER)
    shred = order.api.call("POST", f"/v1/subjects/{order.courier}/shred", {"reason": "test"}, credential=officer)
    assert shred.status_code == 200, shred.text
    statement = Statement("SELECT count(*) FROM device_key WHERE public_key = :key")
    rows = order.api.moat.database.read(None, lambda tx: tx.one(statement, key=octets_of(renewed)))
    assert rows == (0,)


def test_a_repeated_registration_makes_one_device(api: Api, subject: str) -> None:
    body, headers = offered(api, subject, PrivateKey.generate()), {"Idempotency-Key": "once"}
    path = f"/v1/subjects/{subject}/devices"
    answers = [api.call("POST", path, body, headers=headers).json for _ in range(2)]
    assert answers[0] == answers[1]


@pytest.mark.parametrize("place", range(len(LOW_ORDER)))
def test_weak_points_are_refused(place: int) -> None:
    with pytest.raises(WeakKeyError):
        PublicKey(LOW_ORDER[place])


def test_weak_keys_are_refused_over_http(api: Api, subject: str) -> None:
    path = f"/v1/subjects/{subject}/devices"
    offer = {**offered(api, subject, PrivateKey.generate()), "public_key": text_of(LOW_ORDER[1])}
    for at, asked in ((path, offer), (f"{path}/challenges", {"public_key": offer["public_key"]})):
        refused(api.call("POST", at, asked), 422, "weak_device_key")
        refused(api.call("POST", at, asked, credential=api.role(Role.PRIVACY_OFFICER)), 403, "forbidden")


@given(octets=st.binary(max_size=40))
def test_any_octets_are_a_key_or_refused(octets: bytes) -> None:
    try:
        key = PublicKey(octets)
    except WeakKeyError:
        return
    assert key.octets == octets
    assert PublicKey.of(text_of(octets)).octets == octets


@given(value=st.text(max_size=200), kind=st.sampled_from(["name", "address"]), ref=st.sampled_from(["", "order:o-1"]))
def test_a_box_hides_its_length_and_opens_to_the_value_after_its_header(value: str, kind: str, ref: str) -> None:
    secret = PrivateKey.generate()
    made = sealing_for(PublicKey(secret.public_key.encode()), tenant=7, at=1_700_000_000_000)(
        kind, ref, "plain", value.encode()
    )
    plain = SealedBox(secret).decrypt(octets_of(made.box))
    assert len(plain) % BLOCK == 0
    head = 1 + 8 + 8 + 1 + 1 + len(kind) + 1 + len(ref) + 16
    assert plain[head:].rstrip(b"\x00")[:-1] == value.encode()


def test_what_is_wiped_is_gone_where_it_lay() -> None:
    octets = bytes(range(1, 40))
    wipe(octets)
    assert octets == bytes(39)


def _asking(key: str) -> dict[str, Any]:
    return {"purpose": "delivery", "seal_to": key, "items": []}


def _offer(order: Order) -> dict[str, Any]:
    return offered(order.api, order.courier, PrivateKey.generate())
