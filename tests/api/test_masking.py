"""Masks and redaction over HTTP."""

import re

import orjson
import pytest

from tests.api.conftest import Api, refused
from web.principal import Role, Scope

TEXT = "放门口,电话13812345678,张建国收"


def test_values_are_masked_in_order_under_one_profile(api: Api) -> None:
    items = [{"kind": "phone", "value": "13812345678"}, {"kind": "phone", "value": "no phone"}]
    assert api.items("/v1/mask", {"items": items}) == [{"masked": "138****5678"}, {"masked": "***"}]
    waybill = {"items": items[:1], "profile": "waybill"}
    assert api.items("/v1/mask", waybill) == [{"masked": "1*******678"}]


def test_a_profile_that_nobody_declared_is_refused(api: Api) -> None:
    for path, item in (("/v1/mask", {"kind": "phone", "value": "13812345678"}), ("/v1/redact", {"text": "x"})):
        refused(api.call("POST", path, {"items": [item], "profile": "rider"}), 422, "unknown_profile")
    stream = api.call(
        "POST", "/v1/redact/stream?profile=rider", data=b"{}", headers={"Content-Type": "application/x-ndjson"}
    )
    refused(stream, 422, "unknown_profile")


@pytest.mark.parametrize(
    ("mode", "text"),
    [
        ("mask", "放门口,电话138****5678,张**收"),
        ("replace", "放门口,电话[phone],[name]收"),
        ("report", TEXT),
    ],
)
def test_what_is_found_in_a_text_is_masked_replaced_or_reported(api: Api, mode: str, text: str) -> None:
    (answer,) = api.items("/v1/redact", {"items": [{"text": TEXT}], "mode": mode})
    assert answer["text"] == text
    assert [(span["kind"], TEXT[span["start"] : span["end"]]) for span in answer["spans"]] == [
        ("phone", "13812345678"),
        ("name", "张建国"),
    ]


def test_names_can_be_left_alone(api: Api) -> None:
    (answer,) = api.items("/v1/redact", {"items": [{"text": TEXT}], "names": False})
    assert answer["text"] == "放门口,电话138****5678,张建国收"


def test_a_text_with_too_many_values_is_hidden_whole(api: Api) -> None:
    (answer,) = api.items("/v1/redact", {"items": [{"text": "13812345678 x" * 5_000}]})
    assert answer == {"text": "***", "spans": [], "hidden": True, "language": "en"}


def test_a_call_with_too_much_text_is_refused(api: Api) -> None:
    body = {"items": [{"text": "啊" * 100_000}] * 10 + [{"text": "啊"}]}
    refused(api.call("POST", "/v1/redact", body), 422, "too_much_text")


def test_values_become_tokens_of_the_person_whom_the_text_is_about(api: Api, subject: str) -> None:
    items = [{"text": TEXT, "subject": subject}, {"text": "车牌京A12345在203.0.113.7", "subject": subject}]
    body = {"items": items, "mode": "tokenize", "purpose": "delivery", "ref": "order:o-1"}
    first, second = api.items("/v1/redact", body)
    before, token, after = re.split(r"(tok_[A-Za-z0-9_-]+)", first["text"], maxsplit=1)
    assert before == "放门口,电话"
    assert after.startswith(",tok_")
    assert api.seen(token) == ["13812345678"]
    assert second["text"].endswith("在***")


def test_tokens_need_a_person_a_purpose_and_the_scope(api: Api, subject: str) -> None:
    body = {"items": [{"text": TEXT}], "mode": "tokenize", "purpose": "delivery"}
    refused(api.call("POST", "/v1/redact", body), 422, "tokens_need_more")
    body = {"items": [{"text": TEXT, "subject": subject}], "mode": "tokenize"}
    refused(api.call("POST", "/v1/redact", body), 422, "tokens_need_more")
    only_masking = api.credential(Role.AUDITOR, extra=frozenset({Scope.MASKING_USE}))
    answer = api.call("POST", "/v1/redact", {**body, "purpose": "delivery"}, credential=only_masking)
    refused(answer, 403, "forbidden")


def test_a_stream_is_redacted_line_by_line(api: Api) -> None:
    lines = [orjson.dumps({"text": TEXT}), b"no item", b"", orjson.dumps({"text": "hello"})]
    headers = {"Content-Type": "application/x-ndjson"}
    answer = api.call("POST", "/v1/redact/stream?names=false", data=b"\n".join(lines), headers=headers)
    first, second, third = [orjson.loads(line) for line in answer.data.splitlines()]
    assert first["text"] == "放门口,电话138****5678,张建国收"
    assert second == {"error": {"code": "invalid_item"}}
    assert third == {"text": "hello", "spans": [], "hidden": False, "language": "en"}
