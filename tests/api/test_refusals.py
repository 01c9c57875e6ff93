"""Wrong input of every sort is a 4xx problem that names the field, repeats nothing and stores nothing."""

import gzip
import json
from typing import Any

import pytest

from tests.api.conftest import Api, refused
from web.principal import Role

PHONE = "13812345678"
ITEM = {"subject": "cust-1", "kind": "phone", "value": PHONE}
BATCH = {"purpose": "delivery", "items": [ITEM]}
DEEP = 50_000

MALFORMED = {
    "nothing": b"",
    "cut off": b'{"purpose": "delivery", "items": [',
    "two values": b"{} {}",
    "trailing comma": b'{"purpose": "delivery", "items": [],}',
    "a name twice": b'{"purpose": "delivery", "purpose": "account", "items": []}',
    "a name twice, deep inside": b'{"purpose":"delivery","items":[{"subject":"cust-1","kind":"phone","value":"1","value":"2"}]}',
    "NaN": b'{"purpose": "delivery", "atomic": NaN, "items": []}',
    "deep nesting": b"[" * DEEP + b"]" * DEEP,
    "deep objects": b'{"a":' * DEEP + b"1" + b"}" * DEEP,
    "not UTF-8": b'{"purpose": "delivery", "items": "\xff\xfe"}',
    "GB18030": '{"purpose": "delivery", "items": "李雷"}'.encode("gb18030"),
    "UTF-16": json.dumps(BATCH).encode("utf-16"),
    "a byte order mark": b"\xef\xbb\xbf" + json.dumps(BATCH).encode(),
    "a raw NUL": json.dumps(BATCH).encode().replace(b"138", b"138\x00"),
    "a raw control character": json.dumps(BATCH).encode().replace(b"138", b"138\x07"),
    "half a surrogate pair": json.dumps({**BATCH, "items": [{**ITEM, "value": "\ud800"}]}).encode(),
    "half a pair in a name": b'{"purpose": "delivery", "items": [], "\\udfff": 1}',
    "packed": gzip.compress(json.dumps(BATCH).encode()),
}

UNFIT: dict[str, tuple[object, str]] = {
    "a list": ([], "body"),
    "a text": (PHONE, "body"),
    "null": (None, "body"),
    "a number": (7, "body"),
    "no items": ({"purpose": "delivery"}, "items"),
    "items of null": ({"items": None}, "items"),
    "items that are a text": ({"items": PHONE}, "items"),
    "an item that is a text": ({"items": [ITEM, PHONE]}, "items.1"),
    "an unknown field": ({**BATCH, "zhang_san": PHONE}, "*"),
    "an unknown field of an item": ({"items": [{**ITEM, "李雷": PHONE}]}, "items.0.*"),
    "no subject": ({"items": [{"kind": "phone", "value": PHONE}]}, "items.0.subject"),
    "an empty subject": ({"items": [{**ITEM, "subject": ""}]}, "items.0.subject"),
    "a long subject": ({"items": [{**ITEM, "subject": "c" * 65}]}, "items.0.subject"),
    "a subject with a space": ({"items": [{**ITEM, "subject": "李 雷"}]}, "items.0.subject"),
    "a subject with a line end": ({"items": [{**ITEM, "subject": "cust-1\n"}]}, "items.0.subject"),
    "a subject that is a number": ({"items": [{**ITEM, "subject": 13812345678}]}, "items.0.subject"),
    "a kind that is no word": ({"items": [{**ITEM, "kind": PHONE}]}, "items.0.kind"),
    "a value that is a number": ({"items": [{**ITEM, "value": 13812345678}]}, "items.0.value"),
    "a value that is huge": ({"items": [{**ITEM, "value": 10**400}]}, "items.0.value"),
    "a value that is a list": ({"items": [{**ITEM, "value": [PHONE]}]}, "items.0.value"),
    "a long value": ({"items": [{**ITEM, "value": "1" * 8_001}]}, "items.0.value"),
    "a mode that is not one": ({"items": [{**ITEM, "mode": PHONE}]}, "items.0.mode"),
    "an expiry of zero": ({"items": [{**ITEM, "mode": "fresh", "expires_in": 0}]}, "items.0.expires_in"),
    "an expiry beyond time": ({"items": [{**ITEM, "mode": "fresh", "expires_in": 10**30}]}, "items.0.expires_in"),
    "an expiry as a text": ({"items": [{**ITEM, "mode": "fresh", "expires_in": "60"}]}, "items.0.expires_in"),
    "an expiry with a fraction": ({"items": [{**ITEM, "mode": "fresh", "expires_in": 1.5}]}, "items.0.expires_in"),
    "uses below zero": ({"items": [{**ITEM, "mode": "fresh", "max_uses": -1}]}, "items.0.max_uses"),
    "a ref without its type": ({"items": [{**ITEM, "ref": PHONE}]}, "items.0.ref"),
    "a purpose that is no word": ({**BATCH, "purpose": "配送"}, "purpose"),
}


@pytest.mark.parametrize("what", MALFORMED)
def test_a_malformed_body_is_refused_and_stores_nothing(api: Api, what: str) -> None:
    before = api.rows()
    for path in ("/v1/tokenize", "/v1/detokenize", "/v1/search"):
        refused(api.call("POST", path, data=MALFORMED[what]), 400, "malformed_json")
    refused(api.call("PUT", "/v1/subjects/cust-1", data=MALFORMED[what]), 400, "malformed_json")
    assert api.rows() == before


@pytest.mark.parametrize("what", UNFIT)
def test_a_body_that_does_not_fit_names_its_field_and_stores_nothing(api: Api, what: str) -> None:
    body, field = UNFIT[what]
    before = api.rows()
    data = json.dumps(body, ensure_ascii=False).encode()
    answer = api.call("POST", "/v1/tokenize", data=data)
    assert field in refused(answer, 422, "invalid_request")
    assert PHONE not in answer.get_data(as_text=True)
    assert api.rows() == before


def test_one_wrong_item_of_the_envelope_keeps_all_others_from_being_stored(api: Api) -> None:
    before = api.rows()
    good = [{**ITEM, "value": f"138{number:08d}"} for number in range(200)]
    fields = refused(
        api.call("POST", "/v1/tokenize", {"purpose": "delivery", "items": [*good, {}]}), 422, "invalid_request"
    )
    assert set(fields) == {"items.200.subject", "items.200.kind", "items.200.value"}
    assert api.rows() == before


def test_ten_thousand_items_are_taken_and_one_more_is_refused(api: Api, subject: str) -> None:
    items = [{"subject": subject, "kind": "phone", "value": f"137{number:08d}"} for number in range(10_001)]
    before = api.rows()
    fields = refused(api.call("POST", "/v1/tokenize", {"purpose": "delivery", "items": items}), 422, "invalid_request")
    assert set(fields) == {"items"}
    assert api.rows() == before
    answers = api.items("/v1/tokenize", {"purpose": "delivery", "items": items[:-1]})
    assert len({answer["token"] for answer in answers}) == 10_000
    tokens = [{"token": answer["token"]} for answer in answers]
    asked = {"purpose": "delivery", "view": "plain", "items": tokens}
    values = [one["value"] for one in api.items("/v1/detokenize", asked)]
    assert values == [item["value"] for item in items[:-1]]
    refused(api.call("POST", "/v1/detokenize", {**asked, "items": [*tokens, tokens[0]]}), 422, "invalid_request")


def test_a_batch_with_many_faults_names_the_first_hundred(api: Api) -> None:
    fields = refused(api.call("POST", "/v1/tokenize", {"items": [{}] * 1_000}), 422, "invalid_request")
    assert len(fields) == 100


@pytest.mark.parametrize(
    ("kind", "value", "code"),
    [
        ("id_card", "110105194912310021", "wrong_check_digit"),
        ("bank_card", "6222021234567890123", "wrong_check_digit"),
        ("phone", "12345", "not_a_phone"),
        ("email", "li.lei@", "not_an_email"),
        ("name", "\u0000", "control_characters"),
        ("name", "   ", "empty"),
        ("address", "路" * 501, "too_long"),
        ("zhang_san", "x", "unknown_kind"),
    ],
)
def test_a_value_that_does_not_fit_its_kind_fails_in_its_place(
    api: Api, subject: str, kind: str, value: str, code: str
) -> None:
    purpose = "payment" if kind in {"id_card", "bank_card"} else "support"
    wrong = {"subject": subject, "kind": kind, "value": value, "purpose": purpose}
    good = {"subject": subject, "kind": "phone", "value": PHONE, "purpose": "delivery"}
    first, failed, last = api.items("/v1/tokenize", {"items": [good, wrong, good]})
    assert first["token"] == last["token"]
    assert failed["error"]["code"] == code
    assert value.strip() in {"", "x", "\0"} or value not in str(failed)


@pytest.mark.parametrize("personal", [PHONE, "u-138-1234-5678", "11010519491231002X", "4111111111111111"])
def test_an_id_that_reads_as_personal_is_refused_everywhere(api: Api, personal: str) -> None:
    before = api.rows()
    (item,) = api.items("/v1/tokenize", {"purpose": "delivery", "items": [{**ITEM, "subject": personal}]})
    assert item["error"]["code"] == "subject_is_personal"
    (item,) = api.items("/v1/tokenize", {"purpose": "delivery", "items": [{**ITEM, "ref": f"order:{personal}"}]})
    assert item["error"]["code"] == "ref_is_personal"
    profile = {"purpose": "account", "fields": {"phone": PHONE}}
    for method, path, body, field in (
        ("PUT", f"/v1/subjects/{personal}", profile, "subject"),
        ("PUT", "/v1/orders/o-1/assignment", {"courier": personal, "stage": "assigned"}, "courier"),
        ("PUT", f"/v1/orders/{personal}/assignment", {"courier": "rider-1", "stage": "assigned"}, "order"),
    ):
        fields = refused(api.call(method, path, body), 422, "invalid_request")
        assert fields[field][0] in {"subject_is_personal", "ref_is_personal"}
    assert api.rows() == before


def test_a_field_label_that_reads_as_personal_is_refused_and_not_repeated(api: Api, subject: str) -> None:
    before = api.rows()
    body = {"purpose": "account", "fields": {f"phone.{PHONE}": "13912345678"}}
    answer = api.call("PUT", f"/v1/subjects/{subject}", body)
    assert refused(answer, 422, "atomic_batch_failed") == {
        "fields.*": ("field_is_personal", "the field's label reads as a phone, document or card number")
    }
    assert PHONE not in answer.get_data(as_text=True)
    assert api.rows() == before


def test_an_undeclared_purpose_is_refused_and_not_logged(api: Api, subject: str) -> None:
    token = api.token(subject=subject)
    (answer,) = api.items("/v1/detokenize", {"purpose": f"a{PHONE}", "view": "plain", "items": [{"token": token}]})
    assert "error" in answer
    api.call("GET", f"/v1/subjects/{subject}?purpose=a{PHONE}")
    api.call("GET", f"/v1/subjects/nobody?purpose=a{PHONE}")
    log = api.call("GET", "/v1/audit/entries?limit=1000&order=newest", credential=api.role(Role.AUDITOR))
    assert PHONE not in log.get_data(as_text=True)


def test_without_a_credential_there_is_nothing_but_a_challenge(api: Api) -> None:
    for header in (None, "Bearer", "Basic dXNlcjpwYXNz", f"Bearer {PHONE}", "Bearer moat_" + "0" * 49):
        headers = {"Authorization": header} if header else {}
        answer = api.call("POST", "/v1/tokenize", BATCH, credential=None, headers=headers)
        refused(answer, 401, "unauthenticated")
        assert answer.headers["WWW-Authenticate"].startswith("Bearer")


def test_the_wrong_scope_is_forbidden_before_the_body_is_read(api: Api) -> None:
    answer = api.call("POST", "/v1/tokenize", data=b"{", credential=api.role(Role.AUDITOR))
    refused(answer, 403, "forbidden")
    assert answer.json is not None
    assert answer.json["detail"] == "This operation needs the scope vault:tokenize."


@pytest.mark.parametrize(
    "path", ["/v1/nothing", "/v1/tokens", "/v1//tokenize", "/", "/v1/tokens/%00", "/v1/subjects/%FF"]
)
def test_an_unknown_path_is_a_problem(api: Api, path: str) -> None:
    assert api.call("GET", path).status_code in {404, 405, 422}


def test_the_wrong_method_is_told_the_right_ones(api: Api) -> None:
    answer = api.call("GET", "/v1/tokenize")
    refused(answer, 405, "method_not_allowed")
    assert "POST" in answer.headers["Allow"]


@pytest.mark.parametrize("kind", ["text/plain", "application/x-www-form-urlencoded", "application/jsonx", PHONE])
def test_a_body_of_another_type_is_not_looked_at(api: Api, kind: str) -> None:
    data = json.dumps(BATCH).encode()
    answer = api.call("POST", "/v1/tokenize", data=data, headers={"Content-Type": kind})
    refused(answer, 415, "unsupported_media_type")


def test_a_missing_content_type_is_refused(api: Api) -> None:
    answer = api.call("POST", "/v1/tokenize", data=b"{}", headers={"Content-Type": ""})
    refused(answer, 415, "unsupported_media_type")


def test_a_body_beyond_the_bound_is_too_large(api: Api) -> None:
    body = b'{"purpose": "delivery", "items": [' + b" " * (17 << 20) + b"]}"
    refused(api.call("POST", "/v1/tokenize", data=body), 413, "too_large")


@pytest.mark.parametrize(
    "query", ["limit=0", "limit=1001", "limit=x", "cursor=-1", "cursor=99999999999999999999", f"unheard_of={PHONE}"]
)
def test_a_wrong_query_is_named(api: Api, query: str) -> None:
    answer = api.call("GET", f"/v1/audit/entries?{query}", credential=api.role(Role.AUDITOR))
    fields: Any = refused(answer, 422, "invalid_request")
    assert set(fields) <= {"limit", "cursor", "*"}


def test_a_list_is_read_page_by_page_to_its_end(api: Api, subject: str) -> None:
    auditor = api.role(Role.AUDITOR)
    api.token(subject=subject)
    seen: list[int] = []
    cursor: str | None = ""
    while cursor is not None:
        query = f"limit=100&cursor={cursor}" if cursor else "limit=100"
        page: Any = api.call("GET", f"/v1/audit/entries?{query}", credential=auditor).json
        assert set(page) == {"items", "next_cursor"}
        seen += [item["number"] for item in page["items"]]
        cursor = page["next_cursor"]
    assert len(seen) == len(set(seen))
    assert len(seen) > 1
