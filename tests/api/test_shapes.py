"""The shapes of the contract, one call after another as a platform makes them."""

import re

import pytest

from tests.api.conftest import Api, refused
from web.principal import Role

TOKEN = re.compile(r"tok_[A-Za-z0-9_-]{1,44}")
TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z")


def test_tokenize_answers_a_token_for_each_item_and_says_whether_it_is_new(api: Api, subject: str) -> None:
    item = {"subject": subject, "kind": "phone", "value": "13812345678"}
    address = {
        "subject": subject,
        "kind": "address",
        "value": "武康路1号",
        "mode": "fresh",
        "expires_in": 3600,
        "max_uses": 1,
    }
    body = {"purpose": "delivery", "ref": "order:o-1", "items": [item, address, {**item, "format": "preserving"}, item]}
    first, fresh, preserving, again = api.items("/v1/tokenize", body)
    assert set(first) == {"token", "created"}
    assert TOKEN.fullmatch(first["token"])
    assert TOKEN.fullmatch(fresh["token"])
    assert re.fullmatch(r"154\d{8}", preserving["token"])
    assert [one["created"] for one in (first, fresh, preserving)] == [True, True, True]
    assert again == {"token": first["token"], "created": False}


def test_purpose_and_ref_may_stand_on_an_item(api: Api, subject: str) -> None:
    item = {"subject": subject, "kind": "phone", "value": "13812345678", "purpose": "support", "ref": "ticket:t-1"}
    (answer,) = api.items("/v1/tokenize", {"items": [item]})
    uses = api.call("GET", f"/v1/tokens/{answer['token']}").json["uses"]  # type: ignore[index]  # checked to be an object
    assert [(use["purpose"], use["ref"]) for use in uses] == [("support", "ticket:t-1")]
    (missing,) = api.items("/v1/tokenize", {"items": [{"subject": subject, "kind": "phone", "value": "13812345678"}]})
    assert missing["error"]["code"] == "purpose_missing"


def test_detokenize_is_masked_unless_plain_is_asked_for(api: Api, subject: str) -> None:
    token = api.token(" 138 1234-5678 ", subject=subject)
    asked = {"purpose": "delivery", "ref": "order:o-1", "items": [{"token": token}]}
    masked = {"kind": "phone", "subject": subject, "value": "138****5678", "view": "masked"}
    assert api.items("/v1/detokenize", asked) == [masked]
    assert api.items("/v1/detokenize", {**asked, "view": "masked"}) == [masked]
    plain = {**masked, "value": " 138 1234-5678 ", "view": "plain"}
    assert api.items("/v1/detokenize", {**asked, "view": "plain"}) == [plain]
    normal = {**plain, "value": "+8613812345678"}
    assert api.items("/v1/detokenize", {**asked, "view": "plain", "form": "normal"}) == [normal]


def test_a_refusal_says_which_authority_refused_and_stands_in_its_place(api: Api, subject: str) -> None:
    token, other = api.token(subject=subject), api.token("武康路1号", "address", subject)
    body = {
        "purpose": "delivery",
        "view": "plain",
        "items": [{"token": token}, {"token": "tok_made_up"}, {"token": other}],
    }
    denied, unknown, _ = api.items("/v1/detokenize", body, credential=api.role(Role.COURIER))
    assert denied == {"error": {"code": "denied", "reason": "policy"}}
    assert unknown["error"]["code"] == "not_found"


@pytest.mark.parametrize("purpose", ["relay_call", "marketing_sms"])
def test_a_kind_that_the_purpose_does_not_list_is_not_necessary(api: Api, subject: str, purpose: str) -> None:
    item = {"subject": subject, "kind": "id_card", "value": "11010519491231002X"}
    (answer,) = api.items("/v1/tokenize", {"purpose": purpose, "items": [item]})
    assert answer["error"]["code"] == "not_necessary"


def test_a_token_is_used_up_and_expires_and_then_is_like_any_unknown_one(api: Api, subject: str) -> None:
    limited = api.token(subject=subject, mode="fresh", max_uses=1)
    short = api.token(subject=subject, mode="fresh", expires_in=60)
    assert api.seen(limited, view="masked") == ["138****5678"]
    assert api.seen(limited) == ["13812345678"]
    api.clock.advance(seconds=61)
    unknown = {"purpose": "delivery", "view": "plain", "items": [{"token": t} for t in ("tok_made_up", limited, short)]}
    answers = api.items("/v1/detokenize", unknown)
    assert answers[0]["error"]["code"] == "not_found"
    assert answers[0] == answers[1] == answers[2]


def test_what_belongs_to_another_tenant_is_not_found(api: Api, subject: str) -> None:
    token = api.token(subject=subject)
    assert api.seen(token, credential=api.foreign) == ["not_found"]
    refused(api.call("GET", f"/v1/tokens/{token}", credential=api.foreign), 404, "not_found")
    refused(api.call("DELETE", f"/v1/tokens/{token}", credential=api.foreign), 404, "not_found")
    refused(api.call("GET", f"/v1/subjects/{subject}", credential=api.foreign), 404, "not_found")
    (found,) = api.items("/v1/search", _probe("13812345678"), credential=api.foreign)
    assert found == {"matches": [], "truncated": False}
    assert api.seen(token) == ["13812345678"]


def test_search_finds_any_writing_exactly(api: Api, subject: str) -> None:
    token = api.token("13900001234", subject=subject)
    found, none = api.items("/v1/search", _probe("+86 139-0000-1234", "13900001235"))
    assert {"token": token, "subject": subject} in found["matches"]
    assert found["truncated"] is False
    assert none == {"matches": [], "truncated": False}


def test_search_says_when_there_is_more(api: Api, subject: str) -> None:
    for number in range(3):
        api.token("13900005678", subject=f"{subject[:50]}-{number}")
    (found,) = api.items("/v1/search", {**_probe("13900005678"), "limit": 2})
    assert (len(found["matches"]), found["truncated"]) == (2, True)


def test_a_profile_merges_revokes_and_supersedes(api: Api, subject: str) -> None:
    path = f"/v1/subjects/{subject}"
    fields = {"phone": "13812345678", "name": "李雷", "address.work": "武康路1号"}
    made = api.call("PUT", path, {"type": "customer", "purpose": "account", "fields": fields}).json
    assert made is not None
    assert (made["subject"], set(made["tokens"])) == (subject, set(fields))
    changed = api.call("PUT", path, {"purpose": "account", "fields": {"phone": "13912345678", "name": None}}).json
    assert changed is not None
    assert changed["tokens"]["phone"] != made["tokens"]["phone"]
    profile = api.call("GET", path).json
    assert profile is not None
    assert {name: profile[name] for name in ("subject", "type", "state")} == {
        "subject": subject, "type": "customer", "state": "active",
    }  # fmt: skip
    assert set(profile["fields"]) == {"phone", "address.work"}
    phone = profile["fields"]["phone"]
    assert (phone["token"], phone["masked"]) == (changed["tokens"]["phone"], "139****5678")
    assert TIME.fullmatch(phone["updated_at"])
    assert api.seen(made["tokens"]["phone"], purpose="account") == ["not_found"]


def test_a_frozen_person_is_hidden_until_unfrozen_and_an_erased_one_for_good(api: Api, subject: str) -> None:
    token, officer = api.token(subject=subject), api.role(Role.PRIVACY_OFFICER)
    path = f"/v1/subjects/{subject}"
    assert api.call("POST", f"{path}/freeze", credential=officer).json == {"subject": subject, "state": "frozen"}
    assert api.seen(token) == ["frozen"]
    assert api.call("POST", f"{path}/unfreeze", credential=officer).json == {"subject": subject, "state": "active"}
    assert api.seen(token) == ["13812345678"]
    shredded = api.call("POST", f"{path}/shred", {"reason": "erasure_request"}, credential=officer).json
    assert shredded is not None
    assert (shredded["subject"], shredded["state"]) == (subject, "erased")
    assert api.seen(token) == ["not_found"]
    item = {"subject": subject, "kind": "phone", "value": "13812345678"}
    (again,) = api.items("/v1/tokenize", {"purpose": "delivery", "items": [item]})
    assert again["error"]["code"] == "subject_erased"
    body = {"purpose": "account", "fields": {"phone": "13812345678"}}
    refused(api.call("PUT", path, body), 409, "subject_erased")


def test_a_token_tells_what_it_stands_for_and_is_revoked(api: Api, subject: str) -> None:
    token = api.token(subject=subject, mode="fresh", expires_in=3600, max_uses=3)
    told = api.call("GET", f"/v1/tokens/{token}").json
    assert told is not None
    assert set(told) == {"token", "kind", "subject", "created_at", "expires_at", "uses_left", "uses", "found"}
    assert (told["token"], told["kind"], told["subject"], told["uses_left"]) == (token, "phone", subject, 3)
    assert TIME.fullmatch(told["created_at"])
    assert TIME.fullmatch(told["expires_at"])
    assert set(told["uses"][0]) == {"purpose", "ref", "since"}
    assert api.call("DELETE", f"/v1/tokens/{token}").status_code == 204
    refused(api.call("DELETE", f"/v1/tokens/{token}"), 404, "not_found")
    assert api.seen(token) == ["not_found"]


def test_a_courier_sees_by_the_stage_of_the_order_in_hand(api: Api, subject: str) -> None:
    door, phone = api.token("武康路1号", "address", subject), api.token(subject=subject)
    rider = {"role": "courier", "subject": "rider-0282"}

    def stage(name: str, courier: str = "rider-0282") -> None:
        body = {"courier": courier, "stage": name}
        answer = api.call("PUT", "/v1/orders/o-1/assignment", body).json or {}
        assert answer | {"order": "o-1", "applied": True, **body} == answer

    assert api.seen(door, on_behalf_of={**rider, "subject": "rider-none"}) == ["not_assigned"]
    stage("assigned")
    assert api.seen(door, on_behalf_of=rider) == ["stage"]
    stage("picked_up")
    assert api.seen(door, phone, on_behalf_of=rider) == ["武康路1号", "policy"]
    stage("delivered")
    assert api.seen(door, on_behalf_of=rider) != ["武康路1号"]
    stage("picked_up", "rider-0999")
    assert api.seen(door, on_behalf_of=rider) == ["not_assigned"]


def test_acting_for_a_courier_needs_its_scope(api: Api, subject: str) -> None:
    acting = {"purpose": "delivery", "on_behalf_of": {"role": "courier", "subject": "rider-1"}, "items": []}
    refused(api.call("POST", "/v1/detokenize", acting, credential=api.role(Role.SUPPORT)), 403, "forbidden")


def test_keys_are_listed_without_the_keys(api: Api) -> None:
    listed = api.call("GET", "/v1/keys", credential=api.role(Role.OPERATOR)).json
    assert listed is not None
    assert listed["items"]
    assert set(listed["items"][0]) == {
        *("usage", "scope", "version", "state", "created_at", "age_days", "destroyed_at"),
        *("wraps", "seals", "due", "due_at"),
    }
    assert set(listed) == {"items", "deks", "erasures"}


def test_an_explanation_names_what_was_asked_and_what_would_have_been_allowed(api: Api, subject: str) -> None:
    token = api.token(subject=subject)
    asked = {"purpose": "support", "view": "plain", "items": [{"token": token}]}
    denied = api.call("POST", "/v1/detokenize", asked, credential=api.role(Role.SUPPORT))
    path = f"/v1/explanations/{denied.headers['X-Request-Id']}"
    explained = api.call("GET", path).json
    assert explained is not None
    (one,) = explained["items"]
    assert (one["role"], one["purpose"], one["kind"], one["view"]) == ("support", "support", "phone", "plain")
    assert one["would_be_allowed"]
    refused(api.call("GET", path, credential=api.foreign), 404, "not_found")


def _probe(*values: str) -> dict[str, object]:
    return {"purpose": "delivery", "items": [{"kind": "phone", "value": value} for value in values]}
