"""What people write into notes is counted on the way in, and masked in the views that most may see."""

import pytest

from tests.api.conftest import Api

NOTE = "放门口,电话13812345678或微信wx_8349825,找王先生"


@pytest.fixture
def token(api: Api, subject: str) -> str:
    return api.token(NOTE, "note", subject)


def test_a_masked_view_of_a_note_hides_what_is_personal_in_it_and_shows_the_rest(api: Api, token: str) -> None:
    (seen,) = api.items("/v1/detokenize", {"purpose": "delivery", "ref": "order:o-1", "items": [{"token": token}]})
    assert seen["value"] == "放门口,电话138****5678或微信w****25,找王**"


def test_what_was_found_in_a_note_is_counted_by_kind(api: Api, token: str) -> None:
    assert api.call("GET", f"/v1/tokens/{token}").json["found"] == {"name": 1, "phone": 1, "wechat_id": 1}  # type: ignore[index]


def test_of_other_kinds_nothing_is_counted(api: Api, subject: str) -> None:
    token = api.token("13812345678", "phone", subject)
    assert api.call("GET", f"/v1/tokens/{token}").json["found"] == {}  # type: ignore[index]


def test_a_deleted_note_leaves_no_count(api: Api, token: str) -> None:
    assert api.call("DELETE", f"/v1/tokens/{token}").status_code == 204
    assert api.call("GET", f"/v1/tokens/{token}").status_code == 404
