"""Masks and redaction over HTTP."""

import pytest

from tests.api.conftest import Api, refused

TEXT = "放门口,电话13812345678,张建国收"


def test_values_are_masked_in_order_under_one_profile(api: Api) -> None:
    items = [{"kind": "phone", "value": "13812345678"}, {"kind": "phone", "value": "no phone"}]
    assert api.items("/v1/mask", {"items": items}) == [{"masked": "138****5678"}, {"masked": "***"}]
    waybill = {"items": items[:1], "profile": "waybill"}
    assert api.items("/v1/mask", waybill) == [{"masked": "1*******678"}]


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
    (answer,) = api.items("/v1/redact", {"items": [{"text": "13812345678 " * 5_000}]})
    assert answer == {"text": "***", "spans": [], "hidden": True}


def test_a_call_with_too_much_text_is_refused(api: Api) -> None:
    body = {"items": [{"text": "啊" * 100_000}] * 10 + [{"text": "啊"}]}
    refused(api.call("POST", "/v1/redact", body), 422, "too_much_text")
