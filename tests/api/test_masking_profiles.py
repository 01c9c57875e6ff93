"""The operator's own profiles of masks, by tenant, over HTTP."""

from collections.abc import Iterator

import pytest

from tests.api.conftest import Api, composed, refused

RIDER = "profiles: {default: {rider: {phone: waybill, id_card: hidden}}}"
PHONES = {"items": [{"kind": "phone", "value": "13812345678"}], "profile": "rider"}
ID_CARD = "11010519491231002X"


@pytest.fixture(scope="module")
def api(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Api]:
    place = tmp_path_factory.mktemp("profiles")
    (place / "profiles.yaml").write_text(RIDER)
    with composed(place, None, masking_profiles=place / "profiles.yaml") as made:
        yield made


def test_values_and_texts_are_masked_by_a_profile_of_the_tenant(api: Api) -> None:
    assert api.items("/v1/mask", PHONES) == [{"masked": "1*******678"}]
    asked = {"items": [{"text": f"电话13812345678,身份证{ID_CARD}"}], "profile": "rider", "names": False}
    assert [one["text"] for one in api.items("/v1/redact", asked)] == ["电话1*******678,身份证***"]


def test_what_the_vault_takes_no_token_of_is_masked_by_the_profile_too(api: Api, subject: str) -> None:
    item = {"text": f"身份证{ID_CARD[:-1]}1", "subject": subject}
    asked = {"items": [item], "profile": "rider", "names": False, "mode": "tokenize", "purpose": "delivery"}
    assert [one["text"] for one in api.items("/v1/redact", asked)] == ["身份证***"]


def test_another_tenant_does_not_have_it(api: Api) -> None:
    refused(api.call("POST", "/v1/mask", PHONES, credential=api.foreign), 422, "unknown_profile")
