"""What people write into notes is counted on the way in, and masked in the views that most may see."""

import re
from collections.abc import Sequence

import pytest

from masking.detection.span import Span
from masking.finding import NamesBusyError
from masking.names.pool import NamesPool
from tests.api.conftest import Api

NOTE = "放门口,电话13812345678或微信wx_8349825,找王先生"
BARE = "交给金建国就行,别打电话13812345678"


class Labellers:
    """Stand for the labellers' processes: they know one name, and may be busy."""

    def __init__(self) -> None:
        self.busy = False
        self.asked = 0

    def names(self, texts: Sequence[str]) -> list[list[Span]]:
        self.asked += 1
        if self.busy:
            raise NamesBusyError
        kinds = {"金建国": "name", "王": "name", "杭州市": "place", "望京": "place"}
        return [
            [Span(kinds[one[0]], *one.span(), 0.6) for one in re.finditer("金建国|王(?=先生)|杭州市|望京", text)]
            for text in texts
        ]


@pytest.fixture(autouse=True)
def labellers(monkeypatch: pytest.MonkeyPatch) -> Labellers:
    stand_in = Labellers()
    monkeypatch.setattr(NamesPool, "names", lambda _, texts: stand_in.names(texts))
    return stand_in


@pytest.fixture
def token(api: Api, subject: str) -> str:
    return api.token(NOTE, "note", subject)


def masked(api: Api, token: str) -> str:
    (seen,) = api.items("/v1/detokenize", {"purpose": "delivery", "ref": "order:o-1", "items": [{"token": token}]})
    return str(seen["value"])


def found(api: Api, token: str) -> dict[str, int]:
    counts: dict[str, int] = api.call("GET", f"/v1/tokens/{token}").json["found"]  # type: ignore[index]
    return counts


def test_a_masked_view_of_a_note_hides_what_is_personal_in_it_and_shows_the_rest(api: Api, token: str) -> None:
    assert masked(api, token) == "放门口,电话138****5678或微信w****25,找王**"


def test_what_was_found_in_a_note_is_counted_by_kind(api: Api, token: str) -> None:
    assert found(api, token) == {"name": 1, "phone": 1, "wechat_id": 1}


def test_a_note_with_a_name_that_only_the_labellers_see_is_hidden_whole(api: Api, subject: str) -> None:
    token = api.token(BARE, "note", subject)
    assert masked(api, token) == "***"
    assert found(api, token) == {"name": 1, "phone": 1}
    assert api.seen(token) == [BARE]


def test_a_place_hides_a_note_only_where_its_mask_would_hide_it(api: Api, subject: str) -> None:
    notes = ["送到望京的店", "送到杭州市的店"]
    assert [masked(api, api.token(note, "note", subject)) for note in notes] == ["***", "送到杭州市的店"]


def test_a_note_that_came_while_the_labellers_were_busy_is_hidden_whole(
    api: Api, subject: str, labellers: Labellers
) -> None:
    labellers.busy = True
    token = api.token(NOTE, "note", subject)
    labellers.busy = False
    assert masked(api, token) == "***"
    assert found(api, token) == {"name": 1, "phone": 1, "wechat_id": 1}


@pytest.mark.parametrize("note", ["Leave it with John Smith", "交给金建国*急"])
def test_a_note_that_the_labellers_cannot_read_is_hidden_whole(api: Api, subject: str, note: str) -> None:
    assert masked(api, api.token(note, "note", subject)) == "***"


def test_notes_of_a_batch_are_judged_each_by_itself_and_read_together(
    api: Api, subject: str, labellers: Labellers
) -> None:
    notes = ["放门口就行", BARE, "Ring twice", "别按铃,放快递柜"]
    items = [{"subject": subject, "kind": "note", "value": note} for note in notes]
    issued = api.items("/v1/tokenize", {"purpose": "delivery", "ref": "order:o-1", "items": items})
    assert labellers.asked == 1
    tokens = [one["token"] for one in issued]
    assert api.seen(*tokens, view="masked") == ["放门口就行", "***", "***", "别按铃,放快递柜"]
    assert labellers.asked == 1


def test_a_profile_shows_a_note_as_a_masked_view_does(api: Api, subject: str) -> None:
    fields = {"note": BARE, "note.door": NOTE}
    put = api.call("PUT", f"/v1/subjects/{subject}", {"purpose": "delivery", "fields": fields})
    assert put.status_code == 200, put.text
    shown = api.call("GET", f"/v1/subjects/{subject}?purpose=delivery").json["fields"]  # type: ignore[index]
    assert shown["note"]["masked"] == "***"
    assert shown["note.door"]["masked"] == "放门口,电话138****5678或微信w****25,找王**"


def test_of_other_kinds_nothing_is_counted(api: Api, subject: str) -> None:
    token = api.token("13812345678", "phone", subject)
    assert found(api, token) == {}


def test_a_deleted_note_leaves_no_count(api: Api, token: str) -> None:
    assert api.call("DELETE", f"/v1/tokens/{token}").status_code == 204
    assert api.call("GET", f"/v1/tokens/{token}").status_code == 404
